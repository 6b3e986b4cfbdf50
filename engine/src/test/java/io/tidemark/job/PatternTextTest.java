package io.tidemark.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PatternTextTest {
    private final PatternText text = PatternText.of("yyyy[-MM[-dd]]['[z'HH]");

    @Test
    void aSectionHasItsBracketsAndTheSectionsInIt() {
        assertThat(text.sections()).isEqualTo(3);
        assertThat(text.section(0)).isEqualTo("[-MM[-dd]]");
        assertThat(text.section(1)).isEqualTo("[-dd]");
        assertThat(text.section(2)).isEqualTo("['[z'HH]");
    }

    /** The second section is in the first one. */
    @Test
    void aSetIsClosedIfItHasTheSectionsAroundItsSections() {
        assertThat(LongStream.range(0, 8).filter(text::isClosed))
                .containsExactly(0b000L, 0b001L, 0b011L, 0b100L, 0b101L, 0b111L);
    }

    @Test
    void aSectionThatIsLeftOutKeepsItsBrackets() {
        assertThat(text.with(0b000)).isEqualTo("yyyy[[]][]");
        assertThat(text.with(0b001)).isEqualTo("yyyy[-MM[]][]");
        assertThat(text.with(0b100)).isEqualTo("yyyy[[]]['[z'HH]");
        assertThat(text.with(0b111)).isEqualTo(text.pattern());
    }

    @Test
    void aRunIsOneLetterOutsideOfQuotes() {
        assertThat(text.runs()).extracting(PatternText.Run::letter).containsExactly('y', 'M', 'd', 'H');
        assertThat(PatternText.of("aAzZ{@[`").runs())
                .extracting(PatternText.Run::letter)
                .containsExactly('a', 'A', 'z', 'Z');
    }
}
