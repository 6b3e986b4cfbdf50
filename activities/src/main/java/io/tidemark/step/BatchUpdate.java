package io.tidemark.step;

import io.tidemark.kafka.transaction.FencingProducer;
import io.tidemark.run.FailureKind;
import io.tidemark.run.SliceRef;
import io.tidemark.run.StagedRange;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.PartitionProgress.Batch;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The changes of one partition's batch. It is complete before any part of it is sent, so that a partition that fails adds
 * nothing to the transaction.
 */
interface BatchUpdate {
    /**
     * Size of a record with cells. Well below the brokers' default limit for a message (1 MiB), and large enough that a
     * window of many cells has few of them.
     */
    int CHUNK_BYTES = 256 * 1024;

    /** Estimated memory of a record besides its payload, in bytes: array headers and the future of its offset. */
    int RECORD_OVERHEAD = 200;

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

    /** Fails if a batch does not account for all its offsets, or if the run has more bad records than the job allows. */
    static void requireWritable(SliceRef slice, StagedRange staged, PartitionProgress before) {
        String topic = slice.job().input().topic();
        staged.requireReconciled(topic);
        long bad = staged.counts().bad() + badBefore(slice, before.last());
        long limit = slice.job().badRecords().limit();
        if (bad > limit) {
            throw new TidemarkException(
                    FailureKind.TOO_MANY_BAD_RECORDS,
                    topic + "[" + staged.range().partition() + "]: " + bad
                            + " bad records in this run, and badRecords.limit is " + limit);
        }
    }

    /** Returns the bad records of the partition in earlier batches of this run. */
    static long badBefore(SliceRef slice, @Nullable Batch last) {
        return last != null && last.runId().equals(slice.runId()) ? last.badInRun() : 0;
    }
}
