package io.tidemark.number;

import java.math.BigInteger;
import java.util.OptionalDouble;

/**
 * Variance and standard deviation of exact numbers, from their count, sum and sum of squares. The exact result is rounded
 * once, to the nearest double. No sum of squares can cancel, because all sums are exact.
 */
public final class ExactVariance {
    /** More bits than a double has, and enough that the rest only matters as zero or not zero. */
    private static final int BITS = 66;

    private final BigInteger numerator;
    private final BigInteger denominator;

    private ExactVariance(BigInteger numerator, BigInteger denominator) {
        this.numerator = numerator;
        this.denominator = denominator;
    }

    /**
     * The variance of values.
     *
     * @param count how many values there are
     * @param sum their sum, in units of {@code 10^-scale}
     * @param squares the sum of the squares of the units
     * @param population whether to divide by the count; otherwise by one less, as for a sample
     * @return nothing for no values, and for a sample of one
     */
    public static OptionalDouble variance(
            long count, BigInteger sum, BigInteger squares, int scale, boolean population) {
        return count < (population ? 1 : 2)
                ? OptionalDouble.empty()
                : OptionalDouble.of(of(count, sum, squares, scale, population).quotient());
    }

    /** The standard deviation, which is the root of the variance; see {@link #variance}. */
    public static OptionalDouble deviation(
            long count, BigInteger sum, BigInteger squares, int scale, boolean population) {
        return count < (population ? 1 : 2)
                ? OptionalDouble.empty()
                : OptionalDouble.of(of(count, sum, squares, scale, population).root());
    }

    private static ExactVariance of(long count, BigInteger sum, BigInteger squares, int scale, boolean population) {
        BigInteger n = BigInteger.valueOf(count);
        return new ExactVariance(
                n.multiply(squares).subtract(sum.multiply(sum)),
                n.multiply(population ? n : n.subtract(BigInteger.ONE)).multiply(BigInteger.TEN.pow(2 * scale)));
    }

    private double quotient() {
        int shift = BITS + denominator.bitLength() - numerator.bitLength();
        BigInteger[] parts = shifted(shift).divideAndRemainder(divisor(shift));
        return rounded(parts[0], parts[1].signum() != 0, shift);
    }

    private double root() {
        int shift = 2 * BITS + denominator.bitLength() - numerator.bitLength();
        shift += shift & 1;
        BigInteger[] parts = shifted(shift).divideAndRemainder(divisor(shift));
        BigInteger[] root = parts[0].sqrtAndRemainder();
        return rounded(root[0], parts[1].signum() != 0 || root[1].signum() != 0, shift / 2);
    }

    private BigInteger shifted(int shift) {
        return numerator.shiftLeft(Math.max(shift, 0));
    }

    private BigInteger divisor(int shift) {
        return denominator.shiftLeft(Math.max(-shift, 0));
    }

    /** The number, which is {@code (bits + rest) / 2^shift}; the rest is below one. */
    private static double rounded(BigInteger bits, boolean rest, int shift) {
        // One more bit, so that a number with a rest is not taken for one in the middle between two doubles.
        BigInteger sticky = bits.shiftLeft(1).or(rest ? BigInteger.ONE : BigInteger.ZERO);
        return Math.scalb(sticky.doubleValue(), -shift - 1);
    }
}
