package io.tidemark.workflow;

import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.util.Random;

/**
 * Pauses that double from 1 s to 30 s. Each is shortened at random by at most half, so that slices do not retry at the
 * same moment.
 */
final class Backoff {
    private static final long FIRST = 1_000;
    private static final long MAX = 30_000;

    private final Random random = Workflow.newRandom();
    private long next = FIRST;

    /** Waits. Throws {@code CanceledFailure} if the workflow is cancelled meanwhile. */
    void pause() {
        Workflow.sleep(Duration.ofMillis(next - random.nextLong(next / 2)));
        next = Math.min(MAX, next * 2);
    }

    /** Makes the next pause one second again. */
    void reset() {
        next = FIRST;
    }
}
