package io.tidemark.fold;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.job.JobSpec;
import io.tidemark.json.MalformedRecordException;
import io.tidemark.row.RowEncoder;
import io.tidemark.testkit.Golden;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Jobs, their records, and the rows that version 0.1 made of them: {@code job.json}, {@code records.jsonl} and {@code
 * rows.txt}, which has key and value of each row, then the lines that are bad records. They are the same in every locale,
 * zone and JDK. Three lines are bad records that 0.1 counted: one without its last brace, and two with the largest double.
 */
class GoldenRowsTest {
    /** The Kafka timestamp of the first record; each record is an hour later than the one before. */
    private static final long FIRST_TIMESTAMP = 1_166_892_720_000L;

    private static final long HOUR = 3_600_000;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "day-pattern",
                "day-record-time",
                "hour-iso-groups",
                "week-locale",
                "month-epoch-seconds",
                "tumbling-epoch-millis",
                "none-record-time",
                "none-numbers"
            })
    void aJobGivesItsRows(String name) throws Exception {
        String folder = "rows/" + name + "/";
        JobSpec job = JobSpec.fromJson(new ObjectMapper().readTree(Golden.bytes(folder + "job.json")));

        String rows = String.join("", rows(job, Golden.lines(folder + "records.jsonl")));

        assertThat(rows).isEqualTo(Golden.text(folder + "rows.txt"));
    }

    private static List<String> rows(JobSpec job, List<String> records) throws Exception {
        RecordFolder folder = new RecordFolder(job);
        CellTable table = new CellTable(CellLayout.of(job), 1_000);
        List<String> bad = new ArrayList<>();
        for (int i = 0; i < records.size(); i++) {
            byte[] value = records.get(i).getBytes(StandardCharsets.UTF_8);
            try {
                folder.fold(table, value, 0, value.length, FIRST_TIMESTAMP + i * HOUR);
            } catch (MalformedRecordException e) {
                bad.add("line " + (i + 1) + ": " + e.reason() + " " + e.field() + "\n");
            }
        }
        RowEncoder encoder = new RowEncoder(job);
        List<String> rows = new ArrayList<>();
        for (int slot : table.sortedSlots()) {
            rows.add(text(encoder.key(table, slot)) + "\t" + text(encoder.value(table, slot)) + "\n");
        }
        rows.addAll(bad);
        return rows;
    }

    private static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
