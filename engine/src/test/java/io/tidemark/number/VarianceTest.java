package io.tidemark.number;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class VarianceTest {
    private static final MathContext PRECISE = new MathContext(100);
    private static final double UNIT = 0x1p-53;

    /** Against the sum of squared differences from the mean, with 100 digits. */
    @Property(tries = 5_000)
    void exactNumbersAreRoundedOnce(
            @ForAll long seed, @ForAll @IntRange(max = 18) int scale, @ForAll boolean population) {
        Random random = new Random(seed);
        List<BigDecimal> values = new ArrayList<>();
        long[] sum = new long[2];
        long[] squares = new long[3];
        long base = random.nextLong() >> random.nextInt(64);
        int spread = random.nextInt(64);
        for (int i = 1 + random.nextInt(50); i > 0; i--) {
            long units = base + (random.nextLong() >> spread);
            values.add(BigDecimal.valueOf(units, scale));
            Sum128.add(sum, 0, units);
            Squares192.add(squares, 0, units);
        }
        BigInteger total = Sum128.value(sum, 0);
        BigInteger squared = Squares192.value(squares, 0);

        OptionalDouble variance = ExactVariance.variance(values.size(), total, squared, scale, population);
        OptionalDouble deviation = ExactVariance.deviation(values.size(), total, squared, scale, population);

        if (values.size() == 1 && !population) {
            assertThat(variance).isEmpty();
            assertThat(deviation).isEmpty();
        } else {
            BigDecimal exact = variance(values, population);
            assertThat(variance).hasValue(exact.doubleValue());
            assertThat(deviation).hasValue(exact.sqrt(PRECISE).doubleValue());
        }
    }

    /** Half way between two doubles, and a little beside it, as a sum of squares of the differences -x and x. */
    @Test
    void aVarianceInTheMiddleOfTwoDoublesIsRoundedToTheEvenOne() {
        for (long more = -1; more <= 1; more++) {
            BigInteger variance = BigInteger.ONE
                    .shiftLeft(100)
                    .add(BigInteger.ONE.shiftLeft(47))
                    .add(BigInteger.valueOf(more));

            assertThat(ExactVariance.variance(1, BigInteger.ZERO, variance, 0, true))
                    .hasValue(more > 0 ? 0x1.0000000000001p100 : 0x1p100);
        }
    }

    @Test
    void noValuesHaveNoVariance() {
        assertThat(ExactVariance.variance(0, BigInteger.ZERO, BigInteger.ZERO, 2, true))
                .isEmpty();
        assertThat(Moments.variance(new double[2], 0, 0, true)).isEmpty();
        assertThat(Moments.deviation(new double[2], 0, 1, false)).isEmpty();
        assertThat(Moments.variance(new double[2], 0, 1, true)).hasValue(0);
    }

    @Property(tries = 3_000)
    void doublesAreWithinTheStatedErrorHoweverTheyAreCut(@ForAll long seed, @ForAll boolean population) {
        Random random = new Random(seed);
        double base = random.nextGaussian() * Math.scalb(1, random.nextInt(60));
        double spread = Math.scalb(1, random.nextInt(40));
        List<BigDecimal> values = new ArrayList<>();
        double[] moments = new double[2];
        long count = 0;
        for (int parts = 1 + random.nextInt(5); parts > 0; parts--) {
            double[] part = new double[2];
            int partCount = 0;
            for (int i = random.nextInt(60); i > 0; i--) {
                double value = base + spread * random.nextGaussian();
                values.add(new BigDecimal(value));
                Moments.add(part, 0, ++partCount, value);
            }
            Moments.merge(moments, 0, count, part, 0, partCount);
            count += partCount;
        }
        if (count < 2) {
            return;
        }
        BigDecimal exact = variance(values, population);
        double mean = values.stream()
                .reduce(BigDecimal.ZERO, BigDecimal::add)
                .divide(BigDecimal.valueOf(count), PRECISE)
                .doubleValue();
        double rounding = 4 * count * UNIT;

        // The first-order bound of the class comment, and the square of the rounding of the mean.
        double tolerance = rounding * Math.sqrt(exact.doubleValue()) * Math.hypot(mean, Math.sqrt(exact.doubleValue()))
                + rounding * mean * rounding * mean;
        double variance = Moments.variance(moments, 0, count, population).getAsDouble();
        assertThat(variance).isCloseTo(exact.doubleValue(), within(tolerance));
        assertThat(Moments.deviation(moments, 0, count, population)).hasValue(Math.sqrt(variance));
    }

    @Test
    void theLargestValuesDoNotOverflow() {
        double[] moments = new double[2];
        for (int i = 1; i <= 1_000; i++) {
            Moments.add(moments, 0, i, i % 2 == 0 ? Moments.LARGEST : -Moments.LARGEST);
        }
        long count = 1_000;
        for (; count < 1L << 57; count *= 2) {
            Moments.merge(moments, 0, count, moments.clone(), 0, count);
        }

        assertThat(Moments.variance(moments, 0, count, true).getAsDouble()).isCloseTo(0x1p960, within(0x1p960 * 1e-9));
    }

    private static BigDecimal variance(List<BigDecimal> values, boolean population) {
        BigDecimal count = BigDecimal.valueOf(values.size());
        BigDecimal mean =
                values.stream().reduce(BigDecimal.ZERO, BigDecimal::add).divide(count, PRECISE);
        BigDecimal squares =
                values.stream().map(each -> each.subtract(mean).pow(2)).reduce(BigDecimal.ZERO, BigDecimal::add);
        return squares.divide(population ? count : count.subtract(BigDecimal.ONE), PRECISE);
    }
}
