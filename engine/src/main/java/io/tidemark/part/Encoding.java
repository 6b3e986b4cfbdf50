package io.tidemark.part;

import io.tidemark.number.Varint;
import java.nio.ByteBuffer;

/** What the written forms of parts have in common. Numbers are {@link Varint}s, those with a sign zigzag (0, -1, 1, -2). */
final class Encoding {
    private Encoding() {}

    static int signedSize(long value) {
        return Varint.size(zigzag(value));
    }

    static int writeSigned(long value, byte[] into, int at) {
        return Varint.write(zigzag(value), into, at);
    }

    static long readSigned(ByteBuffer from) {
        long value = Varint.read(from);
        return (value >>> 1) ^ -(value & 1);
    }

    private static long zigzag(long value) {
        return (value << 1) ^ (value >> 63);
    }

    /** Reads a number from 0 to {@code most}. */
    static int readInt(ByteBuffer from, int most) {
        long value = Varint.read(from);
        check(value >= 0 && value <= most, "a number is larger than it may be");
        return (int) value;
    }

    /** Reads how many entries follow. Each takes {@code least} bytes or more, so no room is made for entries that are not there. */
    static int readCount(ByteBuffer from, int most, int least) {
        int count = readInt(from, most);
        check((long) count * least <= from.remaining(), "it is cut off");
        return count;
    }

    static int stringSize(int length) {
        return Varint.size(length) + length;
    }

    static int writeString(byte[] bytes, int off, int len, byte[] into, int at) {
        int start = Varint.write(len, into, at);
        System.arraycopy(bytes, off, into, start, len);
        return start + len;
    }

    static byte[] readString(ByteBuffer from) {
        byte[] bytes = new byte[readCount(from, Integer.MAX_VALUE, 1)];
        from.get(bytes);
        return bytes;
    }

    /**
     * Checks that a part was read from exactly the bytes that it would write. Since the reader has checked each number, only
     * the lengths of numbers can differ, which may have superfluous zeros.
     */
    static <P extends Part> P complete(P part, ByteBuffer from, int length) {
        check(!from.hasRemaining(), "more bytes follow than belong to it");
        check(part.encodedBytes() == length, "a number is longer than it has to be");
        return part;
    }

    static void check(boolean holds, String problem) {
        if (!holds) {
            throw new IllegalArgumentException("a stored part of a cell is damaged: " + problem);
        }
    }
}
