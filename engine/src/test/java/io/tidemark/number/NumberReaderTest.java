package io.tidemark.number;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.tidemark.number.NumberReader.Outcome;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumberReaderTest {
    private static final Pattern JSON_NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
    private static final BigInteger MOST_DECIMAL = BigInteger.TEN.pow(18).subtract(BigInteger.ONE);

    @Property(tries = 20_000)
    void aDecimalIsExactlyItsValueOrRefused(@ForAll long seed, @ForAll @IntRange(max = 18) int scale) {
        String number = number(new Random(seed));

        assertThat(read(NumberReader.decimal(scale), number))
                .as("%s with %d decimals", number, scale)
                .isEqualTo(expected(number, scale, MOST_DECIMAL.negate(), MOST_DECIMAL));
    }

    @Property(tries = 20_000)
    void anIntegerIsExactlyItsValueOrRefused(@ForAll long seed) {
        String number = number(new Random(seed));

        assertThat(read(NumberReader.integer(), number)).as(number).isEqualTo(expectedInteger(number));
    }

    @Property(tries = 20_000)
    void everyLongIsReadInEachForm(@ForAll long value, @ForAll @IntRange(max = 18) int zeros) {
        BigDecimal decimal = BigDecimal.valueOf(value);

        assertThat(read(NumberReader.integer(), Long.toString(value))).isEqualTo("EXACT " + value);
        assertThat(read(NumberReader.integer(), decimal.setScale(zeros).toPlainString()))
                .isEqualTo("EXACT " + value);
        assertThat(read(NumberReader.integer(), decimal.movePointLeft(zeros).toPlainString() + "e" + zeros))
                .isEqualTo("EXACT " + value);
    }

    /** Digits, signs and points in any order: what is no number is never taken for one. */
    @Property(tries = 20_000)
    void onlyTheGrammarOfJsonIsRead(@ForAll long seed) {
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder(random.nextBoolean() ? number(random) : "");
        for (int i = random.nextInt(6); i >= 0; i--) {
            text.insert(random.nextInt(text.length() + 1), "0159.-+eE x".charAt(random.nextInt(11)));
        }
        String number = text.toString();

        assertThat(!read(NumberReader.decimal(2), number).equals("NOT_A_NUMBER"))
                .as(number)
                .isEqualTo(JSON_NUMBER.matcher(number).matches());
    }

    /** Digits that are known give what their text gives, or nothing. */
    @Property(tries = 20_000)
    void knownDigitsAreReadAsTheirTextIs(
            @ForAll long value,
            @ForAll @IntRange(max = 62) int fewer,
            @ForAll @IntRange(max = 18) int decimals,
            @ForAll @IntRange(max = 19) int scale) {
        long digits = value >> fewer;
        NumberReader reader = scale > 18 ? NumberReader.integer() : NumberReader.decimal(scale);
        String text = BigDecimal.valueOf(digits, decimals).toPlainString();

        if (reader.readDigits(digits, decimals)) {
            assertThat("EXACT " + reader.value()).as(text).isEqualTo(read(reader, text));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1250, 2, 2, true",
        "1250, 1, 2, true",
        "1250, 3, 2, false",
        "999999999999999999, 0, 0, true",
        "-999999999999999999, 0, 0, true",
        "1000000000000000000, 0, 0, false",
        "-9223372036854775808, 0, 0, false",
        "10000000000000000, 0, 2, false",
        "-9999999999999999, 0, 2, true",
        "0, 0, 18, true",
        "1, 0, 18, false"
    })
    void knownDigitsOfMoreThanTheFormHasAreLeftToTheText(long digits, int decimals, int scale, boolean isRead) {
        assertThat(NumberReader.decimal(scale).readDigits(digits, decimals)).isEqualTo(isRead);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 2, EXACT 0",
        "-0, 2, EXACT 0",
        "-0.00, 2, EXACT 0",
        "12.5, 2, EXACT 1250",
        "12.50, 1, EXACT 125",
        "12.51, 1, NOT_EXACT",
        "-12.5, 0, NOT_EXACT",
        "1e2, 2, EXACT 10000",
        "1E-2, 2, EXACT 1",
        "1e-3, 2, NOT_EXACT",
        "0.000000000000000001, 18, EXACT 1",
        "0.0000000000000000001, 18, NOT_EXACT",
        "0.999999999999999999, 18, EXACT 999999999999999999",
        "1, 18, OUT_OF_RANGE",
        "999999999999999999, 0, EXACT 999999999999999999",
        "-999999999999999999, 0, EXACT -999999999999999999",
        "999999999999999999.5, 0, NOT_EXACT",
        "1000000000000000000, 0, OUT_OF_RANGE",
        "-1000000000000000000.5, 0, OUT_OF_RANGE",
        "9999999999999999.99, 2, EXACT 999999999999999999",
        "10000000000000000.00, 2, OUT_OF_RANGE",
        "0e999999999999999, 2, EXACT 0",
        "1e999999999999999, 2, OUT_OF_RANGE",
        "1e-999999999999999, 2, NOT_EXACT",
        "1e99999999999999999999999999, 2, OUT_OF_RANGE",
        "0.000000000000000000000000000001e30, 0, EXACT 1",
        "100000000000000000000000000000e-29, 0, EXACT 1"
    })
    void theEdgesOfDecimals(String number, int scale, String expected) {
        assertThat(read(NumberReader.decimal(scale), number)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "9223372036854775807, EXACT 9223372036854775807",
        "-9223372036854775808, EXACT -9223372036854775808",
        "9223372036854775808, OUT_OF_RANGE",
        "-9223372036854775809, OUT_OF_RANGE",
        "92233720368547758070, OUT_OF_RANGE",
        "922337203685477580.7e1, EXACT 9223372036854775807",
        "9223372036854775807.5, NOT_EXACT",
        "1.0, EXACT 1",
        "1.5, NOT_EXACT"
    })
    void theEdgesOfIntegers(String number, String expected) {
        assertThat(read(NumberReader.integer(), number)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "-", "+1", ".5", "1.", "01", "-01", "1e", "1e+", "1 ", " 1", "1,5", "0x1", "NaN", "--1", "1.2.3",
                "1e5.0"
            })
    void whatIsNoNumberIsRefused(String text) {
        assertThat(read(NumberReader.decimal(2), text)).isEqualTo("NOT_A_NUMBER");
        assertThat(read(NumberReader.integer(), text)).isEqualTo("NOT_A_NUMBER");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 19})
    void aScaleIs0To18(int scale) {
        assertThatThrownBy(() -> NumberReader.decimal(scale)).hasMessageContaining("not " + scale);
    }

    @Test
    void nothingIsAllocatedForANumber() {
        byte[][] numbers = new byte[100][];
        Random random = new Random(1);
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = number(random).getBytes(StandardCharsets.US_ASCII);
        }
        NumberReader reader = NumberReader.decimal(2);
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        readAll(reader, numbers);
        thread.getThreadAllocatedBytes(Thread.currentThread().getId());

        long before = thread.getThreadAllocatedBytes(Thread.currentThread().getId());
        long exact = readAll(reader, numbers);
        long allocated = thread.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;

        assertThat(allocated).isLessThan(10_000);
        assertThat(exact).isPositive();
    }

    private static long readAll(NumberReader reader, byte[][] numbers) {
        long exact = 0;
        for (int i = 0; i < 100_000; i++) {
            byte[] number = numbers[i % numbers.length];
            exact += reader.read(number, 0, number.length) == Outcome.EXACT ? 1 : 0;
        }
        return exact;
    }

    private static String expectedInteger(String number) {
        return expected(number, 0, BigInteger.valueOf(Long.MIN_VALUE), BigInteger.valueOf(Long.MAX_VALUE));
    }

    private static String expected(String number, int scale, BigInteger least, BigInteger most) {
        if (!JSON_NUMBER.matcher(number).matches()) {
            return "NOT_A_NUMBER";
        }
        BigDecimal units = new BigDecimal(number).movePointRight(scale);
        if (units.signum() != 0 && units.precision() - units.scale() > 30) {
            return "OUT_OF_RANGE";
        }
        BigInteger whole = units.setScale(0, RoundingMode.DOWN).toBigInteger();
        if (whole.compareTo(least) < 0 || whole.compareTo(most) > 0) {
            return "OUT_OF_RANGE";
        }
        return units.compareTo(new BigDecimal(whole)) == 0 ? "EXACT " + whole : "NOT_EXACT";
    }

    private static String read(NumberReader reader, String number) {
        byte[] bytes = ("1" + number + "1").getBytes(StandardCharsets.US_ASCII);
        Outcome outcome = reader.read(bytes, 1, bytes.length - 1);
        return outcome == Outcome.EXACT ? "EXACT " + reader.value() : outcome.toString();
    }

    /** A number of JSON, mostly one that can be read, with rows of zeros and nines. */
    private static String number(Random random) {
        StringBuilder text = new StringBuilder(random.nextBoolean() ? "-" : "");
        text.append(random.nextInt(3) == 0 ? "0" : (1 + random.nextInt(9)) + digits(random));
        if (random.nextBoolean()) {
            text.append('.').append(random.nextInt(10)).append(digits(random));
        }
        if (random.nextInt(4) == 0) {
            text.append(random.nextBoolean() ? 'e' : 'E').append(new String[] {"", "+", "-"}[random.nextInt(3)]);
            text.append(random.nextInt(random.nextBoolean() ? 20 : 400));
        }
        return text.toString();
    }

    private static String digits(Random random) {
        StringBuilder digits = new StringBuilder();
        int kind = random.nextInt(3);
        for (int i = random.nextInt(random.nextBoolean() ? 4 : 20); i > 0; i--) {
            digits.append(kind == 0 ? 0 : kind == 1 ? 9 : random.nextInt(10));
        }
        return digits.toString();
    }
}
