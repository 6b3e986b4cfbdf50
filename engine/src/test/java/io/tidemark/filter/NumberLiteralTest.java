package io.tidemark.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumberLiteralTest {
    @Property(tries = 20_000)
    void comparesDigitsAsBigDecimalDoes(@ForAll long seed, @ForAll @IntRange(max = 18) int decimals) {
        Random random = new Random(seed);
        BigDecimal number = BigDecimal.valueOf(random.nextLong() >> random.nextInt(64), random.nextInt(19));
        NumberLiteral literal = NumberLiteral.of(number.toPlainString());
        // Any number, or one that is equal or nearly so.
        long digits = random.nextBoolean()
                ? random.nextLong() >> random.nextInt(64)
                : number.movePointRight(decimals).longValue() + random.nextInt(3) - 1;

        if (literal.isComparable(decimals)) {
            assertThat(literal.compare(digits, decimals))
                    .as("%d with %d decimals, %s", digits, decimals, literal)
                    .isEqualTo(BigDecimal.valueOf(digits, decimals).compareTo(number));
        }
    }

    /** How many decimals the other number may have at most; -1 if none is compared by its digits. */
    @ParameterizedTest
    @CsvSource({
        "220, 15",
        "0, 18",
        "-1.5, 17",
        "0.0000001, 18",
        "999999999999999999, 0",
        "1000000000000000000, -1",
        "1e3, -1",
        "0.0000000000000000001, -1"
    })
    void numbersOfFewDigitsAreComparedByTheirDigits(String number, int most) {
        NumberLiteral literal = NumberLiteral.of(number);

        for (int decimals = -2; decimals <= 18; decimals++) {
            assertThat(literal.isComparable(decimals))
                    .as("%s with %d decimals", number, decimals)
                    .isEqualTo(decimals >= 0 && decimals <= most);
        }
    }
}
