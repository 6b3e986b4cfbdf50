package io.tidemark.json;

import io.tidemark.number.PowersOfTen;

/**
 * Reads JSON numbers of at most 18 digits while they are scanned, eight bytes at a time.
 *
 * <p>Not safe for use by several threads.
 */
final class NumberScanner {
    /** The result for all that is left to a general parser. */
    static final int NOT_READ = -1;

    /** So many digits fit into a long. */
    private static final int MOST_DIGITS = 18;

    static final long ZEROS = '0' * Words.ONES;

    private static final int POINT = '.' ^ '0';
    /** Both E and e, with the bit set in which they differ. */
    private static final int EXPONENT = ('e' ^ '0') | 0x20;

    /** The number that was read last without its point, and how many of these digits are decimals. */
    long digits;

    int decimals;

    /**
     * Reads the number that begins at {@code from}, and returns where it ends; or {@link #NOT_READ} for a number of more
     * digits or with an exponent, for -0, and for what is not a number.
     *
     * @param end where the record ends
     */
    int read(byte[] b, int from, int end) {
        int sign = b[from] == '-' ? 1 : 0;
        int first = from + sign;
        long word = Words.orZeros(b, first) ^ ZEROS;
        long others = others(word);
        if (others == 0) {
            return readLong(b, first, sign, end);
        }
        int whole = Long.numberOfTrailingZeros(others) >>> 3;
        int stop = whole;
        int count = whole;
        long all = word;
        if (byteAt(word, whole) == POINT) {
            others &= others - 1;
            if (others == 0) {
                return readLong(b, first, sign, end);
            }
            stop = Long.numberOfTrailingZeros(others) >>> 3;
            count = stop - 1;
            // Closes the gap of the point.
            long before = (1L << Byte.SIZE * whole) - 1;
            all = (word & before) | ((word >>> Byte.SIZE) & ~before);
            if (count == whole) {
                return NOT_READ;
            }
        }
        boolean plain = whole == 1 || (whole > 1 && (word & 0xFF) != 0);
        if (!plain || (byteAt(word, stop) | 0x20) == EXPONENT || first + stop > end) {
            return NOT_READ;
        }
        return found(eight(all << Long.SIZE - Byte.SIZE * count), count - whole, sign, first + stop);
    }

    /** Reads a number that does not end within eight bytes. */
    private int readLong(byte[] b, int first, int sign, int end) {
        digits = 0;
        int stop = readRow(b, first);
        int whole = stop - first;
        int fraction = 0;
        if (stop < end && b[stop] == '.') {
            int point = stop + 1;
            stop = readRow(b, point);
            fraction = stop - point;
            if (fraction == 0) {
                return NOT_READ;
            }
        }
        boolean plain = whole == 1 || (whole > 1 && b[first] != '0');
        if (!plain || whole + fraction > MOST_DIGITS || stop > end || (stop < end && (b[stop] | 0x20) == 'e')) {
            return NOT_READ;
        }
        return found(digits, fraction, sign, stop);
    }

    private int found(long magnitude, int decimals, int sign, int end) {
        if (sign != 0 && magnitude == 0) {
            return NOT_READ;
        }
        digits = sign == 0 ? magnitude : -magnitude;
        this.decimals = decimals;
        return end;
    }

    /** Appends a row of digits to {@link #digits}, and returns where it ends. A row that is too long is not read wholly. */
    private int readRow(byte[] b, int from) {
        int at = from;
        int count = Long.BYTES;
        while (count == Long.BYTES && at - from <= MOST_DIGITS) {
            long word = Words.orZeros(b, at) ^ ZEROS;
            count = Long.numberOfTrailingZeros(others(word)) >>> 3;
            if (count > 0) {
                digits = digits * PowersOfTen.of(count) + eight(word << Long.SIZE - Byte.SIZE * count);
            }
            at += count;
        }
        return at;
    }

    /** The high bit of each byte that is not a digit; {@code word} has 0 to 9 for digits. */
    private static long others(long word) {
        return (((word & Words.LOW_BITS) + Words.ABOVE_NINE) | word) & Words.HIGH_BITS;
    }

    private static int byteAt(long word, int index) {
        return (int) (word >>> Byte.SIZE * index) & 0xFF;
    }

    /** The number that eight bytes of 0 to 9 mean, of which the first one is the lowest: neighbours are joined three times. */
    static long eight(long word) {
        long pairs = word * 10 + (word >>> 8);
        return ((pairs & 0x000000FF000000FFL) * (100 + (1_000_000L << 32))
                        + ((pairs >>> 16) & 0x000000FF000000FFL) * (1 + (10_000L << 32)))
                >>> 32;
    }
}
