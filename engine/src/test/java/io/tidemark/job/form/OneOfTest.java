package io.tidemark.job.form;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.job.form.Form.Use;
import org.junit.jupiter.api.Test;

class OneOfTest {
    sealed interface Kind {}

    record One() implements Kind {}

    record Two() implements Kind {}

    private static final OneOf<Kind> ONLY_ONE =
            OneOf.of(Kind.class, "one or two").word("one", new One());

    @Test
    void aKindWithoutACaseIsAnErrorOfTheTable() {
        assertThatThrownBy(ONLY_ONE::complete)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Two has no case in the table");
        assertThat(ONLY_ONE.word("two", new Two()).complete()).isNotNull();
    }

    @Test
    void aWordThatIsOnlyReadIsNoCaseOfItsKind() {
        assertThatThrownBy(() ->
                        ONLY_ONE.alias("two", Two.class, place -> new Two()).complete())
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aKindWithoutACaseIsNotWrittenAsAnotherOne() {
        assertThatThrownBy(() -> ONLY_ONE.write(new Two(), Use.PAYLOAD)).isInstanceOf(IllegalStateException.class);
    }
}
