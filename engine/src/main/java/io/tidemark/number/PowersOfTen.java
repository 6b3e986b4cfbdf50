package io.tidemark.number;

/** The powers of ten that are longs. */
public final class PowersOfTen {
    private static final long[] POWERS = new long[19];

    static {
        POWERS[0] = 1;
        for (int i = 1; i < POWERS.length; i++) {
            POWERS[i] = 10 * POWERS[i - 1];
        }
    }

    private PowersOfTen() {}

    /** Ten to the power of {@code exponent}, which is 0 to 18. */
    public static long of(int exponent) {
        return POWERS[exponent];
    }
}
