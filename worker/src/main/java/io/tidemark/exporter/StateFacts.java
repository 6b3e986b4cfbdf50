package io.tidemark.exporter;

import io.tidemark.state.PartitionProgress;
import java.time.Instant;
import java.util.Collection;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What the state topic of a job says.
 *
 * @param cells cells of all partitions
 * @param bytes bytes of their stored totals; empty if one does not say
 * @param limitRatio share of {@code limits.cells} or {@code limits.bytes} that the fullest partition uses; null if the
 *     limits are not known
 * @param lastBatch when the last batch was committed; null if there was none
 */
record StateFacts(
        long cells,
        OptionalLong bytes,
        @Nullable Double limitRatio,
        @Nullable Instant lastBatch) {
    /**
     * What the exporter keeps of a partition's progress record.
     *
     * @param through the next offset to read
     * @param bytes bytes of the stored totals, or -1
     * @param logStart where the input's log began at the last batch, or -1
     * @param at time of the last batch in milliseconds since the epoch, or -1
     */
    record Progress(long through, long cells, long bytes, long logStart, long at) {
        static Progress of(PartitionProgress stored) {
            PartitionProgress.Batch last = stored.last();
            return new Progress(
                    stored.through(),
                    stored.cells(),
                    stored.bytes(),
                    last == null ? -1 : last.logStart(),
                    last == null ? -1 : last.at());
        }
    }

    static StateFacts of(Collection<Progress> partitions, WatchedJob job) {
        boolean bytesKnown = partitions.stream().allMatch(each -> each.bytes() >= 0);
        long last = partitions.stream().mapToLong(Progress::at).max().orElse(-1);
        return new StateFacts(
                partitions.stream().mapToLong(Progress::cells).sum(),
                bytesKnown
                        ? OptionalLong.of(
                                partitions.stream().mapToLong(Progress::bytes).sum())
                        : OptionalLong.empty(),
                job.cells() > 0 && job.bytes() > 0
                        ? partitions.stream()
                                .mapToDouble(each -> Math.max(
                                        (double) each.cells() / job.cells(), (double) each.bytes() / job.bytes()))
                                .max()
                                .orElse(0)
                        : null,
                last < 0 ? null : Instant.ofEpochMilli(last));
    }
}
