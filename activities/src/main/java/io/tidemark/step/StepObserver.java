package io.tidemark.step;

import io.tidemark.job.JobSpec;
import io.tidemark.run.PartitionVerdict;
import java.util.List;

/**
 * Receives what the steps of a worker did, for its metrics. Called on the thread of the step, so it must be cheap, safe for
 * use by several threads, and must not throw.
 */
public interface StepObserver {
    /** Ignores everything. */
    StepObserver NONE = new StepObserver() {
        @Override
        public void worked(Step step, JobSpec job, long nanos) {}

        @Override
        public void written(JobSpec job, List<PartitionVerdict> verdicts) {}
    };

    /** The steps of a run. */
    enum Step {
        /** Makes the plan. */
        LIST,
        /** Reads and folds a split. */
        CONSUME,
        /** Merges the splits of a slice. */
        AGGREGATE,
        /** Writes the rows and the progress of a slice. */
        PRODUCE,
        /** Publishes the offsets. */
        COMMIT
    }

    /**
     * Called when an attempt of a step has succeeded.
     *
     * @param nanos time that it worked, without the wait for its turn
     */
    void worked(Step step, JobSpec job, long nanos);

    /** Called when an attempt has written a slice, or found it written. */
    void written(JobSpec job, List<PartitionVerdict> verdicts);
}
