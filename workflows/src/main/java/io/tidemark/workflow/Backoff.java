package io.tidemark.workflow;

import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.util.Random;

/** Waits that grow: one second, doubling to thirty, each shortened by up to a half so that slices do not march in step. */
final class Backoff {
    private static final long FIRST = 1_000;
    private static final long MOST = 30_000;

    private final Random random = Workflow.newRandom();
    private long next = FIRST;

    /** Waits; fails where the workflow is cancelled meanwhile. */
    void pause() {
        Workflow.sleep(Duration.ofMillis(next - random.nextLong(next / 2)));
        next = Math.min(MOST, next * 2);
    }

    /** The next wait is a short one again. */
    void reset() {
        next = FIRST;
    }
}
