package io.tidemark.fold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.job.JobSpec;
import io.tidemark.json.MalformedRecordException;
import io.tidemark.json.MalformedRecordException.Reason;
import io.tidemark.row.RowEncoder;
import io.tidemark.testkit.JobJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
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
                "BAD_TIME      | datetime| {\"datetime\":\"31/02/2006 16:52:00\",\"meter\":1,\"voltage\":1}",
                "BAD_TIME      | datetime| {\"datetime\":\"2006-12-23\",\"meter\":1,\"voltage\":1}",
            })
    void whatCannotBeCountedIsABadRecordAndLeavesTheTableAlone(Reason reason, String field, String record) {
        JobSpec job = JobJson.job("{ groupBy: ['meter'] }");
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
        CellTable table = new CellTable(CellLayout.of(job), 100);
        RecordFolder folder = new RecordFolder(job);
        for (String each : records) {
            // Not at the start of its array, as in a fetched batch.
            byte[] batch = ("garbage" + each + "garbage").getBytes(StandardCharsets.UTF_8);
            folder.fold(table, batch, 7, batch.length - 14, -1);
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
