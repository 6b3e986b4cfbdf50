package io.tidemark.step;

import io.tidemark.run.PartitionRange;
import java.util.List;

/** Receives a step's progress, and may end the step. Called often, so it must be cheap. */
@FunctionalInterface
public interface StepProgress {
    /** Ignores all reports. */
    StepProgress NONE = (remaining, records) -> {};

    /**
     * Called between two units of work.
     *
     * @param remaining the unread part of each range; empty outside {@code consume}
     * @param records number of records that were read
     * @throws RuntimeException to end the step, for example after a cancellation
     */
    void report(List<PartitionRange> remaining, long records);
}
