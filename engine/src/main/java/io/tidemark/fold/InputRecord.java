package io.tidemark.fold;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One record of Kafka: its place, its timestamp, and where the bytes of its key, value and headers are. A reader has one
 * instance and sets it anew for each record, so it is valid only until the reader goes on.
 */
public final class InputRecord {
    /** The length of a null key or value, and the place of headers that are not there. */
    public static final int NULL = -1;

    private static final byte[] NOTHING = new byte[0];

    private int partition;
    private long offset;
    private long timestamp;
    private byte[] bytes = NOTHING;
    private int key;
    private int keyLength = NULL;
    private int value;
    private int valueLength = NULL;
    private byte[] headerBytes = NOTHING;
    private int headers = NULL;

    /**
     * Sets the place of a record.
     *
     * @param timestamp in milliseconds since 1970, or -1 if the record has none
     */
    public void setPlace(int partition, long offset, long timestamp) {
        this.partition = partition;
        this.offset = offset;
        this.timestamp = timestamp;
    }

    /**
     * Sets key and value of a record, which has no headers yet.
     *
     * @param bytes contains key and value
     * @param key where the key begins
     * @param keyLength its length, or {@link #NULL}
     * @param value where the value begins
     * @param valueLength its length, or {@link #NULL}
     */
    public void setContent(byte[] bytes, int key, int keyLength, int value, int valueLength) {
        if (this.bytes != bytes) {
            // Storing a reference costs a barrier of the garbage collector, and most records are in the array of the
            // last one.
            this.bytes = bytes;
        }
        this.key = key;
        this.keyLength = keyLength;
        this.value = value;
        this.valueLength = valueLength;
        headers = NULL;
    }

    /** Sets key and value of a record, which has no headers yet, from buffers on the heap. */
    public void setContent(@Nullable ByteBuffer key, @Nullable ByteBuffer value) {
        ByteBuffer first = key == null ? ByteBuffer.wrap(NOTHING) : key;
        ByteBuffer second = value == null ? ByteBuffer.wrap(NOTHING) : value;
        if (first.hasRemaining() && second.hasRemaining() && first.array() != second.array()) {
            // Today the client puts both into one array, but its interface does not guarantee it.
            ByteBuffer both = ByteBuffer.allocate(first.remaining() + second.remaining())
                    .put(first.duplicate())
                    .put(second.duplicate());
            first = both.slice(0, first.remaining());
            second = both.slice(first.remaining(), second.remaining());
        }
        setContent(
                (second.hasRemaining() ? second : first).array(),
                first.hasRemaining() ? first.arrayOffset() + first.position() : 0,
                key == null ? NULL : first.remaining(),
                second.hasRemaining() ? second.arrayOffset() + second.position() : 0,
                value == null ? NULL : second.remaining());
    }

    /**
     * Sets the headers, which must be well formed: their number, and for each the length of its name, its name, the length
     * of its value and its value, with numbers as in <a href="https://kafka.apache.org/documentation/#record">message
     * format 2</a>.
     *
     * @param at where they begin in {@code bytes}
     */
    public void setHeaders(byte[] bytes, int at) {
        if (headerBytes != bytes) {
            headerBytes = bytes;
        }
        headers = at;
    }

    /** The number of the partition. */
    public int partition() {
        return partition;
    }

    /** The offset in the partition. */
    public long offset() {
        return offset;
    }

    /** The timestamp in milliseconds since 1970, or -1 if the record has none. */
    public long timestamp() {
        return timestamp;
    }

    /** Contains key and value. Not a copy. */
    public byte[] bytes() {
        return bytes;
    }

    /** Where the key begins. */
    public int key() {
        return key;
    }

    /** The length of the key, or {@link #NULL}. */
    public int keyLength() {
        return keyLength;
    }

    /** Where the value begins. */
    public int value() {
        return value;
    }

    /** The length of the value, or {@link #NULL}. */
    public int valueLength() {
        return valueLength;
    }

    /** How many bytes key and value have together. */
    public int size() {
        return Math.max(keyLength, 0) + Math.max(valueLength, 0);
    }

    /** Contains the headers. Not a copy. */
    public byte[] headerBytes() {
        return headerBytes;
    }

    /** Where the headers begin, or {@link #NULL} if there are none. */
    public int headers() {
        return headers;
    }
}
