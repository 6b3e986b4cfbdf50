package io.tidemark.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.InputSpec.DataLoss;
import io.tidemark.job.form.InvalidJobException;
import io.tidemark.job.form.Times;
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
                                InputSpec.Check.WHOLE,
                                DataLoss.FAIL,
                                InputSpec.OpenTransactions.PROCEED,
                                InputSpec.Rows.REFUSE,
                                InputSpec.Until.END,
                                16 * 1024 * 1024,
                                InputSpec.Key.STRING),
                        null,
                        new WindowSpec.Calendar(WindowSpec.Unit.DAY, ZoneOffset.UTC),
                        null,
                        List.of(),
                        List.of(new AggregationSpec("voltage", AggregationSpec.Function.MEAN, "voltage")),
                        new OutputSpec(
                                "airflow-output-topic",
                                OutputSpec.PARTITIONS,
                                new KeyTemplate("{date}"),
                                RowShape.DEFAULT,
                                OutputSpec.Numbers.JSON,
                                false,
                                false,
                                DataLoss.FAIL,
                                OutputSpec.Emit.CHANGES),
                        new StartSpec.Earliest(),
                        JobSpec.Overlap.REFUSE,
                        null,
                        1,
                        new BadRecordSpec(BadRecordSpec.Policy.DEAD_LETTER, 10_000, 4_096),
                        new RunLimits(
                                Long.MAX_VALUE,
                                50_000_000,
                                8_000_000,
                                16,
                                1_000_000,
                                1L << 30,
                                100_000,
                                Duration.ofMinutes(60),
                                Duration.ofSeconds(15),
                                Duration.ofMinutes(2)),
                        RunBudget.NONE,
                        NamesSpec.NONE,
                        Scope.PARTITION));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/window | 'day'         | {\"every\":\"day\"}",
                "/window | { every: 'day', zone: 'Etc/UTC' } | {\"every\":\"day\"}",
                "/window | { every: 'day', zone: '+02:00' } | {\"every\":\"day\",\"zone\":\"+02:00\"}",
                "/window | { every: '900s' } | {\"every\":\"15m\"}",
                "/window | '60m'         | {\"every\":\"1h\"}",
                "/window | { every: 'day', dayBegins: '00:00', weekBegins: 'monday' } | {\"every\":\"day\"}",
                "/window | { every: 'day', dayBegins: '06:00' } | {\"every\":\"day\",\"dayBegins\":\"06:00\"}",
                "/window | '1500ms'      | {\"every\":\"1500ms\"}",
                "/window | { every: '5m', span: 1 }   | {\"every\":\"5m\"}",
                "/window | { every: '300s', span: 12 } | {\"every\":\"5m\",\"span\":12}",
                "/window | { every: 'day', span: 7 } | {\"every\":\"day\",\"span\":7}",
            })
    void whatMeansTheSameIsWrittenTheSame(String pointer, String value, String written) {
        String key = value.contains("day") && !value.contains("span") ? "'{date}'" : "'{window}'";
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
                "/input/rows            | 'latest'           | input.rows",
                "/input/topic           | 'tidemark.other.state' | input.topic",
                "/names/prefix          | 'team/'            | names.prefix",
                "/output/topic          | 'team-x.tidemark.other.state' | output.topic",
                "/window                |                    | window",
                "/window                | 7                  | window",
                "/window                | {}                 | window.every",
                "/window                | { every: 7 }       | window.every",
                "/window                | 'fortnight'        | window",
                "/window                | '0s'               | window.every",
                "/window                | '999999999999d'    | window.every",
                "/window                | '9999999d'         | window.every",
                "/window/every          | 'decade'           | window.every",
                "/window/every          | '15m'              | window.zone",
                "/window/zone           | 'Berlin'           | window.zone",
                "/window/dayBegins      | '6:00'             | window.dayBegins",
                "/window/dayBegins      | '24:00'            | window.dayBegins",
                "/window/dayBegins      | '06:00:00'         | window.dayBegins",
                "/window/dayBegins      | 360                | window.dayBegins",
                "/window/weekBegins     | 'sunday'           | window.weekBegins",
                "/window                | { every: 'week', weekBegins: 'Sunday' } | window.weekBegins",
                "/window                | { every: 'hour', dayBegins: '06:00' } | window.dayBegins",
                "/window                | { every: '15m', dayBegins: '06:00' } | window.dayBegins",
                "/window                | { every: '7d', weekBegins: 'sunday' } | window.weekBegins",
                "/window/span           | 0                  | window.span",
                "/window/span           | -1                 | window.span",
                "/window/span           | 1001               | window.span",
                "/window/span           | '7d'               | window.span",
                "/window                | { every: 'none', span: 7 } | window.every",
                "/window                | { span: 7 }        | window.every",
                "/window                | { every: 'day', span: 7 } | output.key",
                "/input/timestamp       | { field: 't', format: 'iso', quoted: true } | input.timestamp.quoted",
                "/input/timestamp       | { field: 't', format: 'epochNanos', quoted: 'yes' } | input.timestamp.quoted",
                "/groupBy               | 'channel'          | groupBy",
                "/groupBy               | ['a', 7]           | groupBy[1]",
                "/groupBy               | ['a', 'b[']        | groupBy[1]",
                "/groupBy               | ['a', 'a']         | groupBy[1]",
                "/groupBy               | ['date']           | groupBy[0]",
                "/aggregate             | {}                 | aggregate",
                "/aggregate             | []                 | aggregate",
                "/aggregate/voltage     | 'mean'             | aggregate.voltage",
                "/aggregate/voltage     | { median: 'v' }    | aggregate.voltage.median",
                "/aggregate/voltage     | { count: 'v' }     | aggregate.voltage.count",
                "/aggregate/voltage     | { decimal: 2 }     | aggregate.voltage",
                "/aggregate/voltage     | { sum: 'v', decimal: 19 } | aggregate.voltage.decimal",
                "/aggregate/voltage     | { sum: 'v', decimal: 2, integer: true } | aggregate.voltage",
                "/aggregate/voltage     | { sum: 'v', k: 5 } | aggregate.voltage.k",
                "/aggregate/voltage     | { sum: 'v', scale: 2 } | aggregate.voltage.scale",
                "/aggregate/voltage     | { sum: 'v', absent: 'zero' } | aggregate.voltage.absent",
                "/aggregate/voltage     | { sum: 'v', where: 'v >' } | aggregate.voltage.where",
                "/aggregate/voltage     | { sum: 'v', where: 'v == \"x\"' } | aggregate.voltage.where",
                "/aggregate/voltage     | { distinct: 'v', precision: 12.5 } | aggregate.voltage.precision",
                "/aggregate/voltage     | { distinct: 'v', precision: 14 } | aggregate.voltage.precision",
                "/aggregate/voltage     | { distinct: 'v', method: 'approximate', limit: 5 } | aggregate.voltage.limit",
                "/aggregate/voltage     | { quantile: 'v' }  | aggregate.voltage.at",
                "/aggregate/voltage     | { quantile: 'v', at: 95 } | aggregate.voltage.at",
                "/aggregate/voltage     | { quantile: 'v', at: 0.5, decimal: 2 } | aggregate.voltage.decimal",
                "/aggregate/voltage     | { largest: 'v' }   | aggregate.voltage.k",
                "/aggregate/voltage     | { frequent: 'v', k: 5, capacity: 4 } | aggregate.voltage.capacity",
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
                "/output/row            | {}                 | output.row",
                "/output/row            | ['date']           | output.row",
                "/output/row            | { '': '{voltage}' } | output.row.",
                "/output/row            | { v: 7 }           | output.row.v",
                "/output/row            | { v: '{voltage} V' } | output.row.v",
                "/output/row            | { v: '{volts}' }   | output.row.v",
                "/output/row            | { d: '{date}' }    | output.row",
                "/output/numbers        | 'string'           | output.numbers",
                "/output/grow           | 'yes'              | output.grow",
                "/start                 | 'yesterday'        | start",
                "/start                 | {}                 | start.group",
                "/start                 | { group: 7 }       | start.group",
                "/start                 | { group: {} }      | start.group",
                "/start                 | '2026-13-01T00:00:00Z' | start",
                "/start                 | 5                  | start",
                "/overlap               | 'allow'            | overlap",
                "/partitionsPerSlice    | 0                  | partitionsPerSlice",
                "/partitionsPerSlice    | 1001               | partitionsPerSlice",
                "/partitionsPerSlice    | 1.5                | partitionsPerSlice",
                "/partitionsPerSlice    | -4294967295        | partitionsPerSlice",
                "/badRecords            | 'ignore'           | badRecords.policy",
                "/badRecords            | []                 | badRecords",
                "/badRecords            | { limit: -1 }      | badRecords.limit",
                "/groupBy               | ['[\"a\"]']       | groupBy[0]",
                "/groupBy               | ['a.b', '[\"a.b\"]'] | groupBy[1]",
                "/badRecords            | { groupBytes: 0 }  | badRecords.groupBytes",
                "/badRecords            | { groupBytes: 65537 } | badRecords.groupBytes",
                "/input/check           | 'all'              | input.check",
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

    @Test
    void aFieldThatHasItsDefaultIsNotWritten() {
        ObjectNode json = TestJobs.with("/input/dataLoss", "'fail'");
        json.withObject("/limits").put("time", "60m").put("cells", 1_000_000);
        json.withObject("/budget");
        json.put("badRecords", "deadLetter").put("start", "earliest").put("partitionsPerSlice", 1);

        assertThat(JobCodec.write(JobCodec.read(json)))
                .hasToString("{\"name\":\"voltage-daily\",\"input\":{\"topic\":\"airflow-input-topic\",\"timestamp\":"
                        + "{\"field\":\"datetime\",\"pattern\":\"dd/MM/yyyy HH:mm:ss\"}},\"window\":{\"every\":\"day\"},"
                        + "\"aggregate\":{\"voltage\":{\"mean\":\"voltage\"}},"
                        + "\"output\":{\"topic\":\"airflow-output-topic\",\"key\":\"{date}\"}}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/groupby       | ['channel'] | groupby: is not a known field; did you mean groupBy?",
                "/ouput         | {}          | ouput: is not a known field; did you mean output?",
                "/input/datalos | 'fail'      | input.datalos: is not a known field; did you mean dataLoss?",
                "/window/zoen   | 'UTC'       | window.zoen: is not a known field; did you mean zone?",
            })
    void anUnknownFieldIsRefusedFirstWithTheNearestRightName(String pointer, String value, String message) {
        ObjectNode json = TestJobs.with("/output/key", "'{date}/{channel}'");
        int last = pointer.lastIndexOf('/');
        json.withObject(last == 0 ? "" : pointer.substring(0, last))
                .set(pointer.substring(last + 1), TestJobs.json(value));
        // Other errors that come after it in the same object.
        json.withObject("/window").put("every", "fortnight");

        assertThatThrownBy(() -> JobCodec.read(json)).hasMessageStartingWith(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/limits/time | '999999999d' | limits.time: must be at most 3659634d, but is 999999999d",
                "/limits/heartbeat | '999ms' | limits.heartbeat: must be at least 1s, but is 999ms",
                "/limits/slicesInFlight | 51 | limits.slicesInFlight: must be a whole number from 1 to 50, but is 51",
                "/budget/records | 0 | budget.records: must be a whole number of at least 1, but is 0",
                "/window/zone | 'Mars' | window.zone: must be a time zone such as UTC, Europe/Berlin or +02:00, but is 'Mars'",
                "/window/every | 'dya' | window.every: must be hour, day, week, month, quarter or year or a duration such as 90s, 15m or 2h, but is 'dya'; write day",
                "/window | 'quater' | window: must be hour, day, week, month, quarter, year, a duration such as 15m, { every: …, zone: … } or none, but is 'quater'; write quarter",
                "/window/every | '15m' | window.zone: does not go with every: 15m; remove one of the two",
                "/window | 7 | window: must be hour, day, week, month, quarter, year, a duration such as 15m, { every: …, zone: … } or none, but is 7",
                "/window/dayBegins | 1080 | window.dayBegins: must be a time of day in quotes, such as '06:00', but is 1080",
                "/window | { every: 'hour', dayBegins: '06:00' } | window.dayBegins: does not go with every: hour; an hour begins at the full hour of the zone; remove dayBegins, or use a longer window",
                "/window/span | 0 | window.span: must be a whole number from 1 to 1,000, but is 0",
                "/window | { every: 'day', span: 7 } | output.key: '{date}' names {date}, which is not the window or a groupBy field; known here are window",
                "/window/weekBegins | 'sunday' | window.weekBegins: does not go with every: day; remove weekBegins, or write every: week",
                "/window | { every: 'week', weekBegins: 'sundy' } | window.weekBegins: must be monday, tuesday, wednesday, thursday, friday, saturday or sunday, but is 'sundy'; did you mean sunday?",
                "/input/timestamp | { field: 't', format: 'epochMicro' } | input.timestamp.format: must be iso or epochSeconds, epochMillis, epochMicros or epochNanos, but is 'epochMicro'; write epochMicros",
                "/input/timestamp | { field: 't', format: 'iso', quoted: true } | input.timestamp.quoted: does not go with format: iso; remove one of the two",
                "/overlap | 'wiat' | overlap: must be refuse or wait, but is 'wiat'; did you mean wait?",
                "/input/timestamp | { field: 't' } | input.timestamp.format: is missing; write pattern: a pattern such as",
                "/input/topic |  | input.topic: is missing; write a topic name: 1 to 249 characters",
                "/output/row | { v: 'voltage' } | output.row.v: must be the name of a window, group or aggregate in braces and quotes, such as '{window.start}', but is 'voltage'; write '{voltage}'",
                "/output/row | { v: { voltage: null } } | output.row.v: must be the name of a window, group or aggregate in braces and quotes, such as '{window.start}', but is {\"voltage\":null}; write '{voltage}'",
                "/output/row | { v: '{voltge}' } | output.row.v: names {voltge}, which the job does not have; did you mean voltage?",
                "/output/row | { v: '{offset}' } | output.row.v: names {offset}, which the job does not have; known here are count, date, voltage, window, window.end, window.endMillis, window.start, window.startMillis",
                "/output/row | { d: '{date}' } | output.row: lacks {voltage}; add it, or remove aggregate.voltage, which no row shows",
                "/groupBy | 'channel' | groupBy: must be a list of paths such as [channel, meter.id], but is 'channel'",
                "/output/topic | 'airflow-input-topic' | output.topic: must be another topic than the input, the state",
            })
    void aRefusalSaysWhatIsExpectedAndWhatIsFound(String pointer, String value, String message) {
        assertThatThrownBy(() -> JobCodec.read(TestJobs.with(pointer, value == null ? "" : value)))
                .hasMessageStartingWith(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/window               | 3600       | but is 3600; write 3600s",
                "/window               | '3600'     | but is '3600'; write 3600s",
                "/window/every         | 900        | but is 900; write 900s",
                "/limits/time          | 60         | but is 60; write 60s",
                "/limits/heartbeat     | 15         | but is 15; write 15s",
                "/limits/hostTimeout   | 120        | but is 120; write 120s",
                "/budget/time          | 1800       | but is 1800; write 1800s",
                "/budget/records       | '1000'     | but is '1000'; write 1000",
                "/budget/records       | 1e6        | but is 1000000.0; write 1000000",
                "/budget/bytes         | '10GB'     | but is '10GB'; write 10000000000",
                "/budget/bytes         | '1.5 MiB'  | but is '1.5 MiB'; write 1572864",
                "/limits/offsetsPerRun | '5M'       | but is '5M'; write 5000000",
                "/limits/cells         | '10k'      | but is '10k'; write 10000",
                "/partitionsPerSlice   | '4'        | but is '4'; write 4",
                "/name                 | 7          | but is 7; write '7'",
                "/input/topic          | 2026       | but is 2026; write '2026'",
                "/window               | 0          | but is 0",
                "/limits/time          | 1.5        | but is 1.5",
                "/limits/cells         | '5G'       | but is '5G'",
                "/budget/bytes         | '99999999T' | but is '99999999T'",
                "/budget/bytes         | '1.5'      | but is '1.5'",
                "/budget/bytes         | 'a lot'    | but is 'a lot'",
            })
    void aNumberWithoutItsUnitOrInQuotesIsAnsweredWithWhatToWrite(String pointer, String value, String end) {
        assertThatThrownBy(() -> JobCodec.read(TestJobs.with(pointer, value)))
                .isInstanceOf(InvalidJobException.class)
                .message()
                .endsWith(end);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/input", "/input/timestamp", "/window", "/output", "/badRecords", "/limits", "/start"})
    void aFieldThatIsNotKnownIsRefusedWhereverItStands(String object) {
        ObjectNode job = TestJobs.with("/start", "{ group: 'g' }");
        (object.isEmpty() ? job : job.withObject(object)).put("nonsense", 1);
        String path = object.isEmpty() ? "nonsense" : object.substring(1).replace('/', '.') + ".nonsense";

        assertThatThrownBy(() -> JobCodec.read(job))
                .isInstanceOfSatisfying(
                        InvalidJobException.class, e -> assertThat(e.path()).isEqualTo(path))
                .hasMessageContaining(": is not a known field; known here are ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "7", "'job'", "null"})
    void whatIsNotAnObjectIsNotAJob(String json) {
        assertThatThrownBy(() -> JobCodec.read(TestJobs.json(json)))
                .isInstanceOf(InvalidJobException.class)
                .hasMessageStartingWith("a job must be an object of fields");
    }

    @Test
    void aBudgetOfTimeThatIsNoShorterThanTheLimitIsRefusedWithBoth() {
        assertThatThrownBy(() -> JobCodec.read(TestJobs.with("/budget", "{ time: '90m' }")))
                .hasMessageStartingWith("budget.time: must be shorter than limits.time, which is 1h, but is 90m;");
    }

    @Test
    void anAbsentFieldAndNullAreTheSame() {
        assertThat(JobCodec.read(TestJobs.with("/overlap", "null"))).isEqualTo(JobCodec.read(TestJobs.with("/x", "")));
        assertThat(JobCodec.read(TestJobs.with("/input/timestamp/format", "null")))
                .isEqualTo(JobCodec.read(TestJobs.with("/x", "")));
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
        assertThat(Times.text(expected)).isEqualTo(text);
    }
}
