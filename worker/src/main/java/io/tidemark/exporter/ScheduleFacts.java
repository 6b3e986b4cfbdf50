package io.tidemark.exporter;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What Temporal knows of a schedule.
 *
 * @param job the job that it passes to each run
 * @param next its next times, also while it is paused
 * @param missed runs that were not started within the catch-up window
 * @param skipped runs that were not started because another one was in progress
 * @param runTimeout the run timeout of its runs, or null if they have none
 */
record ScheduleFacts(
        WatchedJob job,
        String taskQueue,
        Instant created,
        List<Instant> next,
        boolean paused,
        long missed,
        long skipped,
        @Nullable Duration runTimeout) {
    ScheduleFacts {
        next = List.copyOf(next);
    }

    /** Returns the longest time between two of the next times, or null if there are fewer than two. */
    @Nullable
    Duration period() {
        Duration longest = null;
        for (int i = 1; i < next.size(); i++) {
            Duration pause = Duration.between(next.get(i - 1), next.get(i));
            if (longest == null || pause.compareTo(longest) > 0) {
                longest = pause;
            }
        }
        return longest;
    }
}
