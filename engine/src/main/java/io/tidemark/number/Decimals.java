package io.tidemark.number;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.regex.Pattern;

/** Decimals with a fixed number of decimals, the scale: as text, and their mean. Allocates; meant for rows, not for records. */
public final class Decimals {
    /** How many decimals a mean has at least. */
    public static final int LEAST_MEAN_SCALE = 6;

    /** More digits than 192 bits have; longer texts are refused before they are read. */
    private static final int MOST_LENGTH = 64;

    private static final Pattern PLAIN = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?");

    private Decimals() {}

    /** The decimal with exactly {@code scale} decimals and without an exponent: 119.90 for 11990 units and scale 2. */
    public static String text(long units, int scale) {
        return BigDecimal.valueOf(units, scale).toPlainString();
    }

    /** The decimal with exactly {@code scale} decimals and without an exponent. */
    public static String text(BigInteger units, int scale) {
        return new BigDecimal(units, scale).toPlainString();
    }

    /**
     * Reads what {@link #text} writes.
     *
     * @return the units
     * @throws IllegalArgumentException if the text is not in this form, with exactly {@code scale} decimals
     */
    public static BigInteger parse(String text, int scale) {
        if (text.length() <= MOST_LENGTH && PLAIN.matcher(text).matches()) {
            BigDecimal value = new BigDecimal(text);
            // Of zero with a sign only the other form is ours.
            if (value.scale() == scale && (value.signum() != 0 || text.charAt(0) != '-')) {
                return value.unscaledValue();
            }
        }
        throw new IllegalArgumentException("a sum is not a decimal with " + scale + " decimals");
    }

    /** How many decimals the mean of values of this scale has. */
    public static int meanScale(int scale) {
        return Math.max(scale, LEAST_MEAN_SCALE);
    }

    /**
     * The mean, rounded half up (away from zero) to {@link #meanScale} decimals.
     *
     * @param sum the sum in units of {@code 10^-scale}
     * @param count how many values there are, at least one
     */
    public static BigDecimal mean(BigInteger sum, long count, int scale) {
        return new BigDecimal(sum, scale).divide(BigDecimal.valueOf(count), meanScale(scale), RoundingMode.HALF_UP);
    }
}
