package io.tidemark.row;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowNumbersTest {

    /** Expected values are what {@code String(value)} gives in JavaScript. */
    @ParameterizedTest
    @CsvSource({
        "0.1, 0.1",
        "239.94, 239.94",
        "-239.95000000000002, -239.95000000000002",
        "12345678.9, 12345678.9",
        "2.45803458011E7, 24580345.8011",
        "123456789012345.67, 123456789012345.67",
        "0.001, 0.001",
        "0.0001, 0.0001",
        "0.00001, 0.00001",
        "0.000001, 0.000001",
        "-0.00000123, -0.00000123",
        "0.0000001, 1e-7",
        "0.000000123, 1.23e-7",
        "1e21, 1e+21",
        "-1e21, -1e+21",
        "1.5e300, 1.5e+300",
        "1.2345678901235469E29, 1.2345678901235469e+29",
        "1.7976931348623157e308, 1.7976931348623157e+308",
        "2.2250738585072014e-308, 2.2250738585072014e-308",
        "4.9e-324, 5e-324",
        "-4.9e-324, -5e-324",
        "9.9e-324, 1e-323",
        "1.5e-323, 1.5e-323",
        "8.9e-323, 9e-323",
        "2e-323, 2e-323",
        "2.2e-322, 2.2e-322",
        "2e23, 2e+23",
        "1e23, 1e+23",
        "9007199254740993.5e7, 9.007199254740994e+22"
    })
    void aNumberIsWrittenAsJavaScriptWritesIt(double value, String javaScript) {
        assertThat(RowNumbers.text(value)).isEqualTo(javaScript);
    }

    /** JavaScript writes these without a point. */
    @ParameterizedTest
    @CsvSource({
        "3, 3",
        "-240, -240",
        "1e6, 1000000",
        "1e7, 10000000",
        "12345678, 12345678",
        "9007199254740993, 9007199254740992",
        "123456789012345680000, 123456789012345680000",
        "-999999999999999900000, -999999999999999900000",
        "0, 0"
    })
    void aWholeNumberHasAPointBecauseItIsADouble(double value, String javaScript) {
        assertThat(RowNumbers.text(value)).isEqualTo(javaScript + ".0");
    }

    @Property(tries = 20_000)
    void aNumberReadsBackWithTheSameBits(@ForAll long bits, @ForAll @IntRange(min = -30, max = 80) int exponent) {
        double any = Double.longBitsToDouble(bits);
        if (Double.isFinite(any)) {
            assertReadsBack(any);
        }
        // Around both ends of the plain form, with many digits and with few.
        assertReadsBack(Math.scalb(1 + (bits & 0xFFFFF) / 1048576.0, exponent));
        assertReadsBack((bits % 1000) * Math.pow(10, exponent / 3));
    }

    private static void assertReadsBack(double value) {
        String text = RowNumbers.text(value);

        assertThat(Double.doubleToRawLongBits(Double.parseDouble(text)))
                .as(text)
                .isEqualTo(Double.doubleToRawLongBits(value));
        double size = Math.abs(value);
        assertThat(text)
                .matches(
                        size == 0 || (size >= 1e-6 && size < 1e21)
                                ? "-?(0|[1-9]\\d*)\\.\\d+"
                                : "-?[1-9](\\.\\d*[1-9])?e[-+][1-9]\\d*");
    }
}
