package io.tidemark.step;

import io.tidemark.run.PartitionRange;
import java.util.List;

/** Hears from a step how far it is, and may stop it. Called often; must be cheap. */
@FunctionalInterface
public interface StepProgress {
    /** Hears nothing, stops nothing. */
    StepProgress NONE = (remaining, records) -> {};

    /**
     * Called between two units of work.
     *
     * @param remaining what is left of each range that is being read; empty outside {@code consume}
     * @param records records seen so far
     * @throws RuntimeException to end the step, as when it was cancelled
     */
    void report(List<PartitionRange> remaining, long records);
}
