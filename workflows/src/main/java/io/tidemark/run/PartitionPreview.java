package io.tidemark.run;

import org.jspecify.annotations.Nullable;

/**
 * What a run would do with one partition.
 *
 * @param first whether no run has registered the partition: the run would read it for the first time
 * @param from the first offset that the run would read
 * @param to the offset after the last one; {@code from} if the run would read nothing
 * @param lost offsets from {@code from} that retention removed before they were read
 * @param heldBack offsets that cannot be read yet, because they are behind an open transaction
 * @param firstTime Kafka timestamp of the first record, in milliseconds since the epoch, or -1 if it is not known
 * @param lastTime the same of the last record
 * @param closes whether the run would close windows that it knows of before it reads
 * @param problem why the run would refuse the partition, or null
 */
public record PartitionPreview(
        int partition,
        boolean first,
        long from,
        long to,
        long lost,
        long heldBack,
        long firstTime,
        long lastTime,
        boolean closes,
        @Nullable PartitionProblem problem) {
    /** Returns the number of offsets that the run would read. The number of records may be lower. */
    public long length() {
        return to - from;
    }

    /** Whether the run would leave the partition as it is. */
    public boolean isIdle() {
        return length() == 0 && !closes && problem == null;
    }
}
