package io.tidemark.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.form.InvalidJobException;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** A job with rows over all partitions, and the job of its second stage. */
class TwoStagesTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private static JobSpec job(String more) {
        ObjectNode json = (ObjectNode) TestJobs.json(TestJobs.TUTORIAL);
        json.put("scope", "topic");
        json.setAll((ObjectNode) TestJobs.json(more));
        return JobCodec.read(json);
    }

    @Provide
    Arbitrary<JobSpec> twoStages() {
        return TestJobs.any().filter(each -> each.scope() == Scope.TOPIC);
    }

    /** Activities and workflows get it in a payload. */
    @Property(tries = 200)
    void theSecondStageOfAnyJobIsAJobThatIsReadBackAsItWasWritten(@ForAll("twoStages") JobSpec job) throws Exception {
        JobSpec totals = job.totals();

        assertThat(job.stage()).isEqualTo(Stage.RECORDS);
        assertThat(totals.stage()).isEqualTo(Stage.TOTALS);
        assertThat(totals.totals()).isEqualTo(totals);
        assertThat(MAPPER.readValue(MAPPER.writeValueAsString(totals), JobSpec.class))
                .isEqualTo(totals);
        assertThat(totals.aggregate()).isEqualTo(job.aggregate());
        assertThat(totals.output()).isEqualTo(job.output());
        assertThat(totals.writesDeadLetters()).isFalse();
    }

    @Test
    void theStagesHaveNamesOfTheirOwn() {
        JobSpec job = job("{\"partitionsPerSlice\": 8}");

        assertThat(JobNames.stateTopic(job)).isEqualTo("tidemark.voltage-daily.state");
        assertThat(JobNames.resultTopic(job)).isEqualTo("tidemark.voltage-daily.partials");
        assertThat(JobNames.sliceTransactionalId(job, 3)).isEqualTo("tidemark/voltage-daily/8/3");
        JobSpec totals = job.totals();
        assertThat(totals.input().topic()).isEqualTo("tidemark.voltage-daily.partials");
        assertThat(JobNames.stateTopic(totals)).isEqualTo("tidemark.voltage-daily.totals");
        assertThat(JobNames.recordsStateTopic(totals)).isEqualTo("tidemark.voltage-daily.state");
        assertThat(JobNames.resultTopic(totals)).isEqualTo("airflow-output-topic");
        assertThat(JobNames.sliceTransactionalId(totals, 3)).isEqualTo("tidemark/voltage-daily/t1/3");
    }

    @Test
    void nobodyCanStartTheSecondStageAlone() {
        ObjectNode json = JobCodec.write(job("{}").totals());

        assertThatThrownBy(() -> JobCodec.read(json))
                .isInstanceOf(InvalidJobException.class)
                .hasMessageContaining("input.topic: must not be a topic that is private to a job")
                .hasMessageContaining("this job's own partial totals");
    }

    @Test
    void topicsThatArePrivateToAnyJobAreNeitherInputNorOutput() {
        for (String kind : new String[] {"state", "partials", "totals"}) {
            for (String topic : new String[] {"tidemark.other." + kind, "team-x.tidemark.other." + kind}) {
                assertThatThrownBy(() -> job("{\"input\": {\"topic\": \"" + topic + "\"}}"))
                        .hasMessageContaining("input.topic: must not be a topic that is private to a job");
                assertThatThrownBy(() -> job("{\"output\": {\"topic\": \"" + topic + "\"}}"))
                        .hasMessageContaining("output.topic: must not be a topic that is private to a job");
            }
        }
    }

    @Test
    void theNumberOfOutputPartitionsBelongsToTheScopeOfTheTopic() {
        assertThatThrownBy(() -> job("{\"scope\": \"partition\", \"output\": {\"topic\": \"o\", \"partitions\": 8}}"))
                .hasMessageContaining("output.partitions: needs scope: topic");
        assertThatThrownBy(() -> job("{\"output\": {\"topic\": \"o\", \"grow\": true}}"))
                .hasMessageContaining("output.grow: has a meaning only in scope partition");
        assertThat(job("{\"output\": {\"topic\": \"o\", \"partitions\": 8}}")
                        .output()
                        .partitions())
                .isEqualTo(8);
    }

    @Test
    void scopeAndPartitionsArePartOfTheMeaning() {
        JobFingerprint now = JobFingerprint.of(job("{}"));

        assertThat(now.differenceFrom(
                        JobFingerprint.of(job("{\"scope\": \"partition\"}")).meaning()))
                .contains("scope was absent and is now \"topic\"");
        assertThat(now.differenceFrom(JobFingerprint.of(
                                job(
                                        "{\"output\": {\"topic\": \"airflow-output-topic\", \"key\": \"{date}\", \"partitions\": 8}}"))
                        .meaning()))
                .contains("output.partitions was 8 and is now absent");
    }
}
