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
 * The five activities of a run. They fail with an {@code ApplicationFailure} whose type is the name of a {@link
 * io.tidemark.run.FailureKind}; it is non-retryable if another attempt would fail in the same way.
 *
 * <p>Only {@code produce} changes the output, and only under its slice's transactional id. Every activity may be
 * repeated at any time, also by several workers at once.
 */
@ActivityInterface
public interface BatchActivities {
    /**
     * Most activities of one run at once on the queues of all hosts together: 4 groups of 50 slices, or fewer slices with
     * several splits each.
     */
    int MOST_ON_HOSTS = 200;

    /**
     * Finds the new offsets of each partition, checks that the job, the topics and the stored progress match, and
     * registers partitions that have no stored progress yet.
     *
     * @param nominal the nominal time of the run, in milliseconds since the epoch; 0 if the caller does not know it, as in
     *     version 0.1: then the time at which the activity was scheduled
     */
    @ActivityMethod(name = "listPartitions")
    RunPlan listPartitions(JobSpec job, long nominal);

    /**
     * Reads ranges, folds their records into partial aggregates, and writes these to files on this host. Stops reading
     * after about a minute, so that a retry has little to repeat. The result lists the ranges that were read; the
     * caller asks again for the rest.
     *
     * @param split number of the split within its slice; part of the file names
     * @param ranges ranges to read
     * @param beginBefore latest time to start reading, in milliseconds since the epoch; 0 for no limit. An activity
     *     that starts later reads nothing. It compares with the clock of the worker, which may be off by seconds.
     */
    @ActivityMethod(name = "consume")
    Staged consume(SliceRef slice, int split, List<PartitionRange> ranges, long beginBefore);

    /**
     * Merges the partial aggregates of a slice into this batch's aggregates, and writes these to a file on this host.
     * The ranges of each partition must be contiguous; the result has one range for each partition.
     */
    @ActivityMethod(name = "aggregate")
    Staged aggregate(SliceRef slice, List<Staged> partials);

    /**
     * Adds this batch's aggregates to the stored totals. One transaction contains the changed rows, the dead letters
     * and the progress. It leaves out each partition whose stored progress does not allow it; the verdict of that
     * partition says why.
     */
    @ActivityMethod(name = "produce")
    ProduceResult produce(SliceRef slice, Staged delta);

    /** Publishes the stored progress of every partition as offsets of the job's consumer group. */
    @ActivityMethod(name = "commitOffsets")
    CommitResult commitOffsets(JobSpec job, String runId, PlanIdentity identity);
}
