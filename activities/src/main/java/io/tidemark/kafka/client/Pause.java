package io.tidemark.kafka.client;

import org.apache.kafka.common.errors.InterruptException;

/** Waits between two requests to a broker that cannot notify the client of a change. */
public final class Pause {
    private Pause() {}

    /**
     * Waits.
     *
     * @throws InterruptException if the thread is interrupted; its interrupt flag stays set
     */
    public static void millis(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptException(e);
        }
    }
}
