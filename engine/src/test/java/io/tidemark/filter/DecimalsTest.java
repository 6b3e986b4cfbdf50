package io.tidemark.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Locale;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecimalsTest {
    @ParameterizedTest
    @CsvSource({
        "1, 1.0, 0",
        "1, 1e0, 0",
        "0, -0.0e9, 0",
        "10, 1e1, 0",
        "0.01, 1E-2, 0",
        "1e-400, 0, 1",
        "-1e-400, 0, -1",
        "4e-324, 5e-324, -1",
        "9007199254740993, 9007199254740992, 1",
        "-9007199254740993, -9007199254740992, -1",
        "1.000, 1.0001, -1",
        "1e99999999999999, 1e99, 1",
        "1e-99999999999999, 1e-99, -1"
    })
    void comparesExactly(String a, String b, int order) {
        assertThat(Decimals.compare(a, b)).isEqualTo(order);
        assertThat(Decimals.compare(b, a)).isEqualTo(-order);
    }

    @Property
    void comparesAsBigDecimalDoes(@ForAll("numbers") String a, @ForAll("numbers") String b) {
        assertThat(Decimals.compare(a, b)).isEqualTo(new BigDecimal(a).compareTo(new BigDecimal(b)));
    }

    /** Few digits and small exponents, so that many pairs are equal or nearly so. */
    @Provide
    Arbitrary<String> numbers() {
        Arbitrary<String> sign = Arbitraries.of("", "-");
        Arbitrary<String> whole = Arbitraries.of("0", "1", "10", "100", "12", "9", "99", "999");
        Arbitrary<String> fraction = Arbitraries.of("", ".0", ".1", ".10", ".01", ".99", ".001", ".123");
        Arbitrary<String> exponent =
                Arbitraries.integers().between(-4, 4).map(e -> e == 0 ? "" : String.format(Locale.ROOT, "e%+d", e));
        return Combinators.combine(sign, whole, fraction, exponent).as((a, b, c, d) -> a + b + c + d);
    }
}
