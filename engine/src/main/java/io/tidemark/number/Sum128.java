package io.tidemark.number;

import java.math.BigInteger;

/**
 * An exact sum of longs: 128 bits in two longs, two's complement, high first. An empty sum is two zeros. Order and cut of the
 * values make no difference.
 *
 * <p>It cannot overflow: a sum of fewer than 2^63 longs is within 2^126.
 */
public final class Sum128 {
    /** How many longs a sum takes. */
    public static final int LONGS = 2;

    private Sum128() {}

    /** Adds {@code x} to the sum at {@code at}. */
    public static void add(long[] sums, int at, long x) {
        long low = sums[at + 1] + x;
        sums[at] += (x >> 63) + (Long.compareUnsigned(low, x) < 0 ? 1 : 0);
        sums[at + 1] = low;
    }

    /** Adds the sum at {@code from} of {@code others} to the sum at {@code at}. */
    public static void merge(long[] sums, int at, long[] others, int from) {
        Words.add(sums, at, others, from, LONGS);
    }

    /** The sum. */
    public static BigInteger value(long[] sums, int at) {
        return Words.value(sums, at, LONGS);
    }

    /** The sum as a decimal with exactly {@code scale} decimals, such as 1234.50 for 123,450 units. */
    public static String text(long[] sums, int at, int scale) {
        long low = sums[at + 1];
        return sums[at] == low >> 63 ? Decimals.text(low, scale) : Decimals.text(value(sums, at), scale);
    }

    /**
     * Sets the sum to what {@link #text} has written.
     *
     * @throws IllegalArgumentException if the text is not in this form
     */
    public static void parse(String text, int scale, long[] sums, int at) {
        Words.set(Decimals.parse(text, scale), sums, at, LONGS);
    }
}
