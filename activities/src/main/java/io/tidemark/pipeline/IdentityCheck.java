package io.tidemark.pipeline;

import io.tidemark.job.JobFingerprint;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.InputProblems;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PlanIdentity;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.PartitionProgress;

/** Do the stored totals belong to this job, these topics and this layout? */
final class IdentityCheck {
    private IdentityCheck() {}

    static void check(JobSpec job, PlanIdentity expected, int partition, PartitionProgress stored) {
        String input = job.input().topic();
        PlanIdentity found = stored.identity();
        requireSameMeaning(job, partition, stored);
        if (!found.inputId().equals(expected.inputId())) {
            throw InputProblems.recreated(input, found.inputId(), expected.inputId());
        }
        if (!found.outputId().equals(expected.outputId())) {
            throw InputProblems.recreated(job.output().topic(), found.outputId(), expected.outputId());
        }
        if (!found.stateId().equals(expected.stateId())) {
            throw InputProblems.recreated(JobNames.stateTopic(job.name()), found.stateId(), expected.stateId());
        }
        if (!found.fingerprint().equals(expected.fingerprint())
                || found.generation() != expected.generation()
                || stored.partitionsPerSlice() != job.partitionsPerSlice()) {
            throw new TidemarkException(
                    FailureKind.STATE_UNREADABLE,
                    "the progress of " + input + "[" + partition + "] has fingerprint " + found.fingerprint()
                            + ", generation " + found.generation() + ", partitionsPerSlice "
                            + stored.partitionsPerSlice() + "; the plan has " + expected.fingerprint() + ", "
                            + expected.generation() + ", " + job.partitionsPerSlice() + ". Run again, to plan anew");
        }
    }

    static void requireSameMeaning(JobSpec job, int partition, PartitionProgress stored) {
        JobFingerprint.of(job).differenceFrom(stored.meaning()).ifPresent(difference -> {
            throw new TidemarkException(
                    FailureKind.JOB_CHANGED,
                    "job " + job.name() + " has changed since its totals for "
                            + job.input().topic() + "[" + partition
                            + "] were made: " + difference + ". Totals of two meanings cannot be added: change it back,"
                            + " or give the job a new name to start anew");
        });
    }
}
