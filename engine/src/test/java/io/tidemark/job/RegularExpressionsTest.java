package io.tidemark.job;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RegularExpressionsTest {

    @Test
    void theirSizeIsBounded() {
        assertThatThrownBy(() -> ConditionParser.parse("a.matches('" + "x".repeat(1_001) + "')"))
                .hasMessageStartingWith("a regular expression has at most 1000 characters");
        assertThatThrownBy(() -> ConditionParser.parse("a.matches('(((x{99}){99}){99}){99}')"))
                .hasMessageStartingWith("the repetitions of this regular expression multiply to more than 100000");
        assertThatThrownBy(() -> ConditionParser.parse("a.matches('(x{90}){90}')"))
                .hasMessageContaining("instructions of RE2, and at most 1000 are allowed");
    }
}
