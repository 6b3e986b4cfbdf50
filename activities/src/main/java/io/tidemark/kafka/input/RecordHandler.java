package io.tidemark.kafka.input;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Receives records, one after the other. The bytes are only valid during the call: later records reuse their buffer.
 */
@FunctionalInterface
public interface RecordHandler {
    /** The length of a null key or value. */
    int NULL = -1;

    /**
     * Receives a record.
     *
     * @param timestamp in milliseconds since the epoch, or -1 if the record has none
     * @param bytes contains key and value
     * @param key where the key begins
     * @param keyLength its length, or {@link #NULL}
     * @param value where the value begins
     * @param valueLength its length, or {@link #NULL}
     */
    void record(
            int partition,
            long offset,
            long timestamp,
            byte[] bytes,
            int key,
            int keyLength,
            int value,
            int valueLength);

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
     * @param timestamp as in {@link #record}
     * @param bytes size of the record
     */
    default void tooLarge(int partition, long offset, long timestamp, long bytes) {
        throw new IllegalStateException("this handler accepts records of any size");
    }

    /** Is called before a buffer for large records grows by {@code bytes}. What it throws ends the read. */
    default void reserve(long bytes) {}

    /** Receives a record whose key and value are buffers on the heap. */
    default void record(
            int partition, long offset, long timestamp, @Nullable ByteBuffer key, @Nullable ByteBuffer value) {
        ByteBuffer first = key == null ? ByteBuffer.allocate(0) : key;
        ByteBuffer second = value == null ? ByteBuffer.allocate(0) : value;
        if (first.hasRemaining() && second.hasRemaining() && first.array() != second.array()) {
            // Today the client puts both into one array, but its interface does not guarantee it.
            ByteBuffer both = ByteBuffer.allocate(first.remaining() + second.remaining())
                    .put(first.duplicate())
                    .put(second.duplicate());
            first = both.slice(0, first.remaining());
            second = both.slice(first.remaining(), second.remaining());
        }
        record(
                partition,
                offset,
                timestamp,
                (second.hasRemaining() ? second : first).array(),
                first.hasRemaining() ? first.arrayOffset() + first.position() : 0,
                key == null ? NULL : first.remaining(),
                second.hasRemaining() ? second.arrayOffset() + second.position() : 0,
                value == null ? NULL : second.remaining());
    }
}
