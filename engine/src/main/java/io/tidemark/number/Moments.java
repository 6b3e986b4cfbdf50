package io.tidemark.number;

import java.util.OptionalDouble;

/**
 * Mean and variance of doubles: two doubles, the mean and the sum of squared differences from it. An accumulator without
 * values is two zeros. The caller counts the values.
 *
 * <p>Values are added by Welford's method (1962), accumulators by that of Chan, Golub and LeVeque (1979). The result depends
 * on order and cut by rounding only: with n values, mean m and deviation s, the relative error of the variance is about
 * {@code n * 2^-53 * sqrt(1 + (m/s)^2)} (Chan, Golub and LeVeque, 1983).
 */
public final class Moments {
    /** How many doubles an accumulator takes. */
    public static final int DOUBLES = 2;

    /**
     * The largest magnitude of a value, about 3.1e144. The sum of 2^58 squared differences of such values is within the range
     * of a double, so no value can make it overflow.
     */
    public static final double LARGEST = 0x1p480;

    private Moments() {}

    /**
     * Adds a value.
     *
     * @param count how many values there are, with this one
     * @param value at most {@link #LARGEST}, and not NaN
     */
    public static void add(double[] moments, int at, long count, double value) {
        double difference = value - moments[at];
        double mean = moments[at] + difference / count;
        moments[at] = mean;
        moments[at + 1] += difference * (value - mean);
    }

    /**
     * Adds the accumulator at {@code from} of {@code others}.
     *
     * @param count how many values the accumulator at {@code at} has before
     * @param otherCount how many the other has
     */
    public static void merge(double[] moments, int at, long count, double[] others, int from, long otherCount) {
        if (otherCount == 0) {
            return;
        }
        double share = otherCount / (double) (count + otherCount);
        double difference = others[from] - moments[at];
        // If this one is empty, the share is 1 and its own difference counts nothing.
        moments[at] = count == 0 ? others[from] : moments[at] + difference * share;
        moments[at + 1] += others[from + 1] + difference * difference * (count * share);
    }

    /**
     * The variance.
     *
     * @param population whether to divide by the count; otherwise by one less, as for a sample
     * @return nothing for no values, and for a sample of one
     */
    public static OptionalDouble variance(double[] moments, int at, long count, boolean population) {
        return count < (population ? 1 : 2)
                ? OptionalDouble.empty()
                : OptionalDouble.of(moments[at + 1] / (population ? count : count - 1));
    }

    /** The standard deviation, which is the root of the variance. */
    public static OptionalDouble deviation(double[] moments, int at, long count, boolean population) {
        OptionalDouble variance = variance(moments, at, count, population);
        return variance.isEmpty() ? variance : OptionalDouble.of(Math.sqrt(variance.getAsDouble()));
    }
}
