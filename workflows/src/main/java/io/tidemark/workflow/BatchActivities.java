package io.tidemark.workflow;

import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;
import io.tidemark.job.JobSpec;
import io.tidemark.run.CommitResult;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.ProduceResult;
import io.tidemark.run.RunPlan;
import io.tidemark.run.SliceRef;
import io.tidemark.run.Staged;
import io.tidemark.state.PlanIdentity;
import java.util.List;

/**
 * The five steps of a run. They fail with an {@code ApplicationFailure} whose type is the name of a
 * {@link io.tidemark.run.FailureKind}, non-retryable where another attempt could not end otherwise.
 *
 * <p>Only {@code produce} has an effect on the output, only under its slice's transactional id; every step may be made
 * again at any time, by any number of workers at once.
 */
@ActivityInterface
public interface BatchActivities {

    /**
     * Finds what is new in each partition, checks that the job, the topics and the stored progress fit together, and
     * registers partitions that it sees for the first time.
     */
    @ActivityMethod(name = "listPartitions")
    RunPlan listPartitions(JobSpec job);

    /**
     * Reads ranges and folds their records into partial aggregates, staged on this host. Ends after about a minute, so
     * that a retry has little to repeat: what was not reached is missing from the result and has to be asked for again.
     *
     * @param split number of the split within its slice, for names
     * @param ranges what to read
     * @param beginBefore who gets to it later does not begin, and gives back that nothing was read: in milliseconds since
     *     the epoch, by the worker's clock, which need only be about right; 0 for no such time
     */
    @ActivityMethod(name = "consume")
    Staged consume(SliceRef slice, int split, List<PartitionRange> ranges, long beginBefore);

    /**
     * Merges the staged partials of a slice into this batch's aggregates, staged on this host. The ranges of a partition
     * must touch each other, and become one.
     */
    @ActivityMethod(name = "aggregate")
    Staged aggregate(SliceRef slice, List<Staged> partials);

    /**
     * Adds this batch's aggregates to the stored totals, in one transaction with the rows that they change, the dead
     * letters and the progress; or finds, partition by partition, that it must not.
     */
    @ActivityMethod(name = "produce")
    ProduceResult produce(SliceRef slice, Staged delta);

    /** Publishes the stored progress of every partition as the offsets of the job's consumer group. */
    @ActivityMethod(name = "commitOffsets")
    CommitResult commitOffsets(JobSpec job, String runId, PlanIdentity identity);
}
