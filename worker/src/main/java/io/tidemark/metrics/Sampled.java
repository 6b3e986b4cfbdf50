package io.tidemark.metrics;

import java.io.IOException;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * A value that is read at most once in ten seconds: the size of the staged files is the sum of thousands of files, and anyone
 * can ask for the metrics at any rate.
 */
final class Sampled {
    private static final Duration AGE = Duration.ofSeconds(10);

    private final Source source;
    private final LongSupplier nanoTime;
    private double value = Double.NaN;
    private long since;
    private boolean known;

    /** Reads the value. */
    @FunctionalInterface
    interface Source {
        long get() throws IOException;
    }

    Sampled(Source source, LongSupplier nanoTime) {
        this.source = source;
        this.nanoTime = nanoTime;
    }

    /** Returns the value, or NaN if it cannot be read: unknown must not look like 0. */
    synchronized double get() {
        long now = nanoTime.getAsLong();
        if (!known || now - since > AGE.toNanos()) {
            try {
                value = source.get();
            } catch (IOException e) {
                value = Double.NaN;
            }
            known = true;
            since = now;
        }
        return value;
    }
}
