package io.tidemark.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.job.form.InvalidJobException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConditionTypesTest {

    @ParameterizedTest
    @CsvSource(delimiter = '¦', quoteCharacter = '~', textBlock = """
                    a == 1 || a == 'x'¦    where: uses a as a number and as a text; a field has one type, and a record with another one is a bad record
                    a == 1 && a¦           where: uses a as a number and as true or false; a field has one type, and a record with another one is a bad record
                    voltage == '230'¦      where: uses voltage as a text, but aggregate.voltage needs a number there
                    datetime > 5¦          where: uses datetime as a number, but input.timestamp needs a text there
                    datetime == voltage¦   where: uses voltage as a text, but aggregate.voltage needs a number there
                    a == b && a == 1 && b == 'x'¦ where: uses b as a number, but where needs a text there
                    a < b && a && b¦       where: orders a and b by '<', but they are true or false; compare them by '==' or '!='
                    a = 1¦                 where: '=' is no operator; write '==' to compare, at character 3 of a = 1
                    """)
    void aJobRefusesAFieldThatIsUsedAsTwoTypes(String condition, String message) {
        assertThatThrownBy(() -> JobCodec.read(TestJobs.where(condition)))
                .isInstanceOfSatisfying(
                        InvalidJobException.class, e -> assertThat(e.path()).isEqualTo("where"))
                .hasMessageStartingWith(message);
    }
}
