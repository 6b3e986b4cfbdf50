package io.tidemark.worker;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * When a part of the worker was last seen to work. A part counts as working for a while after that, so that a glitch of
 * seconds changes nothing, and one that hangs is noticed like one that fails. Safe for use by several threads.
 */
final class Sign {
    private final String name;
    private final Duration limit;
    private final LongSupplier nanoTime;
    private volatile long seen;
    private volatile @Nullable String failure;

    /**
     * Counts from now on as seen.
     *
     * @param name what the part does, for {@link #problem}, such as {@code Kafka reached}
     * @param limit how long after the last sign the part counts as working
     */
    Sign(String name, Duration limit, LongSupplier nanoTime) {
        this.name = name;
        this.limit = limit;
        this.nanoTime = nanoTime;
        this.seen = nanoTime.getAsLong();
    }

    /** Records that the part works. */
    void seen() {
        seen = nanoTime.getAsLong();
        failure = null;
    }

    /** Records why the part did not work this time. */
    void failed(String reason) {
        failure = reason;
    }

    /** Returns what is wrong, in one line, or null if the part works. */
    @Nullable
    String problem() {
        Duration age = Duration.ofNanos(nanoTime.getAsLong() - seen);
        if (age.compareTo(limit) <= 0) {
            return null;
        }
        String reason = failure;
        return "not " + name + " for " + age.toSeconds() + " s"
                + (reason == null ? "" : ": " + reason.replaceAll("\\s+", " "));
    }
}
