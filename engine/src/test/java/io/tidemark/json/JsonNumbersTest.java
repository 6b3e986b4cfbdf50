package io.tidemark.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonNumbersTest {

    @Property(tries = 30_000)
    void aNumberIsExactlyWhatJavaMakesOfIt(@ForAll long seed) {
        String number = number(new Random(seed));

        assertThat(parse(number)).as(number).isEqualTo(Double.parseDouble(number));
    }

    @Property(tries = 30_000)
    void aDoubleComesBackFromEachOfItsForms(@ForAll long bits) {
        double value = Double.longBitsToDouble(bits);
        if (Double.isFinite(value)) {
            assertThat(parse(Double.toString(value))).isEqualTo(value);
            assertThat(parse(new BigDecimal(value).toString())).isEqualTo(value);
            // Half way to the neighbour: the hardest to round.
            BigDecimal half = new BigDecimal(value).add(new BigDecimal(Math.ulp(value) / 2));
            assertThat(parse(half.toString())).isEqualTo(Double.parseDouble(half.toString()));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-0",
                "0.0",
                "-0.0e5",
                "0e999999999999",
                "1",
                "9007199254740992",
                "9007199254740993",
                "9007199254740993.0",
                "1e22",
                "1e23",
                "1e-22",
                "1e-23",
                "123456789012345678",
                "1234567890123456789",
                "0.000000000000000000000000000001",
                "1e308",
                "1.7976931348623158e308",
                "4.9e-324",
                "2.4e-324",
                "2.2250738585072012e-308",
                "1e999",
                "-1e999",
                "1e-999",
                "1e99999999999",
                "1e-99999999999",
                "0.1e1",
                "100000000000000000000000000000e-29",
                "239.94",
                "9999999999999999999"
            })
    void theEdgesAreExactToo(String number) {
        assertThat(parse(number)).isEqualTo(Double.parseDouble(number));
    }

    @Property(tries = 50_000)
    void numbersOfOneValueHaveOneFormAndItReadsBack(@ForAll long seed) {
        Random random = new Random(seed);
        String number = number(random);
        BigDecimal value = new BigDecimal(number);
        // The same value in another form.
        String other = value.setScale(value.scale() + random.nextInt(5)).toString();
        String shifted = value.unscaledValue() + "e" + -value.scale();

        String canonical = canonical(number);

        assertThat(new BigDecimal(canonical)).as(number).isEqualByComparingTo(value);
        assertThat(canonical(other)).isEqualTo(canonical);
        assertThat(canonical(shifted)).isEqualTo(canonical);
        assertThat(canonical(canonical)).isEqualTo(canonical);
        assertThat(canonical).matches("-?(0|[1-9]\\d*)(\\.\\d*[1-9])?(e-?[1-9]\\d*)?");
    }

    /** Wherever the array ends: numbers are read, and may be written, eight bytes at a time. */
    @Property(tries = 50_000)
    void aNumberWithKnownDigitsHasTheSameForm(@ForAll long seed) {
        Random random = new Random(seed);
        long digits = random.nextLong()
                % 1_000_000_000_000_000_000L
                / BigInteger.TEN.pow(random.nextInt(19)).longValue();
        digits -= random.nextBoolean() ? digits % 1000 : 0;
        int decimals = random.nextInt(19);
        String number = BigDecimal.valueOf(digits, decimals).toPlainString();
        byte[] buf = ("x".repeat(random.nextInt(9)) + number + "x".repeat(random.nextInt(9)))
                .getBytes(StandardCharsets.US_ASCII);
        int start = new String(buf, StandardCharsets.US_ASCII).indexOf(number);
        byte[] into = new byte[3 + number.length() + JsonNumbers.CANONICAL_SLACK];

        int length = JsonNumbers.canonical(digits, decimals, buf, start, start + number.length(), into, 3);

        assertThat(new String(into, 3, length, StandardCharsets.US_ASCII))
                .as(number)
                .isEqualTo(canonical(number));
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1",
        "1.0, 1",
        "1e0, 1",
        "10e-1, 1",
        "-0, 0",
        "0.000, 0",
        "0e99999999999, 0",
        "1200, 1200",
        "12e2, 1200",
        "-12.50, -12.5",
        "0.00001, 0.00001",
        "0.000001, 1e-6",
        "123e-7, 0.0000123",
        "1e20, 100000000000000000000",
        "1e21, 1e21",
        "120e20, 1.2e22",
        "12345678901234567890123456789012345678901, 12345678901234567890123456789012345678901",
        "-0.1e-10, -1e-11",
        "1e999999999, 1e999999999",
        "1.5e-400, 1.5e-400"
    })
    void theOneFormIsWhatAPersonWouldWrite(String number, String expected) {
        assertThat(canonical(number)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1e1000000000",
                "1e-1000000000",
                "-3e99999999999999999999",
                // The decimals, or the zeros, lead back to nine digits; but how many digits were cut?
                "0.1e1000000000",
                "0.1e2000000000",
                "100e-1000000001",
                "0.1e-999999999",
                "10e999999999"
            })
    void anExponentBeyondAllUseHasNoForm(String number) {
        byte[] bytes = number.getBytes(StandardCharsets.US_ASCII);

        assertThat(JsonNumbers.canonical(bytes, 0, bytes.length, new byte[bytes.length + 32], 0))
                .isNegative();
    }

    @Property(tries = 50_000)
    void secondsBecomeMillisecondsCutTowardsThePast(@ForAll long seed) {
        String number = number(new Random(seed));
        BigDecimal exact = new BigDecimal(number).movePointRight(3);
        BigInteger millis = exact.setScale(0, RoundingMode.FLOOR).toBigInteger();
        boolean fits = exact.abs().compareTo(new BigDecimal("1e17")) < 0;

        assertThat(scaled(number, 3, Integer.MAX_VALUE))
                .as(number)
                .isEqualTo(fits ? millis.longValue() : Long.MIN_VALUE);
    }

    @ParameterizedTest
    @CsvSource({"1.0, 1", "-15e1, -150", "1e0, 1", "1000e-3, 1", "0.0e-99999999999, 0"})
    void wholeNumbersMayBeWrittenAsDecimals(String number, long expected) {
        assertThat(scaled(number, 0, 0)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.5", "1e-1", "1e-99999999999", "1e18", "1e99999999999", "99999999999999999999"})
    void whatIsNotWholeOrTooLargeIsNone(String number) {
        assertThat(scaled(number, 0, 0)).isEqualTo(Long.MIN_VALUE);
    }

    /** Nanoseconds as milliseconds: six decimals may be cut, and a seventh must be 0. */
    @Property(tries = 5_000)
    void aNumberIsCutOnlyWithinTheDecimalsThatMayBeCut(@ForAll long seed) {
        String number = number(new Random(seed));
        BigDecimal exact = new BigDecimal(number).movePointLeft(6);
        boolean whole = new BigDecimal(number).stripTrailingZeros().scale() <= 0;
        boolean fits = exact.abs().compareTo(new BigDecimal("1e17")) < 0;

        assertThat(scaled(number, -6, 6))
                .as(number)
                .isEqualTo(whole && fits ? exact.setScale(0, RoundingMode.FLOOR).longValueExact() : Long.MIN_VALUE);
    }

    @Property(tries = 5_000)
    void aNumberIsWhatTheGrammarOfJsonSays(@ForAll long seed) {
        Random random = new Random(seed);
        String number = number(random);
        String text = switch (random.nextInt(3)) {
            case 0 -> number;
            case 1 -> number.substring(0, random.nextInt(number.length() + 1));
            default -> {
                int at = random.nextInt(number.length() + 1);
                yield number.substring(0, at) + "0.e+-E x".charAt(random.nextInt(8)) + number.substring(at);
            }
        };
        byte[] bytes = ("1" + text + "1").getBytes(StandardCharsets.US_ASCII);

        assertThat(JsonNumbers.isNumber(bytes, 1, bytes.length - 1))
                .as(text)
                .isEqualTo(text.matches("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?"));
    }

    /** A number of JSON with up to 40 digits, long rows of zeros and nines among them. */
    private static String number(Random random) {
        StringBuilder text = new StringBuilder(random.nextBoolean() ? "-" : "");
        text.append(random.nextInt(3) == 0 ? "0" : (1 + random.nextInt(9)) + digits(random));
        if (random.nextBoolean()) {
            text.append('.').append(random.nextInt(10)).append(digits(random));
        }
        if (random.nextInt(3) == 0) {
            text.append(random.nextBoolean() ? 'e' : 'E').append(new String[] {"", "+", "-"}[random.nextInt(3)]);
            text.append(random.nextInt(random.nextBoolean() ? 30 : 400));
        }
        return text.toString();
    }

    private static String digits(Random random) {
        StringBuilder digits = new StringBuilder();
        int kind = random.nextInt(3);
        for (int i = random.nextInt(random.nextBoolean() ? 6 : 21); i > 0; i--) {
            digits.append(kind == 0 ? 0 : kind == 1 ? 9 : random.nextInt(10));
        }
        return digits.toString();
    }

    private static double parse(String number) {
        byte[] bytes = ("1" + number + "1").getBytes(StandardCharsets.US_ASCII);
        return JsonNumbers.parse(bytes, 1, bytes.length - 1);
    }

    private static long scaled(String number, int power, int decimals) {
        byte[] bytes = ("1" + number + "1").getBytes(StandardCharsets.US_ASCII);
        return JsonNumbers.scaled(bytes, 1, bytes.length - 1, power, decimals);
    }

    private static String canonical(String number) {
        byte[] bytes = ("1" + number + "1").getBytes(StandardCharsets.US_ASCII);
        byte[] into = new byte[number.length() + JsonNumbers.CANONICAL_SLACK + 3];
        int length = JsonNumbers.canonical(bytes, 1, bytes.length - 1, into, 3);
        return new String(into, 3, length, StandardCharsets.US_ASCII);
    }
}
