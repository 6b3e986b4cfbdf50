package io.tidemark.csv;

import org.jspecify.annotations.Nullable;

/**
 * A bad record, as it came.
 *
 * @param reason which kind of bad, such as {@code FIELD_MISSING}
 * @param problem one sentence about it, without any of its content
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; a copy for each would be the only effect
public record DeadLetter(
        int partition,
        long offset,
        long timestamp,
        String reason,
        String problem,
        byte @Nullable [] key,
        byte @Nullable [] value) {}
