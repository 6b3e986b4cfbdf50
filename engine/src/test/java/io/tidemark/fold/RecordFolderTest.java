package io.tidemark.fold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.job.JobSpec;
import io.tidemark.json.FieldValues;
import io.tidemark.json.MalformedRecordException;
import io.tidemark.json.MalformedRecordException.Reason;
import io.tidemark.row.RowEncoder;
import io.tidemark.testkit.JobJson;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordFolderTest {

    @Test
    void theTutorialsJobGivesTheTutorialsRows() throws Exception {
        assertThat(rows(
                        JobJson.job(""),
                        "{\"datetime\":\"23/12/2006 16:52:00\",\"voltage\":239.94}",
                        "{\"datetime\":\"24/12/2006 00:00:00\",\"voltage\":1}",
                        "{\"datetime\":\"24/12/2006 23:59:59\",\"voltage\":2}"))
                .containsExactly(
                        "2006-12-23 {\"date\":\"2006-12-23\",\"voltage\":239.94}",
                        "2006-12-24 {\"date\":\"2006-12-24\",\"voltage\":1.5}");
    }

    @Test
    void severalAggregatesOfSeveralFieldsStandInTheJobsOrder() throws Exception {
        JobSpec job = JobJson.job("""
                { aggregate: { n: 'count', hi: { max: 'v.x' }, total: { sum: 'w' }, lo: { min: 'v.x' }, avg: { mean: 'w' } },
                  window: 'none', groupBy: ['meter.id', 'ok'] }
                """);
        assertThat(
                        rows(
                                job,
                                "{\"datetime\":\"23/12/2006 16:52:00\",\"v\":{\"x\":1},\"w\":2,\"meter\":{\"id\":7},\"ok\":true}",
                                "{\"datetime\":\"23/12/2006 16:52:00\",\"v\":{\"x\":-1},\"w\":3,\"meter\":{\"id\":7.0},\"ok\":true}",
                                "{\"datetime\":\"23/12/2006 16:52:00\",\"v\":{\"x\":5},\"w\":4,\"meter\":{\"id\":\"7\"},\"ok\":true}"))
                .containsExactly(
                        "{\"meter.id\":7,\"ok\":true}"
                                + " {\"meter.id\":7,\"ok\":true,\"n\":2,\"hi\":1.0,\"total\":5.0,\"lo\":-1.0,\"avg\":2.5}",
                        "{\"meter.id\":\"7\",\"ok\":true}"
                                + " {\"meter.id\":\"7\",\"ok\":true,\"n\":1,\"hi\":5.0,\"total\":4.0,\"lo\":5.0,\"avg\":4.0}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "NOT_JSON      |         | nonsense",
                "NOT_JSON      |         | [1]",
                "NOT_JSON      |         | ``",
                "NOT_JSON      |         | {\"datetime\":\"23/12/2006 16:52:00\",\"meter\":1,\"voltage\":239.94",
                "FIELD_MISSING | voltage | {\"datetime\":\"23/12/2006 16:52:00\",\"meter\":1}",
                "FIELD_MISSING | datetime| {\"voltage\":239.94,\"meter\":1}",
                "FIELD_MISSING | meter   | {\"datetime\":\"23/12/2006 16:52:00\",\"voltage\":239.94}",
                "WRONG_TYPE    | voltage | {\"datetime\":\"23/12/2006 16:52:00\",\"meter\":1,\"voltage\":\"239.94\"}",
                "WRONG_TYPE    | voltage | {\"datetime\":\"23/12/2006 16:52:00\",\"meter\":1,\"voltage\":\"?\"}",
                "WRONG_TYPE    | voltage | {\"datetime\":\"23/12/2006 16:52:00\",\"meter\":1,\"voltage\":null}",
                "WRONG_TYPE    | voltage | {\"datetime\":\"23/12/2006 16:52:00\",\"meter\":1,\"voltage\":true}",
                "WRONG_TYPE    | voltage | {\"datetime\":\"23/12/2006 16:52:00\",\"meter\":1,\"voltage\":{}}",
                "WRONG_TYPE    | datetime| {\"datetime\":1166892720,\"meter\":1,\"voltage\":1}",
                "WRONG_TYPE    | datetime| {\"datetime\":null,\"meter\":1,\"voltage\":1}",
                "WRONG_TYPE    | meter   | {\"datetime\":\"23/12/2006 16:52:00\",\"meter\":null,\"voltage\":1}",
                "WRONG_TYPE    | meter   | {\"datetime\":\"23/12/2006 16:52:00\",\"meter\":[1],\"voltage\":1}",
                "WRONG_TYPE    | meter   | {\"datetime\":\"23/12/2006 16:52:00\",\"meter\":{\"a\":1},\"voltage\":1}",
                "NOT_JSON      | meter   | {\"datetime\":\"23/12/2006 16:52:00\",\"meter\":\"\\udead\",\"voltage\":1}",
                "NOT_FINITE    | meter   | {\"datetime\":\"23/12/2006 16:52:00\",\"meter\":1e1234567890,\"voltage\":1}",
                "NOT_FINITE    | voltage | {\"datetime\":\"23/12/2006 16:52:00\",\"meter\":1,\"voltage\":1e999}",
                "NUMBER_TOO_LARGE | voltage | {\"datetime\":\"23/12/2006 16:52:00\",\"meter\":1,\"voltage\":1.7976931348623157e308}",
                "NUMBER_TOO_LARGE | voltage | {\"datetime\":\"23/12/2006 16:52:00\",\"meter\":1,\"voltage\":-9.8e288}",
                "GROUP_TOO_LONG| meter   | {\"datetime\":\"23/12/2006 16:52:00\",\"meter\":\"0123456789abcdefg\",\"voltage\":1}",
                "GROUP_TOO_LONG| meter   | {\"datetime\":\"23/12/2006 16:52:00\",\"meter\":12345678901234567,\"voltage\":1}",
                "NOT_JSON      |         | {\"datetime\":\"23/12/2006 16:52:00\",\"meter\":1,\"voltage\":239.94}{}",
                "BAD_TIME      | datetime| {\"datetime\":\"31/02/2006 16:52:00\",\"meter\":1,\"voltage\":1}",
                "BAD_TIME      | datetime| {\"datetime\":\"2006-12-23\",\"meter\":1,\"voltage\":1}",
            })
    void whatCannotBeCountedIsABadRecordAndLeavesTheTableAlone(Reason reason, String field, String record) {
        JobSpec job = JobJson.job("{ groupBy: ['meter'], badRecords: { groupBytes: 16 } }");
        CellTable table = new CellTable(CellLayout.of(job), 10);
        byte[] value = (record == null ? "" : record).getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> new RecordFolder(job).fold(table, value, 0, value.length, 0))
                .isInstanceOfSatisfying(MalformedRecordException.class, e -> {
                    assertThat(e.reason()).isEqualTo(reason);
                    assertThat(e.field()).isEqualTo(field == null ? "" : field);
                    assertThat(e).hasMessageNotContaining("239.94").hasMessageNotContaining("nonsense");
                    assertThat(e.getStackTrace()).isEmpty();
                });
        assertThat(table.size()).isZero();
    }

    /** Lines in one record, objects side by side, and one object, for a job with a field and for one that only counts. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{ n: 'count', s: { sum: 'v' } }                     | whole  | 1, 100.0",
                "{ n: 'count' }                                      | whole  | 1",
                "{ n: 'count', s: { sum: 'v' } }                     | needed | 3, 111.0",
                "{ n: 'count' }                                      | needed | 3",
            })
    void aRecordWithSeveralValuesIsNotCountedAsItsFirst(String aggregate, String check, String expected)
            throws Exception {
        JobSpec job = JobJson.job("{ window: 'none', aggregate: " + aggregate
                + ", input: { topic: 'in', timestamp: 'record', check: '" + check + "' }, output: { topic: 'out' } }");
        List<String> problems = new ArrayList<>();
        List<String> rows =
                rows(job, problems, "{\"v\":1}\n{\"v\":2}\n{\"v\":3}\n", "{\"v\":10}{\"v\":20}", "{\"v\":100}");

        String values = expected.contains(",")
                ? "{\"n\":" + expected.replace(", ", ",\"s\":") + "}"
                : "{\"n\":" + expected + "}";
        assertThat(rows).containsExactly("{} " + values);
        if (check.equals("whole")) {
            assertThat(problems)
                    .containsExactly(
                            "NOT_JSON not JSON at byte 8: there is more than one value in the record, and the second"
                                    + " begins here",
                            "NOT_JSON not JSON at byte 8: there is more than one value in the record, and the second"
                                    + " begins here");
        } else {
            assertThat(problems).isEmpty();
        }
    }

    /** A sentinel such as the largest double stands for no value in the data of many programs. */
    @Test
    void aNumberThatCouldMakeASumOverflowIsABadRecordAndTheOtherWindowsComeOut() throws Exception {
        JobSpec job = JobJson.job(
                "{ window: { every: 'hour' }, aggregate: { n: 'count', m: { mean: 'v' } },"
                        + " input: { topic: 'in', timestamp: { field: 't', format: 'epochMillis' } }, output: { topic: 'out' } }");
        List<String> problems = new ArrayList<>();

        assertThat(rows(
                        job,
                        problems,
                        "{\"t\":1700000000000,\"v\":1}",
                        "{\"t\":1700000000000,\"v\":1.7976931348623157e308}",
                        "{\"t\":1700000000000,\"v\":1.7976931348623157e308}",
                        "{\"t\":1700010000000,\"v\":5}"))
                .containsExactly(
                        "{\"hour\":\"2023-11-14T22:00Z\"} {\"hour\":\"2023-11-14T22:00Z\",\"n\":1,\"m\":1.0}",
                        "{\"hour\":\"2023-11-15T01:00Z\"} {\"hour\":\"2023-11-15T01:00Z\",\"n\":1,\"m\":5.0}");
        assertThat(problems)
                .hasSize(2)
                .allMatch(each -> each.startsWith("NUMBER_TOO_LARGE v is a number beyond 2^960"));
    }

    @Test
    void theLargestNumbersMakeNoSumThatOverflows() throws Exception {
        JobSpec job = JobJson.job("{ aggregate: { s: { sum: 'voltage' } }, window: 'none', output: { topic: 'out' } }");
        CellTable table = new CellTable(CellLayout.of(job), 10);
        byte[] value = ("{\"datetime\":\"23/12/2006 16:52:00\",\"voltage\":" + FieldValues.LARGEST + "}")
                .getBytes(StandardCharsets.UTF_8);
        new RecordFolder(job).fold(table, value, 0, value.length, 0);
        // Each merge doubles the number of records, up to 2^58.
        for (int i = 0; i < 58; i++) {
            CellTable same = new CellTable(CellLayout.of(job), 10);
            same.mergeAll(table);
            table.mergeAll(same);
        }

        assertThat(table.count(0)).isEqualTo(1L << 58);
        assertThat(new String(new RowEncoder(job).value(table, 0), StandardCharsets.UTF_8))
                .isEqualTo("{\"s\":2.8088955232223686e+306}");
    }

    /** All values count together, as text without escapes; a key of the largest size is taken. */
    @Test
    void theValuesOfAGroupAreLimitedTogether() throws Exception {
        JobSpec job = JobJson.job("{ window: 'none', groupBy: ['a', 'b'], aggregate: { n: 'count' },"
                + " input: { topic: 'in', timestamp: 'record' }, output: { topic: 'out' },"
                + " badRecords: { groupBytes: 8 } }");
        List<String> problems = new ArrayList<>();

        assertThat(rows(
                        job,
                        problems,
                        "{\"a\":\"1234\",\"b\":\"567\\u0041\"}",
                        "{\"a\":\"1234\",\"b\":\"567é\"}",
                        "{\"a\":1.0000000000,\"b\":\"1234567\"}",
                        "{\"a\":\"" + "x".repeat(1_000_000) + "\",\"b\":\"\"}"))
                .hasSize(2);
        assertThat(problems)
                .containsExactly(
                        "GROUP_TOO_LONG b makes the values of groupBy longer than badRecords.groupBytes, which is 8",
                        "GROUP_TOO_LONG a makes the values of groupBy longer than badRecords.groupBytes, which is 8");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"http.status.code\":1}         | ; the record has a name with a dot in it, which the job must write as [\"http.status.code\"]",
                "{\"http\":{\"status.code\":1}}   | ; the record has a name with a dot in it, which the job must write as http[\"status.code\"]",
                "{\"http.status\":{\"code\":1}}   | ; the record has a name with a dot in it, which the job must write as [\"http.status\"].code",
                "{\"http.status\":1}              | ``",
                "{\"http\":{\"status\":{}}}       | ``",
            })
    void aMissingFieldIsExplainedByANameWithADot(String record, String hint) throws Exception {
        JobSpec job = JobJson.job("{ window: 'none', aggregate: { s: { sum: 'http.status.code' } },"
                + " input: { topic: 'in', timestamp: 'record' }, output: { topic: 'out' } }");
        List<String> problems = new ArrayList<>();

        assertThat(rows(job, problems, record, record)).isEmpty();

        assertThat(problems)
                .hasSize(2)
                .allMatch(each -> each.equals("FIELD_MISSING http.status.code is missing" + hint));
    }

    /** In rows and keys a path stands without quotes. */
    @Test
    void timesGroupsAndNumbersMayHaveNamesWithDots() throws Exception {
        JobSpec job = JobJson.job("{ window: 'day', groupBy: ['a[\"http.method\"]'],"
                + " aggregate: { ms: { mean: '[\"http.ms\"]' } },"
                + " input: { topic: 'in', timestamp: { field: '[\"event.time\"]', format: 'iso' } },"
                + " output: { topic: 'out', key: '{date}/{a.http.method}' } }");

        assertThat(rows(job, "{\"event.time\":\"2026-11-01T00:00:00Z\",\"a\":{\"http.method\":\"GET\"},\"http.ms\":4}"))
                .containsExactly("2026-11-01/GET {\"date\":\"2026-11-01\",\"a.http.method\":\"GET\",\"ms\":4.0}");
    }

    /** Kafka takes records of up to 1 MiB by default. Control characters become the longest text. */
    @Test
    void theRowOfTheLongestGroupIsSmallEnoughForKafka() throws Exception {
        JobSpec job = JobJson.job("{ window: 'none', groupBy: ['g'], aggregate: { n: 'count' },"
                + " input: { topic: 'in', timestamp: 'record' }, output: { topic: 'out' },"
                + " badRecords: { groupBytes: 65536 } }");

        assertThat(rows(job, "{\"g\":\"" + "\\u0001".repeat(65_536) + "\"}"))
                .singleElement()
                .satisfies(row -> assertThat(row.length()).isBetween(2 * 6 * 65_536, 1_000_000));
    }

    @Test
    void aRecordsOwnTimestampServesWhereTheJobSaysSo() throws Exception {
        JobSpec job = JobJson.job("{ input: { topic: 'in', timestamp: 'record' }, aggregate: { n: 'count' } }");
        CellTable table = new CellTable(CellLayout.of(job), 10);
        RecordFolder folder = new RecordFolder(job);
        byte[] value = "{}".getBytes(StandardCharsets.UTF_8);

        folder.fold(table, value, 0, value.length, 86_400_000);

        assertThat(table.window(0)).isEqualTo(86_400_000);
        assertThatThrownBy(() -> folder.fold(table, value, 0, value.length, -1))
                .isInstanceOfSatisfying(
                        MalformedRecordException.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.BAD_TIME));
        assertThat(table.count(0)).isEqualTo(1);
    }

    @Test
    void aRecordOfAClosedWindowIsLateAndIsNotAdded() throws Exception {
        JobSpec job = JobJson.job("{ input: { topic: 'in', timestamp: 'record' }, aggregate: { n: 'count' },"
                + " close: { after: '1d' } }");
        CellTable table = new CellTable(CellLayout.of(job), 10);
        RecordFolder folder = new RecordFolder(job);
        Lateness lateness = Objects.requireNonNull(Lateness.of(job, 86_400_000));
        byte[] value = "{}".getBytes(StandardCharsets.UTF_8);

        assertThat(lateness.eventTime()).isNull();
        assertThat(folder.fold(table, lateness, value, 0, value.length, 86_399_999))
                .isEqualTo(Fate.LATE);
        assertThat(table.size()).isZero();
        assertThat(lateness.eventTime()).isEqualTo(86_399_999);
        assertThat(folder.fold(table, lateness, value, 0, value.length, 86_400_000))
                .isEqualTo(Fate.FOLDED);
        assertThatThrownBy(() -> folder.fold(table, lateness, value, 0, 1, 2 * 86_400_000))
                .as("a bad record is not late, and its time does not count")
                .isInstanceOf(MalformedRecordException.class);
        assertThat(lateness.eventTime()).isEqualTo(86_400_000);
        assertThat(Lateness.of(JobJson.job(""), 0)).isNull();
    }

    /** A job that closes by run may later close by event time: one wrong time must not close everything then. */
    @Test
    void aTimeThatIsFarAheadIsNoWatermarkAlsoIfItCounts() throws Exception {
        JobSpec job = JobJson.job("{ close: { after: '1d' } }");
        CellTable table = new CellTable(CellLayout.of(job), 10);
        RecordFolder folder = new RecordFolder(job);
        Lateness lateness = Objects.requireNonNull(Lateness.of(job, Long.MIN_VALUE));
        byte[] value = "{\"datetime\":\"25/12/2006 00:00:00\",\"voltage\":1}".getBytes(StandardCharsets.UTF_8);
        long dayBefore = Instant.parse("2006-12-24T00:00:00Z").toEpochMilli();

        assertThat(folder.fold(table, lateness, value, 0, value.length, dayBefore - 1))
                .isEqualTo(Fate.FOLDED);
        assertThat(lateness.eventTime()).isNull();
        assertThat(folder.fold(table, lateness, value, 0, value.length, dayBefore))
                .isEqualTo(Fate.FOLDED);
        assertThat(lateness.eventTime())
                .isEqualTo(Instant.parse("2006-12-25T00:00:00Z").toEpochMilli());
    }

    /** Records of producers without timestamps have -1. */
    @Test
    void withoutAWindowNoTimestampIsNeeded() throws Exception {
        JobSpec job = JobJson.job("{ input: { topic: 'in', timestamp: 'record' }, window: 'none',"
                + " aggregate: { n: 'count', s: { sum: 'v' } } }");
        CellTable table = new CellTable(CellLayout.of(job), 10);
        RecordFolder folder = new RecordFolder(job);
        byte[] first = "{\"v\":1}".getBytes(StandardCharsets.UTF_8);
        byte[] second = "{\"v\":2}".getBytes(StandardCharsets.UTF_8);

        folder.fold(table, first, 0, first.length, -1);
        folder.fold(table, second, 0, second.length, 1_700_000_000_000L);

        assertThat(new String(new RowEncoder(job).value(table, 0), StandardCharsets.UTF_8))
                .isEqualTo("{\"n\":2,\"s\":3.0}");
        assertThat(table.size()).isEqualTo(1);
    }

    @Test
    void aDateIsTheStartOfItsDayInTheZoneOfItsText() throws Exception {
        JobSpec job = JobJson.job("{ input: { topic: 'in', timestamp: { field: 't', pattern: 'yyyy-MM-dd VV' } },"
                + " window: 'hour', groupBy: ['f'], aggregate: { n: 'count' } }");

        assertThat(rows(
                        job,
                        "{\"f\":\"tokyo\",\"t\":\"2023-11-14 Asia/Tokyo\"}",
                        "{\"f\":\"utc\",\"t\":\"2023-11-14 UTC\"}"))
                .containsExactly(
                        "{\"hour\":\"2023-11-13T15:00Z\",\"f\":\"tokyo\"}"
                                + " {\"hour\":\"2023-11-13T15:00Z\",\"f\":\"tokyo\",\"n\":1}",
                        "{\"hour\":\"2023-11-14T00:00Z\",\"f\":\"utc\"}"
                                + " {\"hour\":\"2023-11-14T00:00Z\",\"f\":\"utc\",\"n\":1}");
    }

    private static List<String> rows(JobSpec job, String... records) throws Exception {
        List<String> problems = new ArrayList<>();
        List<String> rows = rows(job, problems, records);
        assertThat(problems).isEmpty();
        return rows;
    }

    /** Returns the rows of the records, and adds reason and message of each bad one to the problems. */
    private static List<String> rows(JobSpec job, List<String> problems, String... records) throws Exception {
        CellTable table = new CellTable(CellLayout.of(job), 100);
        RecordFolder folder = new RecordFolder(job);
        for (String each : records) {
            // Not at the start of its array, as in a fetched batch.
            byte[] batch = ("garbage" + each + "garbage").getBytes(StandardCharsets.UTF_8);
            int bytes = batch.length - 14;
            try {
                folder.fold(table, batch, 7, bytes, 0);
            } catch (MalformedRecordException e) {
                problems.add(e.reason() + " " + e.getMessage());
            }
        }
        RowEncoder encoder = new RowEncoder(job);
        List<String> rows = new ArrayList<>();
        for (int slot : table.sortedSlots()) {
            rows.add(new String(encoder.key(table, slot), StandardCharsets.UTF_8) + " "
                    + new String(encoder.value(table, slot), StandardCharsets.UTF_8));
        }
        return rows;
    }
}
