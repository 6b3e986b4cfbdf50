package io.tidemark.row;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.Memory;
import io.tidemark.job.JobSpec;
import io.tidemark.testkit.JobJson;
import io.tidemark.window.RowWindows;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Windows of three panes of a minute, whose panes lie in two tables, against a sum over all panes. */
class WindowTotalsTest {
    private static final JobSpec JOB = JobJson.job(
            "{ window: { every: '1m', span: 3 }, groupBy: ['g'], aggregate: { n: 'count', v: { sum: 'v' } } }");
    private static final CellLayout LAYOUT = CellLayout.of(JOB);
    private static final long MINUTE = 60_000;
    private static final int PANES = 12;

    @Property(tries = 200)
    void aWindowHasTheTotalsOfItsPanes(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        CellTable stored = new CellTable(LAYOUT, 100);
        CellTable delta = new CellTable(LAYOUT, 100);
        Map<Long, Map<String, Long>> counts = new TreeMap<>();
        Map<Long, Set<String>> changed = new TreeMap<>();
        for (int i = random.nextInt(20); i > 0; i--) {
            long pane = random.nextInt(PANES) * MINUTE;
            String group = "group " + random.nextInt(3);
            boolean isNew = random.nextInt(3) == 0;
            add(isNew ? delta : stored, pane, group);
            counts.computeIfAbsent(pane, p -> new TreeMap<>()).merge(group, 1L, Long::sum);
            if (isNew) {
                changed.computeIfAbsent(pane, p -> new HashSet<>()).add(group);
            }
        }
        List<CellTable> tables = List.of(stored, delta);
        WindowTotals all = new WindowTotals(RowWindows.of(JOB.window()), LAYOUT, Memory.UNBOUNDED, tables, null);
        WindowTotals some = new WindowTotals(RowWindows.of(JOB.window()), LAYOUT, Memory.UNBOUNDED, tables, delta);

        assertThat(all.panes()).isEqualTo(new TreeSet<>(counts.keySet()));
        assertThat(some.panes()).isEqualTo(new TreeSet<>(changed.keySet()));
        for (long window = 0; window < (PANES + 3) * MINUTE; window += MINUTE) {
            Map<String, Long> expected = new TreeMap<>();
            Set<String> touched = new HashSet<>();
            for (long pane = window - 2 * MINUTE; pane <= window; pane += MINUTE) {
                counts.getOrDefault(pane, Map.of()).forEach((group, n) -> expected.merge(group, n, Long::sum));
                touched.addAll(changed.getOrDefault(pane, Set.of()));
            }
            assertThat(totals(all, window)).isEqualTo(expected);
            expected.keySet().retainAll(touched);
            assertThat(totals(some, window)).isEqualTo(expected);
        }
    }

    private static void add(CellTable into, long pane, String group) throws Exception {
        byte[] key = group.getBytes(StandardCharsets.UTF_8);
        into.add(into.findOrAdd(pane, key, 0, key.length), new double[] {1});
    }

    /** The counts of a window by group; a sum of ones has to be the count. */
    private static Map<String, Long> totals(WindowTotals of, long window) throws Exception {
        CellTable table = of.of(window);
        Map<String, Long> counts = new TreeMap<>();
        for (int slot = 0; slot < table.size(); slot++) {
            assertThat(table.window(slot)).isEqualTo(window);
            assertThat(table.value(slot, 0)).isEqualTo(table.count(slot));
            counts.put(new String(table.key(slot), StandardCharsets.UTF_8), table.count(slot));
        }
        return counts;
    }
}
