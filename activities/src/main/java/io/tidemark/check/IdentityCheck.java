package io.tidemark.check;

import io.tidemark.job.JobFingerprint;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.job.OutputSpec.Emit;
import io.tidemark.kafka.input.InputProblems;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.Mark;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.PlanIdentity;
import java.time.Instant;

/** Checks that stored totals belong to this job, these topics and this layout. One instance serves many partitions. */
public final class IdentityCheck {
    private final JobSpec job;
    private final JobFingerprint fingerprint;

    public IdentityCheck(JobSpec job) {
        this.job = job;
        this.fingerprint = JobFingerprint.of(job);
    }

    public JobFingerprint fingerprint() {
        return fingerprint;
    }

    /** Makes all checks of this class. */
    public void require(PlanIdentity expected, int partition, PartitionProgress stored) {
        requireSameMeaning(partition, stored);
        requireSameTopics(expected, partition, stored);
    }

    /** Requires that the totals were made with the plan's topics and layout, and that the plan belongs to this job. */
    public void requireSameTopics(PlanIdentity expected, int partition, PartitionProgress stored) {
        String input = job.input().topic();
        PlanIdentity found = stored.identity();
        if (!found.inputId().equals(expected.inputId())) {
            throw InputProblems.recreated(input, found.inputId(), expected.inputId());
        }
        if (!found.outputId().equals(expected.outputId())) {
            throw InputProblems.recreated(JobNames.resultTopic(job), found.outputId(), expected.outputId());
        }
        if (!found.stateId().equals(expected.stateId())) {
            throw InputProblems.recreated(JobNames.stateTopic(job), found.stateId(), expected.stateId());
        }
        if (!found.fingerprint().equals(expected.fingerprint())
                || found.generation() != expected.generation()
                || stored.partitionsPerSlice() != job.partitionsPerSlice()) {
            throw new TidemarkException(
                    FailureKind.STATE_UNREADABLE,
                    "the progress of " + input + "[" + partition + "] has fingerprint " + found.fingerprint()
                            + ", generation " + found.generation() + ", partitionsPerSlice "
                            + stored.partitionsPerSlice() + "; the plan has " + expected.fingerprint() + ", "
                            + expected.generation() + ", " + job.partitionsPerSlice() + ". Start the run again");
        }
    }

    /** Requires that the totals have the meaning that the job now defines, and that its closed windows stay closed. */
    public void requireSameMeaning(int partition, PartitionProgress stored) {
        long closedBefore = stored.windows().closedBefore();
        if (job.close() == null && closedBefore != Mark.NOTHING_CLOSED) {
            throw new TidemarkException(
                    FailureKind.JOB_CHANGED,
                    "job " + job.name() + " has no close, but earlier runs closed the windows of "
                            + job.input().topic() + "[" + partition + "] that start before "
                            + Instant.ofEpochMilli(closedBefore)
                            + ". Their totals are gone, so a record of such a window would begin its row anew. Put close back"
                            + " into the job, or give the job a new name to compute the totals again");
        }
        if (stored.windows().rowless() && job.output().emit() != Emit.FINAL) {
            throw new TidemarkException(
                    FailureKind.JOB_CHANGED,
                    "job " + job.name()
                            + " no longer has output.emit: final, but earlier runs had it, so open windows of "
                            + job.input().topic() + "[" + partition
                            + "] have totals without rows. With output.emit: changes, a group without new records would never"
                            + " get its row. Set output.emit: final again, or give the job a new name to compute the totals"
                            + " again");
        }
        fingerprint.differenceFrom(stored.meaning()).ifPresent(difference -> {
            throw new TidemarkException(
                    FailureKind.JOB_CHANGED,
                    "job " + job.name() + " has changed since its totals for "
                            + job.input().topic() + "[" + partition
                            + "] were made: " + difference
                            + ". Totals of different meaning cannot be added. Undo the change,"
                            + " or give the job a new name and a new output.topic to compute the totals again");
        });
    }
}
