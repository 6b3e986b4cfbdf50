package io.tidemark.fold;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Writes headers in the form of {@link InputRecord#setHeaders}. */
public final class HeaderBytes {
    private static final int MAX_VARINT = 5;

    private final LongConsumer reserve;
    private byte[] bytes = new byte[0];
    private int length;

    /**
     * Creates a writer.
     *
     * @param reserve is called with the number of bytes before the buffer grows by them
     */
    public HeaderBytes(LongConsumer reserve) {
        this.reserve = reserve;
    }

    /** Begins the headers of a record, of which so many are to be added. */
    public void begin(int count) {
        length = 0;
        varint(count);
    }

    /** Adds a header; its value may be null. */
    public void add(String name, byte @Nullable [] value) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        varint(text.length);
        append(text);
        varint(value == null ? InputRecord.NULL : value.length);
        if (value != null) {
            append(value);
        }
    }

    /** Gives the headers to their record, which has them until {@link #begin}. */
    public void set(InputRecord record) {
        record.setHeaders(bytes, 0);
    }

    private void append(byte[] text) {
        makeRoom(text.length);
        System.arraycopy(text, 0, bytes, length, text.length);
        length += text.length;
    }

    /** Writes a number, seven bits in each byte, after zigzag encoding. */
    private void varint(int number) {
        makeRoom(MAX_VARINT);
        int rest = number << 1 ^ number >> 31;
        while ((rest & ~0x7F) != 0) {
            bytes[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
    }

    private void makeRoom(int more) {
        if (bytes.length - length < more) {
            int larger = 2 * (length + more);
            reserve.accept(larger - bytes.length);
            bytes = Arrays.copyOf(bytes, larger);
        }
    }
}
