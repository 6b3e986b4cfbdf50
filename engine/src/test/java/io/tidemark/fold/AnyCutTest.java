package io.tidemark.fold;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.job.JobSpec;
import io.tidemark.row.RowEncoder;
import io.tidemark.state.ChunkCodec;
import io.tidemark.testkit.JobJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.assertj.core.data.Offset;

/** Any cut of any input into batches, with the totals stored and read back in between, gives the rows of one batch. */
class AnyCutTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JobSpec JOB = JobJson.job("""
            {"groupBy": ["site"],
             "output": {"topic": "out"},
             "aggregate": {"mean": {"mean": "voltage"}, "sum": {"sum": "voltage"}, "low": {"min": "voltage"},
                           "high": {"max": "voltage"}, "count": "count"}}""");

    @Provide
    Arbitrary<List<String>> records() {
        Arbitrary<String> record = Combinators.combine(
                        Arbitraries.integers().between(1, 4),
                        Arbitraries.of("\"a\"", "\"b\"", "7", "true"),
                        Arbitraries.doubles().between(-1e12, 1e12).ofScale(3))
                .as((day, site, voltage) -> "{\"datetime\":\"0" + day + "/12/2006 10:00:00\",\"site\":" + site
                        + ",\"voltage\":" + voltage + "}");
        return record.list().ofMaxSize(200);
    }

    @Property
    void anyCutGivesTheRowsOfOneBatch(
            @ForAll("records") List<String> records, @ForAll @Size(max = 20) List<@IntRange(max = 200) Integer> cuts)
            throws Exception {
        Map<String, JsonNode> whole = rows(records, List.of());
        double magnitude = 0;
        for (String each : records) {
            magnitude += Math.abs(JSON.readTree(each).get("voltage").doubleValue());
        }

        Map<String, JsonNode> cut = rows(records, cuts);

        assertThat(cut.keySet()).isEqualTo(whole.keySet());
        Offset<Double> close = Offset.offset(1e-9 * Math.max(magnitude, 1));
        for (Map.Entry<String, JsonNode> each : whole.entrySet()) {
            JsonNode row = cut.get(each.getKey());
            for (String exact : List.of("count", "low", "high")) {
                assertThat(row.get(exact)).as(exact).isEqualTo(each.getValue().get(exact));
            }
            for (String summed : List.of("sum", "mean")) {
                assertThat(row.get(summed).doubleValue())
                        .as(summed)
                        .isCloseTo(each.getValue().get(summed).doubleValue(), close);
            }
        }
    }

    private static Map<String, JsonNode> rows(List<String> records, List<Integer> cuts) throws Exception {
        List<Integer> ends = new ArrayList<>(
                cuts.stream().map(cut -> Math.min(cut, records.size())).sorted().toList());
        ends.add(records.size());
        CellLayout layout = CellLayout.of(JOB);
        CellTable totals = new CellTable(layout, 1000);
        int from = 0;
        for (int end : ends) {
            CellTable delta = new CellTable(layout, 1000);
            RecordFolder folder = new RecordFolder(JOB);
            for (String each : records.subList(from, end)) {
                byte[] value = each.getBytes(StandardCharsets.UTF_8);
                folder.fold(delta, value, 0, value.length, 0);
            }
            totals = stored(totals, layout);
            totals.mergeAll(delta);
            from = end;
        }
        RowEncoder encoder = new RowEncoder(JOB);
        Map<String, JsonNode> rows = new TreeMap<>();
        for (int slot : totals.sortedSlots()) {
            rows.put(
                    new String(encoder.key(totals, slot), StandardCharsets.UTF_8),
                    JSON.readTree(encoder.value(totals, slot)));
        }
        return rows;
    }

    /** Totals as they come back from the state topic, in chunks of a few cells. */
    private static CellTable stored(CellTable totals, CellLayout layout) throws Exception {
        ChunkCodec codec = new ChunkCodec(layout);
        CellTable read = new CellTable(layout, 1000);
        int[] order = totals.sortedSlots();
        for (int from = 0; from < order.length; ) {
            long window = totals.window(order[from]);
            int to = from;
            while (to < order.length && totals.window(order[to]) == window) {
                to++;
            }
            for (byte[] chunk : codec.encode(totals, Arrays.copyOfRange(order, from, to), 64, length -> {})) {
                codec.decode(chunk, window, read);
            }
            from = to;
        }
        return read;
    }
}
