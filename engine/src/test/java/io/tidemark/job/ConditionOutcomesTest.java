package io.tidemark.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConditionOutcomesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a > 5 && a < 3",
                "a == 1 && a == 2",
                "a in [1, 2] && a > 2",
                "s == 'x' && s != 'x'",
                "s < 'a' && s > 'b'",
                "f && !f",
                "has(a) && !has(a)",
                "!has(a) && a > 5",
                "a == null && a > 5",
                "a < b && a > b && has(c)"
            })
    void aConditionThatIsTrueOfNoRecordIsRefused(String condition) {
        assertThatThrownBy(() -> ConditionParser.parse(condition))
                .hasMessageStartingWith("is true of no record, so nothing would be counted: ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a != 1 || a != 2",
                "a > 3 || a < 5",
                "a >= 5 || a < 5",
                "has(a) || !has(a)",
                "has(a) || a > 5",
                "!(f && !f)",
                "s != 'x' || s != 'y'"
            })
    void aConditionThatIsFalseOfNoRecordIsRefused(String condition) {
        assertThatThrownBy(() -> ConditionParser.parse(condition))
                .hasMessageStartingWith("is false of no record, so nothing would be filtered: ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a > 3 && a < 5",
                "a >= 5 && a <= 5",
                "has(a) && a > 5",
                "!has(a) || a > 5",
                "a == null || a > 5",
                "s.startsWith('x') && s.contains('y') && s != 'xy'",
                "a == b && a == 5",
                "f == g"
            })
    void aConditionThatDividesRecordsIsAccepted(String condition) {
        assertThat(ConditionParser.parse(condition)).isNotNull();
    }
}
