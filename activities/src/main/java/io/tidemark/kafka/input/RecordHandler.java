package io.tidemark.kafka.input;

import io.tidemark.fold.InputRecord;

/** Receives records, one after the other. */
@FunctionalInterface
public interface RecordHandler {
    /** Receives a record. It is only valid during the call: the next one has the same instance and the same buffer. */
    void record(InputRecord record);

    /** Returns whether {@link #record} looks at headers. Otherwise a reader may leave them out. */
    default boolean needsHeaders() {
        return false;
    }

    /**
     * Returns the size of the largest record that {@link #record} accepts, uncompressed: its key, value and headers with
     * their lengths, as message format 2 stores them. A larger one goes to {@link #tooLarge}, and no memory is allocated
     * for it.
     */
    default int maxBytes() {
        return Integer.MAX_VALUE;
    }

    /**
     * Receives the place of a record that is larger than {@link #maxBytes}.
     *
     * @param timestamp in milliseconds since 1970, or -1 if the record has none
     * @param bytes size of the record
     */
    default void tooLarge(int partition, long offset, long timestamp, long bytes) {
        throw new IllegalStateException("this handler accepts records of any size");
    }

    /** Is called before a buffer for large records grows by {@code bytes}. What it throws ends the read. */
    default void reserve(long bytes) {}
}
