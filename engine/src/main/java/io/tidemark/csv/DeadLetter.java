package io.tidemark.csv;

import org.jspecify.annotations.Nullable;

/**
 * A bad record with its original key and value.
 *
 * @param reason the kind of problem, such as {@code FIELD_MISSING}
 * @param problem one sentence about it, without any of its content
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and not worth a copy
public record DeadLetter(
        int partition,
        long offset,
        long timestamp,
        String reason,
        String problem,
        byte @Nullable [] key,
        byte @Nullable [] value) {}
