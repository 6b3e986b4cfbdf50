package io.tidemark.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobFingerprintTest {
    private static final JobFingerprint TUTORIAL = fingerprint("/x", "");

    @Test
    void itNeverChangesBetweenVersionsForTheSameJob() {
        assertThat(TUTORIAL.meaning())
                .hasToString("{\"name\":\"voltage-daily\",\"input\":{\"topic\":\"airflow-input-topic\",\"timestamp\":"
                        + "{\"field\":\"datetime\",\"pattern\":\"dd/MM/yyyy HH:mm:ss\",\"zone\":\"UTC\"}},"
                        + "\"window\":{\"every\":\"day\",\"zone\":\"UTC\"},\"groupBy\":[],"
                        + "\"aggregate\":{\"voltage\":{\"mean\":\"voltage\"}},"
                        + "\"output\":{\"topic\":\"airflow-output-topic\",\"key\":\"{date}\"},"
                        + "\"partitionsPerSlice\":1,\"badRecords\":{\"policy\":\"deadLetter\"}}");
        assertThat(TUTORIAL.hash()).isEqualTo("d7da306f138f88a6");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/window | 'day'",
                "/window | { zone: 'Etc/UTC', every: 'day' }",
                "/input  | { timestamp: { zone: 'GMT', pattern: 'dd/MM/yyyy HH:mm:ss', field: 'datetime' }, topic: 'airflow-input-topic' }",
                "/groupBy | null",
                "/partitionsPerSlice | 1",
                "/badRecords | 'deadLetter'",
                // What may change between runs.
                "/start | 'latest'",
                "/overlap | 'wait'",
                "/badRecords | { limit: 5 }",
                "/badRecords | { groupBytes: 100 }",
                "/input/check | 'needed'",
                "/limits | { cells: 5, time: '5m' }",
                "/budget | { records: 5, bytes: 6, time: '7m' }",
                "/input/rows | 'count'",
                "/output/shared | true",
                "/output/dataLoss | 'continue'",
                "/names | { prefix: '' }",
                "/window | { every: 'day', dayBegins: '00:00', weekBegins: 'monday', span: 1 }",
                "/output/numbers | 'json'",
            })
    void itIsTheSameForEquivalentJobs(String pointer, String value) {
        JobFingerprint other = fingerprint(pointer, value);

        assertThat(other.hash()).isEqualTo(TUTORIAL.hash());
        assertThat(other.differenceFrom(TUTORIAL.meaning())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/name | 'other' | name was \"voltage-daily\" and is now \"other\"",
                "/input/topic | 'in' | input.topic was \"airflow-input-topic\" and is now \"in\"",
                "/input/timestamp | 'record' | input.timestamp was {\"field\":\"datetime\",\"pattern\":\"dd/MM/yyyy HH:mm:ss\",\"zone\":\"UTC\"} and is now \"record\"",
                "/input/timestamp/zone | 'Asia/Tokyo' | input.timestamp.zone was \"UTC\" and is now \"Asia/Tokyo\"",
                "/window/zone | 'Asia/Tokyo' | window.zone was \"UTC\" and is now \"Asia/Tokyo\"",
                "/aggregate/voltage | { sum: 'voltage' } | aggregate.voltage.mean was \"voltage\" and is now absent",
                "/aggregate/n | 'count' | aggregate.n was absent and is now \"count\"",
                "/output/topic | 'out' | output.topic was \"airflow-output-topic\" and is now \"out\"",
                "/output/key | 'd{date}' | output.key was \"{date}\" and is now \"d{date}\"",
                "/output/row | { v: '{voltage}' } | output.row was absent and is now {\"v\":\"{voltage}\"}",
                "/output/numbers | 'text' | output.numbers was absent and is now \"text\"",
                "/window/dayBegins | '06:00' | window.dayBegins was absent and is now \"06:00\"",
                "/input/timestamp | { field: 't', format: 'epochMicros', quoted: true } | input.timestamp.field was \"datetime\" and is now \"t\"",
                "/partitionsPerSlice | 2 | partitionsPerSlice was 1 and is now 2",
                "/names | { prefix: 'team-x.' } | names was absent and is now {\"prefix\":\"team-x.\"}",
                "/badRecords | 'skip' | badRecords.policy was \"deadLetter\" and is now \"skip\"",
            })
    void itNamesTheFieldThatChanged(String pointer, String value, String difference) {
        JobFingerprint other = fingerprint(pointer, value);

        assertThat(other.hash()).isNotEqualTo(TUTORIAL.hash());
        assertThat(other.differenceFrom(TUTORIAL.meaning())).hasValue(difference);
    }

    @Test
    void theOrderOfAggregatesCountsBecauseRowsShowIt() {
        JobFingerprint one = fingerprint("/aggregate", "{ a: 'count', b: { sum: 'v' } }");
        JobFingerprint other = fingerprint("/aggregate", "{ b: { sum: 'v' }, a: 'count' }");

        assertThat(other.hash()).isNotEqualTo(one.hash());
        assertThat(other.differenceFrom(one.meaning()))
                .hasValueSatisfying(text -> assertThat(text).startsWith("aggregate was "));
    }

    /** Jackson reads other types of numbers than it wrote. */
    @ParameterizedTest
    @CsvSource({"7", "15.23", "1e-7", "1e30", "12345678901234567890"})
    void aNumberThatWasStoredIsTheSameNumber(String number) throws Exception {
        String own = "{ a: { use: 'acme.x', options: { p: " + number + ", q: 'x' } }, b: 'count' }";
        JobFingerprint fingerprint = fingerprint("/aggregate", own);
        JsonNode stored = new ObjectMapper().readTree(fingerprint.meaning().toString());

        assertThat(fingerprint.differenceFrom(stored)).isEmpty();
        assertThat(fingerprint("/aggregate", own.replace("p: ", "p: 1")).differenceFrom(stored))
                .hasValueSatisfying(text -> assertThat(text).startsWith("aggregate.a.options.p was "));
        assertThat(fingerprint("/aggregate", own.replace(number, "'" + number + "'"))
                        .differenceFrom(stored))
                .as("a text")
                .isNotEmpty();

        JobFingerprint group = fingerprint("/groupBy", "[{ path: 'a', absent: " + number + " }]", "{date} {a}");
        assertThat(group.differenceFrom(
                        new ObjectMapper().readTree(group.meaning().toString())))
                .isEmpty();
    }

    @Property
    void itSurvivesStorageAsJson(@ForAll("jobs") JobSpec job) throws Exception {
        JobFingerprint fingerprint = JobFingerprint.of(job);
        ObjectMapper mapper = new ObjectMapper();

        assertThat(fingerprint.differenceFrom(
                        mapper.readTree(fingerprint.meaning().toString())))
                .isEmpty();
        assertThat(JobFingerprint.of(JobCodec.read(JobCodec.write(job)))).isEqualTo(fingerprint);
    }

    @Provide
    Arbitrary<JobSpec> jobs() {
        return TestJobs.any();
    }

    private static JobFingerprint fingerprint(String pointer, String value) {
        return JobFingerprint.of(JobCodec.read(TestJobs.with(pointer, value)));
    }

    @Test
    void moreThanOnePaneIsADifferenceAndOneIsNone() {
        JobFingerprint hour = fingerprint("/window", "{ every: 'hour', span: 24 }", "{window}");

        assertThat(hour.differenceFrom(fingerprint("/window", "{ every: 'hour', span: 12 }", "{window}")
                        .meaning()))
                .hasValue("window.span was 12 and is now 24");
    }

    private static JobFingerprint fingerprint(String pointer, String value, String key) {
        ObjectNode json = TestJobs.with(pointer, value);
        json.withObject("/output").put("key", key);
        return JobFingerprint.of(JobCodec.read(json));
    }
}
