package io.tidemark.number;

import java.nio.ByteBuffer;

/** Unsigned numbers in 1 to 10 bytes: seven bits a byte, lowest first; the high bit means that more bytes follow. */
public final class Varint {
    /** The most bytes that a long takes. */
    public static final int MAX_BYTES = 10;

    private Varint() {}

    /** How many bytes a number takes. */
    public static int size(long value) {
        return 1 + (63 - Long.numberOfLeadingZeros(value | 1)) / 7;
    }

    /** Writes a number; returns the position after it. */
    public static int write(long value, byte[] into, int at) {
        long rest = value;
        int i = at;
        while ((rest & ~0x7FL) != 0) {
            into[i++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        into[i++] = (byte) rest;
        return i;
    }

    /**
     * Reads a number, and moves the buffer past it.
     *
     * @throws IllegalArgumentException if it does not end within the buffer, or has more than 64 bits
     */
    public static long read(ByteBuffer from) {
        long value = 0;
        for (int shift = 0; shift < 64 && from.hasRemaining(); shift += 7) {
            byte b = from.get();
            value |= (b & 0x7FL) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number does not end where it should");
    }
}
