package io.tidemark.number;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExactSumsTest {
    private static final int AT = 1;

    /** From any sum that the bounds allow, so that each word's carry is met. */
    @Property(tries = 20_000)
    void oneMoreValueIsAddedExactly(@ForAll long seed, @ForAll long value) {
        Random random = new Random(seed);
        BigInteger sum = near(random, 126);
        BigInteger squares = near(random, 188).abs();
        long[] sums = sum(sum);
        long[] squareSums = squares(squares);

        Sum128.add(sums, AT, value);
        Squares192.add(squareSums, AT, value);

        BigInteger exact = BigInteger.valueOf(value);
        assertThat(Sum128.value(sums, AT)).isEqualTo(sum.add(exact));
        assertThat(Squares192.value(squareSums, AT)).isEqualTo(squares.add(exact.multiply(exact)));
        assertThat(sums[0] + sums[3] + squareSums[0] + squareSums[4])
                .as("others")
                .isZero();
    }

    @Property(tries = 20_000)
    void sumsAreMergedExactly(@ForAll long seed) {
        Random random = new Random(seed);
        BigInteger a = near(random, 125);
        BigInteger b = near(random, 125);
        BigInteger c = near(random, 188).abs();
        BigInteger d = near(random, 188).abs();
        long[] sums = sum(a);
        long[] squares = squares(c);

        Sum128.merge(sums, AT, sum(b), AT);
        Squares192.merge(squares, AT, squares(d), AT);

        assertThat(Sum128.value(sums, AT)).isEqualTo(a.add(b));
        assertThat(Squares192.value(squares, AT)).isEqualTo(c.add(d));
    }

    @Property(tries = 5_000)
    void aSumIsTheDecimalThatItMeansAndComesBack(@ForAll long seed, @ForAll @IntRange(max = 18) int scale) {
        Random random = new Random(seed);
        BigInteger sum = near(random, 126);
        BigInteger squares = near(random, 189).abs();

        String text = Sum128.text(sum(sum), AT, scale);
        String squaresText = Squares192.text(squares(squares), AT, 2 * scale);

        assertThat(text).isEqualTo(new BigDecimal(sum, scale).toPlainString());
        long[] back = {7, 7, 7, 7};
        Sum128.parse(text, scale, back, AT);
        assertThat(Sum128.value(back, AT)).isEqualTo(sum);
        long[] squaresBack = {7, 7, 7, 7, 7};
        Squares192.parse(squaresText, 2 * scale, squaresBack, AT);
        assertThat(Squares192.value(squaresBack, AT)).isEqualTo(squares);
        assertThat(back[0] + back[3] + squaresBack[0] + squaresBack[4]).isEqualTo(28);
    }

    /** The greatest sums that can be: 2^63 times the least long. */
    @Test
    void asManyOfTheGreatestValuesAsThereCanBeDoNotOverflow() {
        long[] sums = new long[2];
        long[] squares = new long[3];
        Sum128.add(sums, 0, Long.MIN_VALUE);
        Squares192.add(squares, 0, Long.MIN_VALUE);
        for (int i = 0; i < 63; i++) {
            Sum128.merge(sums, 0, sums.clone(), 0);
            Squares192.merge(squares, 0, squares.clone(), 0);
        }

        assertThat(Sum128.value(sums, 0))
                .isEqualTo(BigInteger.ONE.shiftLeft(126).negate());
        assertThat(Squares192.value(squares, 0)).isEqualTo(BigInteger.ONE.shiftLeft(189));
    }

    @ParameterizedTest
    @CsvSource({
        "'', 0",
        "1.0, 2",
        "1.000, 2",
        "1, 2",
        "01.00, 2",
        "+1.00, 2",
        "-0.00, 2",
        "-0, 0",
        "1e2, 0",
        "1e999999999, 0",
        "' 1', 0",
        ".50, 2",
        "٣, 0",
        "170141183460469231731687303715884105728, 0",
        "10000000000000000000000000000000000000000000000000000000000000000, 0"
    })
    void onlyItsOwnFormIsReadBack(String text, int scale) {
        assertThatThrownBy(() -> Sum128.parse(text, scale, new long[2], 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("a sum ");
    }

    @ParameterizedTest
    @CsvSource({
        "11990, 2, 119.90",
        "-5, 2, -0.05",
        "0, 0, 0",
        "0, 3, 0.000",
        "-9223372036854775808, 0, -9223372036854775808",
        "1, 18, 0.000000000000000001"
    })
    void aDecimalHasExactlyItsDecimals(long units, int scale, String text) {
        assertThat(Decimals.text(units, scale)).isEqualTo(text);
        assertThat(Decimals.parse(text, scale)).isEqualTo(BigInteger.valueOf(units));
    }

    @ParameterizedTest
    @CsvSource({
        "10, 4, 2, 0.025000",
        "1, 3, 0, 0.333333",
        "2, 3, 0, 0.666667",
        "-2, 3, 0, -0.666667",
        "1, 2000000, 0, 0.000001",
        "-1, 2000000, 0, -0.000001",
        "1, 2000001, 0, 0.000000",
        "1, 2, 8, 0.00000001",
        "100000000, 3, 8, 0.33333333"
    })
    void aMeanIsRoundedHalfUpToSixDecimalsOrItsOwn(String sum, long count, int scale, String mean) {
        assertThat(Decimals.mean(new BigInteger(sum), count, scale).toPlainString())
                .isEqualTo(mean);
        assertThat(new BigDecimal(sum)
                        .movePointLeft(scale)
                        .divide(new BigDecimal(count), Decimals.meanScale(scale), RoundingMode.HALF_UP))
                .isEqualTo(new BigDecimal(mean));
    }

    /** A number of at most so many bits, often close to the end of a word. */
    private static BigInteger near(Random random, int bits) {
        BigInteger value = random.nextBoolean()
                ? new BigInteger(random.nextInt(bits + 1), random)
                : BigInteger.ONE.shiftLeft(random.nextInt(bits)).subtract(BigInteger.valueOf(random.nextInt(3) - 1));
        return random.nextBoolean() ? value.negate() : value;
    }

    private static long[] sum(BigInteger value) {
        long[] sums = new long[4];
        Words.set(value, sums, AT, 2);
        return sums;
    }

    private static long[] squares(BigInteger value) {
        long[] squares = new long[5];
        Words.set(value, squares, AT, 3);
        return squares;
    }
}
