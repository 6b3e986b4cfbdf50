package io.tidemark.number;

import java.math.BigInteger;

/**
 * An exact sum of squares of longs: 192 bits in three longs, high first. An empty sum is three zeros. Order and cut of the
 * values make no difference.
 *
 * <p>It cannot overflow: a square is at most 2^126, so a sum of fewer than 2^63 squares is below 2^189.
 */
public final class Squares192 {
    /** How many longs a sum takes. */
    public static final int LONGS = 3;

    private Squares192() {}

    /** Adds the square of {@code x} to the sum at {@code at}. */
    public static void add(long[] sums, int at, long x) {
        long low = x * x;
        long newLow = sums[at + 2] + low;
        // A square's upper half is at most 2^62, so the carry from below does not overflow it.
        long high = Math.multiplyHigh(x, x) + (Long.compareUnsigned(newLow, low) < 0 ? 1 : 0);
        long newHigh = sums[at + 1] + high;
        sums[at] += Long.compareUnsigned(newHigh, high) < 0 ? 1 : 0;
        sums[at + 1] = newHigh;
        sums[at + 2] = newLow;
    }

    /** Adds the squares that are summed at {@code from} of {@code others}. */
    public static void merge(long[] sums, int at, long[] others, int from) {
        Words.add(sums, at, others, from, LONGS);
    }

    /** The sum of squares. */
    public static BigInteger value(long[] sums, int at) {
        return Words.value(sums, at, LONGS);
    }

    /** The sum as a decimal. Squares of values with {@code n} decimals have {@code scale = 2 * n} decimals. */
    public static String text(long[] sums, int at, int scale) {
        return Decimals.text(value(sums, at), scale);
    }

    /**
     * Sets the sum of squares to what {@link #text} has written.
     *
     * @throws IllegalArgumentException if the text is not in this form
     */
    public static void parse(String text, int scale, long[] sums, int at) {
        Words.set(Decimals.parse(text, scale), sums, at, LONGS);
    }
}
