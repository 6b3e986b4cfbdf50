package io.tidemark.kafka.client;

import org.apache.kafka.common.errors.InterruptException;

/** Waits between two questions to a broker that has no way to tell when the answer changes. */
public final class Pause {
    private Pause() {}

    /** Waits; interrupted, it throws Kafka's own exception for that. */
    public static void millis(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptException(e);
        }
    }
}
