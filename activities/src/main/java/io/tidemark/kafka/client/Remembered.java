package io.tidemark.kafka.client;

import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The answer to a question, which is asked again when the answer is too old. Safe for use by several threads. */
final class Remembered<T extends @Nullable Object> {
    private final Supplier<T> question;
    private final long maxAgeNanos;
    private final LongSupplier nanoTime;
    private volatile @Nullable Answer<T> answer;

    private record Answer<T extends @Nullable Object>(T value, long since) {}

    /** Creates one without an answer; {@code nanoTime} is {@link System#nanoTime} outside tests. */
    Remembered(Supplier<T> question, Duration maxAge, LongSupplier nanoTime) {
        this.question = question;
        this.maxAgeNanos = maxAge.toNanos();
        this.nanoTime = nanoTime;
    }

    T get() {
        Answer<T> known = answer;
        if (known == null || nanoTime.getAsLong() - known.since() > maxAgeNanos) {
            known = new Answer<>(question.get(), nanoTime.getAsLong());
            answer = known;
        }
        return known.value();
    }
}
