package io.tidemark.step;

import io.tidemark.check.IdentityCheck;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.job.Stage;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionProblem;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.PartitionVerdict.Closed;
import io.tidemark.run.PartitionVerdict.Verdict;
import io.tidemark.run.SliceRef;
import io.tidemark.run.StagedRange;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.Mark;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.PartitionProgress.Batch;
import io.tidemark.state.RecordCounts;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Compares the batches of a slice with the stored progress, and makes their verdicts. A batch has two numbers to compare: its
 * first offset, and which windows are closed for its records. A batch without offsets, which only closes windows, differs
 * from the batch before it by the second one alone.
 */
public final class Verdicts {
    private final SliceRef slice;
    private final JobSpec job;
    private final IdentityCheck identity;
    private final CloseTarget target;

    Verdicts(SliceRef slice) {
        this.slice = slice;
        this.job = slice.job();
        this.identity = new IdentityCheck(job);
        this.target = new CloseTarget(job);
    }

    /** Fails if the delta was made for a job of another meaning. */
    void requireSameMeaning() {
        String now = identity.fingerprint().hash();
        if (!now.equals(slice.identity().fingerprint())) {
            throw new TidemarkException(
                    FailureKind.JOB_CHANGED,
                    "the delta was computed for the fingerprint "
                            + slice.identity().fingerprint() + ", but job "
                            + slice.job().name()
                            + " has the fingerprint " + now + "; start the run again");
        }
    }

    /** Returns null if the batch takes part: it begins exactly where the progress ends. Otherwise the verdict. */
    @Nullable
    PartitionVerdict decide(StagedRange staged, @Nullable PartitionProgress stored) {
        PartitionRange range = staged.range();
        String where = job.input().topic() + "[" + range.partition() + "]";
        if (stored == null) {
            return failed(
                    range,
                    range.begin(),
                    new TidemarkException(
                            FailureKind.STATE_LOST,
                            where + ": the plan found progress in the state topic " + JobNames.stateTopic(job)
                                    + ", but it is no longer there: the running totals are lost. To compute"
                                    + " them again, give the job a new name"));
        }
        try {
            identity.require(slice.identity(), range.partition(), stored);
        } catch (TidemarkException e) {
            return failed(range, stored.mark(), e);
        }
        Mark begin = range.begin();
        Mark mark = stored.mark();
        if (mark.through() < begin.through() || mark.closedBefore() < begin.closedBefore()) {
            return failed(range, mark, new TidemarkException(FailureKind.STATE_LOST, where + lost(begin, mark)));
        }
        if (mark.equals(begin)) {
            // Asked before whether the range is done: a batch without offsets begins and ends at the same offset.
            long toClose = target.of(range, Merge.watermark(stored, staged));
            if (job.stage() == Stage.TOTALS && staged.counts().lost() > 0) {
                return failed(range, mark, partialsLost(where, staged));
            }
            if (range.length() > 0 || toClose > mark.closedBefore()) {
                return null;
            }
        }
        long toClose = target.of(range, stored.windows().watermark());
        boolean done = mark.through() >= range.to()
                && (mark.closedBefore() >= toClose || target.isByEventTime() && range.length() > 0);
        Batch last = stored.last();
        // An earlier attempt of this run may have committed this batch, with its result lost. It may have read less
        // than this attempt.
        boolean ours = last != null
                && last.runId().equals(slice.runId())
                && last.from() == range.from()
                && last.to() <= range.to()
                && !mark.equals(begin);
        return verdict(
                done ? Verdict.DONE_BEFORE : Verdict.STALE, range, mark, toClose, last != null && ours ? last : null);
    }

    /** The topic of partial totals is the only copy until they are added to the totals. */
    private static TidemarkException partialsLost(String where, StagedRange staged) {
        return new TidemarkException(
                FailureKind.PARTIALS_LOST,
                where + ": " + staged.counts().lost() + " offsets from "
                        + staged.range().from()
                        + " on were removed before they were added to the totals. Did somebody delete records of the topic,"
                        + " or change its retention? To compute the totals again, give the job a new name and a new"
                        + " output.topic");
    }

    private static String lost(Mark begin, Mark stored) {
        String difference = stored.through() < begin.through()
                ? "begins at offset " + begin.through() + ", but the stored progress ends at " + stored.through()
                : "found windows closed before " + time(begin.closedBefore()) + ", but the stored progress has "
                        + (stored.closedBefore() == Mark.NOTHING_CLOSED
                                ? "none closed"
                                : "them closed before " + time(stored.closedBefore()));
        return ": the plan " + difference
                + ": the state topic has lost records. To compute the totals again, give the job a new name";
    }

    private static String time(long millis) {
        return Instant.ofEpochMilli(millis).toString();
    }

    private PartitionVerdict verdict(
            Verdict verdict, PartitionRange range, Mark mark, long toClose, @Nullable Batch batch) {
        Closed closed = job.close() == null
                ? null
                : new Closed(
                        mark.closedBefore(),
                        toClose,
                        batch == null ? 0 : batch.closedWindows(),
                        batch == null ? 0 : batch.finalRows());
        return new PartitionVerdict(
                range.partition(),
                verdict,
                mark.through(),
                batch == null ? RecordCounts.NONE : batch.counts(),
                batch == null ? 0 : batch.rows(),
                closed,
                null);
    }

    /** Returns the verdict of a batch that was committed with this progress. */
    PartitionVerdict done(PartitionRange range, PartitionProgress stored) {
        return verdict(
                Verdict.DONE,
                range,
                stored.mark(),
                target.of(range, stored.windows().watermark()),
                stored.last());
    }

    /** Returns the verdict of a batch whose staged files are gone. */
    PartitionVerdict stagedLost(PartitionRange range) {
        return verdict(Verdict.STAGED_LOST, range, range.begin(), range.target(), null);
    }

    /** @param mark how far the partition is processed */
    PartitionVerdict failed(PartitionRange range, Mark mark, TidemarkException why) {
        PartitionVerdict failed = verdict(Verdict.FAILED, range, mark, range.target(), null);
        return new PartitionVerdict(
                failed.partition(),
                failed.verdict(),
                failed.through(),
                failed.counts(),
                failed.rows(),
                failed.closed(),
                new PartitionProblem(range.partition(), why.kind(), String.valueOf(why.getMessage())));
    }
}
