package io.tidemark.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.job.JobSpec;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import io.tidemark.testkit.JobJson;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OutputTopicsTest {

    private static JobSpec job(String output, String badRecords) {
        return JobJson.job("{ output: { topic: '" + output + "' }, badRecords: '" + badRecords + "' }");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "*             | anything",
                "means         | means",
                "bills, means  | means",
                "daily-*       | daily-means",
                "daily-*       | daily-",
                "*.eu.*        | means.eu.daily",
                "a*b*c         | a-b-b-c"
            })
    void aJobMayWriteWhereTheListSaysSo(String list, String topic) {
        assertThatCode(() -> OutputTopics.of(list).require(job(topic, "skip"))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "means         | mean",
                "means         | means2",
                "daily-*       | a-daily-means",
                "daily-*       | DAILY-means",
                "a.b           | acb",
                "a*b*c         | a-c-b"
            })
    void itMayNotWriteElsewhere(String list, String topic) {
        assertThatThrownBy(() -> OutputTopics.of(list).require(job(topic, "skip")))
                .isInstanceOfSatisfying(TidemarkException.class, failure -> {
                    assertThat(failure.kind()).isEqualTo(FailureKind.TOPIC_NOT_ALLOWED);
                    assertThat(failure.kind().retryable()).isFalse();
                    assertThat(failure).hasMessageContainingAll("topic " + topic, list, "--output-topics");
                });
    }

    @Test
    void deadLettersNeedAPlaceOnTheListAsWell() {
        assertThatThrownBy(() -> OutputTopics.of("means").require(job("means", "deadLetter")))
                .hasMessageContaining("topic means.dead-letter");
        assertThatCode(() -> OutputTopics.of("means,means.dead-letter").require(job("means", "deadLetter")))
                .doesNotThrowAnyException();
    }

    @Test
    void lateRecordsGoToTheDeadLetters() {
        String job = "{ output: { topic: 'means' }, badRecords: 'skip', close: { after: '1d', late: '%s' } }";

        assertThatThrownBy(() -> OutputTopics.of("means").require(JobJson.job(job.formatted("deadLetter"))))
                .hasMessageContaining("means.dead-letter");
        assertThatCode(() -> OutputTopics.of("means").require(JobJson.job(job.formatted("count"))))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a,,b", "a b", "[a-z]+", "a;b", "ä"})
    void whatIsNoListOfNamesIsRefused(String list) {
        assertThatThrownBy(() -> OutputTopics.of(list))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--output-topics");
    }
}
