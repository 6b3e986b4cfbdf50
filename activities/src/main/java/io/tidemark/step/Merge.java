package io.tidemark.step;

import io.tidemark.aggregate.CellTable;
import io.tidemark.job.JobSpec;
import io.tidemark.job.OutputSpec.Emit;
import io.tidemark.run.StagedRange;
import io.tidemark.state.PartitionProgress;
import io.tidemark.window.RowWindows;

/**
 * The delta of one partition, and what it does with the stored totals.
 *
 * @param watermark the greatest event time after the batch
 */
record Merge(
        StagedRange staged,
        PartitionProgress before,
        CellTable delta,
        Closes closes,
        long watermark,
        TouchedChunks chunks) {

    static Merge of(
            JobSpec job,
            RowWindows windows,
            CloseTarget target,
            StagedRange staged,
            PartitionProgress before,
            CellTable delta) {
        long watermark = watermark(before, staged);
        Closes closes = Closes.of(job, windows, before, delta, target.of(staged.range(), watermark));
        return new Merge(
                staged,
                before,
                delta,
                closes,
                watermark,
                new TouchedChunks(windows, before, delta, closes, job.output().emit() == Emit.FINAL));
    }

    /** Returns the greatest event time after a batch. */
    static long watermark(PartitionProgress before, StagedRange staged) {
        Long time = staged.eventTime();
        long stored = before.windows().watermark();
        return time == null ? stored : Math.max(stored, time);
    }

    int partition() {
        return staged.range().partition();
    }

    /** Returns the number of stored cells that are read, about. */
    long cells() {
        return chunks.wanted().stream()
                .mapToLong(each -> Closes.cells(before, each))
                .sum();
    }
}
