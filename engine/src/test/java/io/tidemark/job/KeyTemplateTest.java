package io.tidemark.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.job.KeyTemplate.Part;
import io.tidemark.job.form.InvalidJobException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyTemplateTest {
    private static final WindowSpec DAY =
            JobCodec.read(TestJobs.json(TestJobs.TUTORIAL)).window();

    @Test
    void aTemplateIsTextAndFieldsInTurn() {
        assertThat(new KeyTemplate("day {date}/{meter.id}!").parts())
                .containsExactly(
                        new Part(false, "day "),
                        new Part(true, "date"),
                        new Part(false, "/"),
                        new Part(true, "meter.id"),
                        new Part(false, "!"));
        assertThat(KeyTemplate.JSON.parts()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{date}/{channel}", "{channel}-{date}", "x{date}é{channel}𝄞"})
    void aTemplateWithEveryFieldOnceIsTaken(String text) {
        assertThatCode(() -> new KeyTemplate(text).check(DAY, List.of("channel")))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{date}              | lacks {channel}",
                "{channel}           | lacks {date}",
                "all                 | lacks {channel}",
                "{date}{channel}     | needs text between {channel} and the field before it",
                "{date}/{channel}/{date} | names {date} twice",
                "{date}/{channel}/{meter} | names {meter}, which is not the window or a groupBy field",
                "{date}/{channel}/{} | names {}, which",
                "{date}%{channel}    | contains %",
                "{date}/{channel     | has a brace without its partner",
                "date}/{channel}     | has a brace without its partner",
                "{date}/{{channel}}  | has a brace without its partner",
            })
    void aTemplateThatCouldHideARowIsRefused(String text, String problem) {
        assertThatThrownBy(() -> new KeyTemplate(text).check(DAY, List.of("channel")))
                .isInstanceOfSatisfying(
                        InvalidJobException.class, e -> assertThat(e.path()).isEqualTo("output.key"))
                .hasMessageContaining("'" + text + "' " + problem);
    }

    @Test
    void halfOfASurrogatePairIsNoText() {
        assertThatThrownBy(() -> new KeyTemplate("{date}\ud834").check(DAY, List.of()))
                .isInstanceOf(InvalidJobException.class);
    }
}
