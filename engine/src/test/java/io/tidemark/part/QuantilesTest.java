package io.tidemark.part;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantilesTest {

    /** Between two others, so that it is not answered by the exact smallest or largest. */
    @Property(tries = 20_000)
    void anyDoubleIsAnsweredWithinTheError(@ForAll long rawBits) {
        double value = Double.longBitsToDouble(rawBits);
        if (!Double.isFinite(value)) {
            return;
        }
        for (int bits : new int[] {Quantiles.LEAST_BITS, 6, Quantiles.MOST_BITS}) {
            Quantiles part = Quantiles.kind(bits).create();
            part.add(-Double.MAX_VALUE);
            part.add(value);
            part.add(Double.MAX_VALUE);

            double tolerance = Math.max(Math.abs(value) * Quantiles.error(bits), Math.scalb(1.0, -1022 - bits));
            assertThat(part.at(new BigDecimal("0.5"))[0]).isCloseTo(value, within(tolerance));
        }
    }

    /** The rank is ceil(at * count) with {@code at} as the decimal that the job has: as doubles, 0.07 * 100 is above 7. */
    @ParameterizedTest
    @CsvSource({"0.07, 100, 7", "0.95, 20, 19", "0.1, 30, 3", "0.29, 100, 29", "0.5, 4, 2", "0.5, 5, 3", "0.001, 100, 1"
    })
    void theRankIsThatOfSql(BigDecimal at, int count, double expected) {
        Quantiles part = Quantiles.kind(Quantiles.MOST_BITS).create();
        for (int i = count; i > 0; i--) {
            part.add(i);
        }

        // Whole numbers up to 100 have buckets of their own.
        assertThat(part.at(at)[0]).isCloseTo(expected, within(0.05));
    }

    @Test
    void zeroAndMinusZeroAreTheSame() {
        Quantiles plus = Quantiles.kind(6).create();
        Quantiles minus = Quantiles.kind(6).create();
        plus.add(0.0);
        minus.add(-0.0);
        byte[] plusBytes = new byte[plus.encodedBytes()];
        byte[] minusBytes = new byte[minus.encodedBytes()];
        plus.write(plusBytes, 0);
        minus.write(minusBytes, 0);

        assertThat(minusBytes).isEqualTo(plusBytes);
        assertThat(Double.doubleToRawLongBits(minus.at(BigDecimal.ONE)[0])).isZero();
    }

    @ParameterizedTest
    @CsvSource({"0.2, 2", "0.125, 2", "0.1, 3", "0.01, 6", "0.0078125, 6", "0.001, 9", "0.0005, 10"})
    void theErrorDecidesTheBits(double error, int bits) {
        assertThat(Quantiles.bitsFor(error)).isEqualTo(bits);
        assertThat(Quantiles.error(bits)).isLessThanOrEqualTo(error);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, 0.0001, Double.NaN})
    void anErrorThatIsTooSmallIsRefused(double error) {
        assertThatThrownBy(() -> Quantiles.bitsFor(error)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void onlyFiniteNumbersAreTaken(double value) {
        Quantiles part = Quantiles.kind(6).create();

        assertThatThrownBy(() -> part.add(value)).hasMessage("only finite numbers have quantiles");
        assertThat(part.count()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 11})
    void theBitsAreBounded(int bits) {
        assertThatThrownBy(() -> Quantiles.kind(bits)).hasMessage("a histogram has 2 to 10 bits");
    }

    /** A value in each bucket that there is. */
    @Test
    void aHistogramOfAllBucketsIsWithinItsMostBytes() {
        PartKind<Quantiles> kind = Quantiles.kind(Quantiles.LEAST_BITS);
        Quantiles part = kind.create();
        int buckets = 0;
        for (long magnitude = 0; magnitude < 2047L << 52; magnitude += 1L << 50) {
            double value = Double.longBitsToDouble(magnitude | 1);
            part.add(value);
            part.add(-value);
            buckets += 2;
        }

        assertThat((long) part.bytes()).isLessThanOrEqualTo(kind.maxBytes());
        assertThat((long) part.encodedBytes()).isBetween(2L * buckets, kind.maxBytes());
        Quantiles twice = kind.create();
        twice.merge(part);
        twice.merge(part);
        assertThat(twice.count()).isEqualTo(2L * buckets);
    }

    /** Values that are close together, far apart, or first the one and then the other. */
    @Property(tries = 2_000)
    void everyValueIsCountedWhereverItsNeighboursAre(@ForAll long seed) {
        Random random = new Random(seed);
        Quantiles part = Quantiles.kind(6).create();
        TreeMap<Double, Integer> expected = new TreeMap<>();
        int values = 1 + random.nextInt(400);
        double spread = Math.scalb(1.0, random.nextInt(20));
        for (int i = 0; i < values; i++) {
            boolean far = random.nextInt(1 + random.nextInt(50)) == 0;
            // Powers of two and halves of them have buckets of their own.
            double value = far
                    ? Math.scalb(random.nextBoolean() ? 1.0 : -1.5, random.nextInt(600) - 300)
                    : 1 + Math.floor(random.nextDouble() * 64 * spread) % (64 * spread) / 64;
            value = far ? value : Double.longBitsToDouble(Double.doubleToRawLongBits(value) >>> 46 << 46);
            part.add(value);
            expected.merge(value, 1, Integer::sum);
        }

        int rank = 0;
        for (Map.Entry<Double, Integer> each : expected.entrySet()) {
            BigDecimal at = new BigDecimal(rank + 1).divide(new BigDecimal(values), 20, RoundingMode.FLOOR);
            rank += each.getValue();
            BigDecimal to = new BigDecimal(rank).divide(new BigDecimal(values), 20, RoundingMode.FLOOR);
            double tolerance = Math.abs(each.getKey()) * Quantiles.error(6) * 1.001;
            for (double found : part.at(at, to)) {
                assertThat(found).isCloseTo(each.getKey(), within(tolerance));
            }
        }
        assertThat(part.count()).isEqualTo(values);
        assertThat(part.bytes()).isLessThanOrEqualTo(400 + 36 * expected.size());
        Quantiles again = Quantiles.kind(6).create();
        again.merge(part);
        assertThat(bytes(again)).isEqualTo(bytes(part));
    }

    private static byte[] bytes(Quantiles part) {
        byte[] bytes = new byte[part.encodedBytes()];
        part.write(bytes, 0);
        return bytes;
    }

    /** Response times from 1 ms to 100 s: what a cell of a common job takes. */
    @Test
    void latenciesOfFiveDecadesTakeAFewKilobytes() {
        Quantiles part = Quantiles.kind(6).create();
        for (int i = 0; i < 1_000_000; i++) {
            part.add(StrictMath.exp(StrictMath.log(100_000) * i / 1_000_000));
        }

        assertThat(part.encodedBytes()).isLessThan(4_000);
        assertThat((long) part.bytes()).isLessThan(26_000);
        double[] exact = {316.2, 31_622.8};
        double[] answers = part.at(new BigDecimal("0.5"), new BigDecimal("0.9"));
        assertThat(Arrays.equals(answers, exact)).isFalse();
        for (int i = 0; i < exact.length; i++) {
            assertThat(answers[i]).isCloseTo(exact[i], within(exact[i] * 0.0079));
        }
    }
}
