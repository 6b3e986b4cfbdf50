package io.tidemark.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.InputSpec.DataLoss;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JobCodecTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @Property
    void anyJobIsReadBackAsItWasWritten(@ForAll("jobs") JobSpec job) throws Exception {
        String json = MAPPER.writeValueAsString(job);

        assertThat(MAPPER.readValue(json, JobSpec.class)).isEqualTo(job);
        assertThat(JobCodec.write(JobCodec.read(JobCodec.write(job)))).hasToString(json);
    }

    @Provide
    Arbitrary<JobSpec> jobs() {
        return TestJobs.any();
    }

    @Test
    void theTutorialsJobNeedsNothingMore() {
        JobSpec job = JobCodec.read(TestJobs.json(TestJobs.TUTORIAL));

        assertThat(job)
                .isEqualTo(new JobSpec(
                        "voltage-daily",
                        new InputSpec(
                                "airflow-input-topic",
                                new TimestampSpec.Pattern("datetime", "dd/MM/yyyy HH:mm:ss", ZoneOffset.UTC),
                                DataLoss.FAIL,
                                InputSpec.OpenTransactions.PROCEED),
                        new WindowSpec.Calendar(WindowSpec.Unit.DAY, ZoneOffset.UTC),
                        List.of(),
                        List.of(new AggregationSpec("voltage", AggregationSpec.Function.MEAN, "voltage")),
                        new OutputSpec("airflow-output-topic", new KeyTemplate("{date}"), false),
                        new StartSpec.Earliest(),
                        JobSpec.Overlap.REFUSE,
                        1,
                        new BadRecordSpec(BadRecordSpec.Policy.DEAD_LETTER, BadRecordSpec.DEFAULT_LIMIT),
                        RunLimits.DEFAULT,
                        RunBudget.NONE));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/window | 'day'         | {\"every\":\"day\",\"zone\":\"UTC\"}",
                "/window | { every: 'day', zone: 'Etc/UTC' } | {\"every\":\"day\",\"zone\":\"UTC\"}",
                "/window | { every: '900s' } | {\"every\":\"15m\"}",
                "/window | '60m'         | {\"every\":\"1h\"}",
                "/window | '1500ms'      | {\"every\":\"1500ms\"}",
            })
    void whatMeansTheSameIsWrittenTheSame(String pointer, String value, String written) {
        String key = value.contains("day") ? "'{date}'" : "'{window}'";
        ObjectNode json = TestJobs.with(pointer, value);
        json.withObject("/output").set("key", TestJobs.json(key));

        assertThat(JobCodec.write(JobCodec.read(json)).at(pointer)).hasToString(written);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/name                  |                    | name",
                "/name                  | 'Voltage'          | name",
                "/name                  | ''                 | name",
                "/name                  | 7                  | name",
                "/input                 |                    | input",
                "/input                 | 'topic'            | input",
                "/input/topic           | 'a b'              | input.topic",
                "/input/topic           | '..'               | input.topic",
                "/input/timestamp       | 7                  | input.timestamp",
                "/input/timestamp       | { field: 't' }     | input.timestamp.format",
                "/input/timestamp       | { format: 'iso' }  | input.timestamp.field",
                "/input/timestamp       | { field: 't', format: 'unix' } | input.timestamp.format",
                "/input/timestamp       | { field: 't', format: 'epochMillis', zone: 'UTC' } | input.timestamp.zone",
                "/input/timestamp       | { field: 't', format: 'iso', pattern: 'yyyy' } | input.timestamp.format",
                "/input/timestamp/field | 'a..b'             | input.timestamp.field",
                "/input/timestamp/field | 'a[00]'            | input.timestamp.field",
                "/input/timestamp/pattern | 'dd/bb'          | input.timestamp.pattern",
                "/input/timestamp/pattern | 'pms'            | input.timestamp.pattern",
                "/input/timestamp/zone  | 'Berlin'           | input.timestamp.zone",
                "/input/timestamp/zone  | 1                  | input.timestamp.zone",
                "/input/openTransactions | 'ignore'         | input.openTransactions",
                "/window                |                    | window",
                "/window                | 7                  | window",
                "/window                | 'fortnight'        | window",
                "/window                | '0s'               | window.every",
                "/window                | '999999999999d'    | window",
                "/window                | '9999999d'         | window.every",
                "/window/every          | 'year'             | window.every",
                "/window/every          | '15m'              | window.every",
                "/window/zone           | 'Berlin'           | window.zone",
                "/groupBy               | 'channel'          | groupBy",
                "/groupBy               | ['a', 7]           | groupBy[1]",
                "/groupBy               | ['a', 'b[']        | groupBy[1]",
                "/groupBy               | ['a', 'a']         | groupBy[1]",
                "/groupBy               | ['date']           | groupBy[0]",
                "/aggregate             | {}                 | aggregate",
                "/aggregate             | []                 | aggregate",
                "/aggregate/voltage     | 'mean'             | aggregate.voltage",
                "/aggregate/voltage     | { median: 'v' }    | aggregate.voltage",
                "/aggregate/voltage     | { count: 'v' }     | aggregate.voltage",
                "/aggregate/voltage     | { mean: 7 }        | aggregate.voltage.mean",
                "/aggregate/voltage     | { mean: 'v.' }     | aggregate.voltage.mean",
                "/aggregate/voltage     | { mean: 'v', max: 'v' } | aggregate.voltage",
                "/aggregate/date        | 'count'            | aggregate.date",
                "/output/topic          | 'a/b'              | output.topic",
                "/output/topic          | 'airflow-input-topic' | output.topic",
                "/output/topic          | 'tidemark.voltage-daily.state' | output.topic",
                "/output/topic          | 'tidemark.other.state' | output.topic",
                "/output/key            | 'all'              | output.key",
                "/output/key            | {}                 | output.key",
                "/output/grow           | 'yes'              | output.grow",
                "/start                 | 'yesterday'        | start",
                "/start                 | {}                 | start.group",
                "/start                 | 5                  | start",
                "/overlap               | 'allow'            | overlap",
                "/partitionsPerSlice    | 0                  | partitionsPerSlice",
                "/partitionsPerSlice    | 1001               | partitionsPerSlice",
                "/partitionsPerSlice    | 1.5                | partitionsPerSlice",
                "/partitionsPerSlice    | -4294967295        | partitionsPerSlice",
                "/badRecords            | 'ignore'           | badRecords.policy",
                "/badRecords            | []                 | badRecords",
                "/badRecords            | { limit: -1 }      | badRecords.limit",
                "/limits                | 5                  | limits",
                "/limits/slicesInFlight | 51                 | limits.slicesInFlight",
                "/limits/cells          | 0                  | limits.cells",
                "/limits/cells          | 2147483648         | limits.cells",
                "/limits/offsetsPerRun  | 0                  | limits.offsetsPerRun",
                "/limits/offsetsPerPiece| 0                  | limits.offsetsPerPiece",
                "/limits/offsetsPerSplit| 99999999999999999999 | limits.offsetsPerSplit",
                "/limits/time           | 60                 | limits.time",
                "/limits/time           | '1 hour'           | limits.time",
                "/limits/heartbeat      | '999ms'            | limits.heartbeat",
                "/limits/hostTimeout    | '0s'               | limits.hostTimeout",
                "/budget                | 7                  | budget",
                "/budget/records        | 0                  | budget.records",
                "/budget/records        | '1000'             | budget.records",
                "/budget/bytes          | -1                 | budget.bytes",
                "/budget/time           | '0s'               | budget.time",
                "/budget/time           | '60m'              | budget.time",
                "/budget/offsets        | 7                  | budget.offsets",
            })
    void eachRefusalNamesItsField(String pointer, String value, String path) {
        assertThatThrownBy(() -> JobCodec.read(TestJobs.with(pointer, value == null ? "" : value)))
                .isInstanceOfSatisfying(InvalidJobException.class, e -> {
                    assertThat(e.path()).isEqualTo(path);
                    assertThat(e).hasMessageStartingWith(path + ": ");
                    assertThat(e.problem()).isNotBlank();
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/input", "/input/timestamp", "/window", "/output", "/badRecords", "/limits", "/start"})
    void aFieldThatIsNotKnownIsRefusedWhereverItStands(String object) {
        ObjectNode job = JobCodec.write(JobCodec.read(TestJobs.with("/start", "{ group: 'g' }")));
        ((ObjectNode) job.at(object)).put("grouBy", 1);
        String path = object.isEmpty() ? "grouBy" : object.substring(1).replace('/', '.') + ".grouBy";

        assertThatThrownBy(() -> JobCodec.read(job))
                .isInstanceOfSatisfying(
                        InvalidJobException.class, e -> assertThat(e.path()).isEqualTo(path))
                .hasMessageContaining("there are ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "7", "'job'", "null"})
    void whatIsNotAnObjectIsNotAJob(String json) {
        assertThatThrownBy(() -> JobCodec.read(TestJobs.json(json)))
                .isInstanceOf(InvalidJobException.class)
                .hasMessageStartingWith("a job is an object of fields");
    }

    @Test
    void aBudgetOfTimeThatIsNoShorterThanTheLimitIsRefusedWithBoth() {
        assertThatThrownBy(() -> JobCodec.read(TestJobs.with("/budget", "{ time: '90m' }")))
                .hasMessageStartingWith("budget.time: 90m is not shorter than limits.time, 1h,");
    }

    @Test
    void anAbsentFieldAndNullAreTheSame() {
        assertThat(JobCodec.read(TestJobs.with("/overlap", "null"))).isEqualTo(JobCodec.read(TestJobs.with("/x", "")));
    }

    @ParameterizedTest
    @CsvSource({
        "1ms, PT0.001S",
        "90s, PT1M30S",
        "15m, PT15M",
        "25h, PT25H",
        "7d, PT168H",
        "12345678901ms, PT3429H21M18.901S"
    })
    void durationsAreAmountAndUnit(String text, Duration expected) {
        JsonNode job = TestJobs.with("/limits/hostTimeout", "'" + text + "'");

        assertThat(JobCodec.read(job).limits().hostTimeout()).isEqualTo(expected);
        assertThat(JobCodec.text(expected)).isEqualTo(text);
    }
}
