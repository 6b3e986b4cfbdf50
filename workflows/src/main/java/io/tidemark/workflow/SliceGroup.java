package io.tidemark.workflow;

import io.tidemark.job.JobSpec;
import io.tidemark.run.PartitionRange;
import io.tidemark.state.PlanIdentity;
import java.util.List;

/**
 * Slices of one run that one workflow looks after.
 *
 * @param job the job
 * @param runId Temporal's run id of the run's body
 * @param identity what the plan was made against
 * @param ranges what to read, by rising partition; the job says which partitions make a slice
 * @param deadline when the time of the run is over, in milliseconds since the epoch
 * @param budgetEnd from when on nothing more is begun, in milliseconds since the epoch, or 0 where that is the deadline
 * @param owed whether the first slice is begun all the same, so that the run gets somewhere however little time it has
 */
public record SliceGroup(
        JobSpec job,
        String runId,
        PlanIdentity identity,
        List<PartitionRange> ranges,
        long deadline,
        long budgetEnd,
        boolean owed) {
    /** Copies the list. */
    public SliceGroup {
        ranges = List.copyOf(ranges);
    }

    /** A part of the group. */
    SliceGroup of(List<PartitionRange> some, boolean isOwed) {
        return new SliceGroup(job, runId, identity, some, deadline, budgetEnd, isOwed);
    }
}
