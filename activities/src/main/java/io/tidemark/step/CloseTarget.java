package io.tidemark.step;

import io.tidemark.job.CloseSpec;
import io.tidemark.job.JobSpec;
import io.tidemark.job.Scope;
import io.tidemark.run.PartitionRange;
import io.tidemark.state.Mark;
import io.tidemark.state.Windows;
import io.tidemark.window.WindowAssigner;
import org.jspecify.annotations.Nullable;

/** Says which windows of a partition a batch may close. Not safe for use by several threads. */
final class CloseTarget {
    private final @Nullable CloseSpec close;
    private final WindowAssigner windows;
    private final boolean isByEventTime;

    CloseTarget(JobSpec job) {
        close = job.close();
        // With rows over all partitions, the plan decides it for all of them.
        isByEventTime = close != null && close.by() == CloseSpec.By.EVENT_TIME && job.scope() == Scope.PARTITION;
        windows = WindowAssigner.of(job.window());
    }

    /** Whether windows close by the event time of the records of their partition. */
    boolean isByEventTime() {
        return isByEventTime;
    }

    /**
     * Returns the start of the first window that stays open, by the range that the plan has made or by the event times.
     *
     * @param watermark the greatest event time of the partition, or {@link Windows#NO_RECORD}
     */
    long of(PartitionRange range, long watermark) {
        if (close == null || !isByEventTime) {
            return range.target();
        }
        return watermark == Windows.NO_RECORD ? Mark.NOTHING_CLOSED : windows.oldestOpen(watermark, close.after());
    }
}
