package io.tidemark.workflow;

import io.temporal.workflow.UpdateMethod;
import io.temporal.workflow.UpdateValidatorMethod;

/**
 * What a person can ask of a run in progress, by the command line or by {@code temporal workflow update execute}. Each
 * update returns a sentence that says what the run does now. It is rejected, with the reason, if it would have no effect.
 */
public interface ControlledRun {
    /** The name of {@link #finish}. */
    String FINISH = "finish";

    /** The name of {@link #skip}. */
    String SKIP = "skip";

    /** The name of {@link #parallel}. */
    String PARALLEL = "parallel";

    /** Starts nothing more; writes and publishes what has been read; leaves the rest to the next run. The run succeeds. */
    @UpdateMethod(name = FINISH, description = "Start nothing more, write and publish what was read, and succeed")
    String finish();

    /** Rejects {@link #finish} if the run cannot be finished. */
    @UpdateValidatorMethod(updateName = FINISH)
    void mayFinish();

    /** Leaves a partition of the input to the next run, even if it is being read. */
    @UpdateMethod(name = SKIP, description = "Leave this partition of the input to the next run")
    String skip(int partition);

    /** Rejects {@link #skip} if the run does not process the partition. */
    @UpdateValidatorMethod(updateName = SKIP)
    void maySkip(int partition);

    /** Changes how many slices the run processes at once, in each group of slices. */
    @UpdateMethod(name = PARALLEL, description = "Process this many slices at once, in each group of 100 slices")
    String parallel(int slices);

    /** Rejects {@link #parallel} if the number is out of bounds. */
    @UpdateValidatorMethod(updateName = PARALLEL)
    void mayParallel(int slices);
}
