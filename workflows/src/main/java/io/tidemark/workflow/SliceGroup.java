package io.tidemark.workflow;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.tidemark.job.JobSpec;
import io.tidemark.run.PartitionRange;
import io.tidemark.state.PlanIdentity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The slices of a run that one workflow processes. The input of {@link PartitionGroupWorkflow}.
 *
 * @param job the job
 * @param runId Temporal's run id of the run's body
 * @param identity fingerprint of the job and ids of the topics when the plan was made
 * @param ranges ranges to read, by ascending partition; {@link JobSpec#sliceOf} maps partitions to slices
 * @param deadline end of the time of the run, in milliseconds since the epoch
 * @param budgetEnd end of the budget of time, after which nothing more is started, in milliseconds since the epoch; 0
 *     if there is none
 * @param owed whether the first slice is started even if the budget is used up, so that every run makes progress
 * @param time how long the run may take, in milliseconds: {@code limits.time}, or less because of its run timeout; 0 if a
 *     worker of 0.1 started the run
 * @param groups how many groups of the run are processed at once; 0 if a worker of 0.1 started the run
 * @param orders what was asked of the run before the group started; null if nothing
 */
public record SliceGroup(
        JobSpec job,
        String runId,
        PlanIdentity identity,
        List<PartitionRange> ranges,
        long deadline,
        long budgetEnd,
        boolean owed,
        long time,
        int groups,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable RunOrders orders) {
    /** Copies the list. */
    public SliceGroup {
        ranges = List.copyOf(ranges);
    }

    /** Returns a group with some of the ranges, one of several that are processed at once. */
    SliceGroup of(List<PartitionRange> some, boolean isOwed, int atOnce, @Nullable RunOrders asked) {
        return new SliceGroup(job, runId, identity, some, deadline, budgetEnd, isOwed, time, atOnce, asked);
    }
}
