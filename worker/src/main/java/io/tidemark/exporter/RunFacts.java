package io.tidemark.exporter;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What Temporal's list of workflows knows of the body of a run.
 *
 * @param end when it ended, or null while it is in progress
 * @param outcome how it ended, or null while it is in progress
 */
record RunFacts(
        String job,
        String runId,
        String taskQueue,
        Instant start,
        @Nullable Instant end,
        @Nullable Outcome outcome) {
    /** How a run can end; the same words as in {@code tidemark_runs_total}. */
    enum Outcome {
        DONE,
        /** Some partitions failed, others reached their planned end. Temporal's list says only that the run failed. */
        PARTIAL,
        FAILED,
        CANCELLED
    }

    /** Returns the time from start to end, or null while the run is in progress. */
    @Nullable
    Duration took() {
        return end == null ? null : Duration.between(start, end);
    }
}
