package io.tidemark.json;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Reads and writes eight bytes of an array as one number, little-endian. */
final class Words {
    static final long ONES = 0x0101010101010101L;
    static final long HIGH_BITS = 0x8080808080808080L;
    static final long LOW_BITS = ~HIGH_BITS;
    static final long QUOTES = '"' * ONES;
    static final long BACKSLASHES = '\\' * ONES;
    /** Added to bytes of 0 to 127: sets the high bit of each that is above 9. */
    static final long ABOVE_NINE = (0x80 - 10) * ONES;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private Words() {}

    /** The eight bytes from index {@code from}; all must be in the array. */
    static long at(byte[] bytes, int from) {
        return (long) LONGS.get(bytes, from);
    }

    /** The same, with zeros for what is beyond the array. */
    static long orZeros(byte[] bytes, int from) {
        return from <= bytes.length - Long.BYTES ? at(bytes, from) : atEnd(bytes, from);
    }

    /** Sets the eight bytes from index {@code at}; all must be in the array. */
    static void set(byte[] bytes, int at, long word) {
        LONGS.set(bytes, at, word);
    }

    private static long atEnd(byte[] bytes, int from) {
        int last = bytes.length - Long.BYTES;
        if (from < bytes.length && last >= 0) {
            return at(bytes, last) >>> Byte.SIZE * (from - last);
        }
        long word = 0;
        for (int i = bytes.length - 1; i >= from; i--) {
            word = word << Byte.SIZE | (bytes[i] & 0xFF);
        }
        return word;
    }

    /** The bits of the first {@code count} bytes of a word: none for a negative count, all for eight or more. */
    static long lowest(int count) {
        return count <= 0 ? 0 : count >= Long.BYTES ? -1 : (1L << Byte.SIZE * count) - 1;
    }
}
