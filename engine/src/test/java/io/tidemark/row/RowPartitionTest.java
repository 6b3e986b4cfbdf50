package io.tidemark.row;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.fold.Fate;
import io.tidemark.fold.InputRecord;
import io.tidemark.fold.JobFolder;
import io.tidemark.job.JobSpec;
import io.tidemark.testkit.JobJson;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RowPartitionTest {
    private static final int PARTITIONS = 5;
    private static final int GROUPS = 40;

    private static JobSpec job(int span) {
        return JobJson.job(
                "{ input: { topic: 'in', timestamp: { field: 'at', format: 'epochMillis' } }, scope: 'topic',"
                        + " window: { every: '1m', span: " + span + " }, groupBy: ['g'], aggregate: { n: 'count' },"
                        + " output: { topic: 'out', partitions: " + PARTITIONS + ", key: '{window}|{g}' } }");
    }

    /** Three windows, each with all groups. */
    private static CellTable cells(JobSpec job) throws Exception {
        CellTable table = new CellTable(CellLayout.of(job), 3 * GROUPS);
        JobFolder folder = new JobFolder(job);
        InputRecord record = new InputRecord();
        for (int i = 0; i < 3 * GROUPS; i++) {
            String json = "{\"at\":" + i / GROUPS * 60_000 + ",\"g\":\"group " + i % GROUPS + "\"}";
            byte[] value = json.getBytes(StandardCharsets.UTF_8);
            record.setPlace(0, i, 0);
            record.setContent(value, 0, InputRecord.NULL, 0, value.length);
            assertThat(folder.fold(table, null, record)).isEqualTo(Fate.FOLDED);
        }
        return table;
    }

    @Test
    void aRowIsWhereItsKeyBelongs() throws Exception {
        JobSpec job = job(1);
        CellTable cells = cells(job);
        RowPartition partition = new RowPartition(job);
        RowEncoder encoder = new RowEncoder(job);

        for (int slot = 0; slot < cells.size(); slot++) {
            assertThat(partition.of(cells, slot)).isEqualTo(KeyPartition.of(encoder.key(cells, slot), PARTITIONS));
        }
    }

    @Test
    void theRowsOfAGroupAreTogetherIfItsWindowsOverlap() throws Exception {
        JobSpec job = job(2);
        CellTable cells = cells(job);
        RowPartition partition = new RowPartition(job);
        Map<String, Integer> partitions = new HashMap<>();

        for (int slot = 0; slot < cells.size(); slot++) {
            String group = new String(cells.key(slot), StandardCharsets.UTF_8);
            int found = partition.of(cells, slot);
            assertThat(partitions.merge(group, found, (one, other) -> one)).isEqualTo(found);
        }
        assertThat(partitions).hasSize(GROUPS);
        assertThat(partitions.values()).contains(0, 1, 2, 3, 4);
    }
}
