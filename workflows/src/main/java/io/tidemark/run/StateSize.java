package io.tidemark.run;

import io.tidemark.state.PartitionProgress;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * How large the stored totals of a job are, those of all partitions together.
 *
 * @param cells their cells
 * @param bytes their bytes, or null if they are not known: progress of version 1 does not say them, which a partition has
 *     whose job has no {@code close}, no aggregates of variable size, and no large windows
 */
public record StateSize(long cells, @Nullable Long bytes) {
    /** Returns the size of the totals of these partitions. */
    public static StateSize of(Collection<PartitionProgress> partitions) {
        boolean known = partitions.stream().allMatch(each -> each.bytes() >= 0);
        return new StateSize(
                partitions.stream().mapToLong(PartitionProgress::cells).sum(),
                known
                        ? (Long) partitions.stream()
                                .mapToLong(PartitionProgress::bytes)
                                .sum()
                        : null);
    }

    /** Returns the sum of both sizes. */
    public StateSize plus(StateSize other) {
        return new StateSize(cells + other.cells, bytes == null || other.bytes == null ? null : bytes + other.bytes);
    }
}
