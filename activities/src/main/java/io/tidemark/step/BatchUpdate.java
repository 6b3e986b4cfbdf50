package io.tidemark.step;

import io.tidemark.kafka.transaction.FencingProducer;
import io.tidemark.run.SliceRef;
import io.tidemark.run.StagedRange;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.PartitionProgress.Batch;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The changes of one partition's batch. It is complete before any part of it is sent, so that a partition that fails adds
 * nothing to the transaction.
 */
interface BatchUpdate {
    StagedRange staged();

    /** Returns the size of the headers, keys and values of all its records, in bytes. */
    long payload();

    /** Sends its records, all but the progress. */
    void sendTo(FencingProducer producer);

    /**
     * Receives where its records are.
     *
     * @param offsets of all records of the transaction so far, in the order in which they were sent
     */
    void sentAt(List<Long> offsets);

    /** Returns the progress after this batch. Must be called after {@link #sentAt}. */
    PartitionProgress progress();

    /** Returns the leader epoch after a batch. One that only closes windows has read nothing. */
    static int leaderEpoch(PartitionProgress before, StagedRange staged) {
        return staged.range().length() == 0 ? before.leaderEpoch() : staged.leaderEpoch();
    }

    /** Returns the account of a batch, as it is stored. */
    static Batch batch(
            SliceRef slice,
            PartitionProgress before,
            StagedRange staged,
            long rows,
            long finalRows,
            long closedWindows,
            long outputEnd) {
        Batch last = before.last();
        return new Batch(
                staged.range().from(),
                staged.range().to(),
                slice.runId(),
                staged.counts(),
                rows,
                finalRows,
                closedWindows,
                badBefore(slice, last) + staged.counts().bad(),
                Math.max(staged.newest(), last == null ? -1 : last.newest()),
                staged.range().length() == 0 && last != null ? last.logStart() : staged.logStart(),
                System.currentTimeMillis(),
                outputEnd);
    }

    /** Returns the bad records of the partition in earlier batches of this run. */
    static long badBefore(SliceRef slice, @Nullable Batch last) {
        return last != null && last.runId().equals(slice.runId()) ? last.badInRun() : 0;
    }
}
