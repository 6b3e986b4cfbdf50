package io.tidemark.step;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.aggregate.CellTable;
import io.tidemark.job.JobSpec;
import io.tidemark.row.RowHeader;
import io.tidemark.testkit.JobJson;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

/** What batches do to the panes of one partition, and the rows of windows of several panes that they write. */
class HoppingWindowsTest {
    private static final long DAY = 86_400_000;

    private static JobSpec job(int span, String more, String emit) {
        return JobJson.job(
                "{ window: { every: 'day', span: " + span + " }, groupBy: ['id'], aggregate: { n: 'count' }, " + more
                        + " output: { topic: 'airflow-output-topic', key: '{window} {id}', emit: '" + emit + "' } }");
    }

    private static JobSpec closing(int span, String emit) {
        return job(span, "close: { after: '0s' },", emit);
    }

    /** The rows of the last batch: {@code 1..3 a=3 final} for the days 1 to 3. */
    private static List<String> rows(StateInMemory state) {
        List<String> rows = new ArrayList<>();
        for (ProducerRecord<byte[], byte[]> each : state.rows()) {
            String key = new String(each.key(), StandardCharsets.UTF_8);
            String value = new String(each.value(), StandardCharsets.UTF_8);
            int slash = key.indexOf('/');
            int space = key.indexOf(' ');
            rows.add(day(key.substring(0, slash)) + ".." + (day(key.substring(slash + 1, space)) - 1)
                    + key.substring(space) + "=" + value.replaceAll(".*\"n\":(\\d+).*", "$1")
                    + ("true".equals(StateInMemory.header(each, RowHeader.FINAL)) ? " final" : ""));
        }
        return rows;
    }

    private static long day(String time) {
        assertThat(time).endsWith("T00:00:00Z");
        return LocalDate.parse(time.substring(0, 10)).toEpochDay();
    }

    private static CellTable records(StateInMemory state, Object... panesAndGroups) throws Exception {
        CellTable delta = state.delta();
        for (int i = 0; i < panesAndGroups.length; i += 2) {
            StateInMemory.add(delta, (int) panesAndGroups[i] * DAY, (String) panesAndGroups[i + 1]);
        }
        return delta;
    }

    @Test
    void aTouchedPaneWritesTheWindowsThatContainIt() throws Exception {
        StateInMemory state = new StateInMemory(job(3, "", "changes"));
        state.batch(records(state, 1, "a", 2, "b"), 2, null, null);
        assertThat(rows(state))
                .containsExactly("-1..1 a=1", "0..2 a=1", "0..2 b=1", "1..3 a=1", "1..3 b=1", "2..4 b=1");

        state.batch(records(state, 3, "a"), 1, null, null);

        assertThat(rows(state)).containsExactly("1..3 a=2", "2..4 a=1", "3..5 a=1");
        assertThat(state.cells()).isEqualTo(Map.of(DAY + " a", 1L, 2 * DAY + " b", 1L, 3 * DAY + " a", 1L));
        assertThat(state.progress().version()).isEqualTo(1);
    }

    /** Day 9 is three days after day 6. */
    @Test
    void onlyPanesWithAWindowInCommonAreRead() throws Exception {
        StateInMemory state = new StateInMemory(job(3, "", "changes"));
        state.batch(records(state, 1, "a", 2, "a", 6, "a", 8, "a", 9, "a"), 5, null, null);

        state.batch(records(state, 4, "a", 6, "a"), 2, null, null);

        assertThat(state.chunksRead()).as("days 2, 6 and 8").isEqualTo(3);
        assertThat(rows(state)).containsExactly("2..4 a=2", "3..5 a=1", "4..6 a=3", "5..7 a=2", "6..8 a=3");
    }

    @Test
    void aPaneStaysUntilItsLastWindowIsClosed() throws Exception {
        StateInMemory state = new StateInMemory(closing(3, "final"));
        state.batch(records(state, 1, "a", 1, "b", 2, "a", 4, "a"), 4, null, null);
        assertThat(rows(state)).isEmpty();

        PartitionUpdate update = state.batch(records(state, 3, "b"), 1, 3 * DAY, null);

        assertThat(rows(state))
                .containsExactly("-1..1 a=1 final", "-1..1 b=1 final", "0..2 a=2 final", "0..2 b=1 final");
        assertThat(update.closes()).isEqualTo(new Closes(3 * DAY, DAY, 2, true));
        assertThat(state.cells().keySet())
                .containsExactlyInAnyOrder(DAY + " a", DAY + " b", 2 * DAY + " a", 3 * DAY + " b", 4 * DAY + " a");

        state.batch(state.delta(), 0, 5 * DAY, null);
        assertThat(rows(state)).containsExactly("1..3 a=2 final", "1..3 b=2 final", "2..4 a=2 final", "2..4 b=1 final");
        assertThat(state.cells().keySet()).containsExactly(3 * DAY + " b", 4 * DAY + " a");

        // Nothing comes any more, but the last windows close.
        state.batch(state.delta(), 0, 9 * DAY, null);
        assertThat(rows(state)).containsExactly("3..5 a=1 final", "3..5 b=1 final", "4..6 a=1 final");
        assertThat(state.cells()).isEmpty();
    }

    /** Day 1 is not touched, and its last window is closed by the batch that needs it for a row. */
    @Test
    void aPaneIsReadForTheRowOfTheBatchThatRemovesIt() throws Exception {
        StateInMemory state = new StateInMemory(closing(3, "changes"));
        state.batch(records(state, 1, "a", 1, "z"), 2, null, null);

        state.batch(records(state, 3, "a"), 1, 4 * DAY, null);

        assertThat(rows(state)).containsExactly("1..3 a=2 final", "2..4 a=1", "3..5 a=1");
        assertThat(state.cells()).isEqualTo(Map.of(3 * DAY + " a", 1L));
    }

    @Test
    void withFinalEachWindowCountsAllItsPanesForTheLimit() throws Exception {
        StateInMemory state = new StateInMemory(job(2, "close: { after: '0s' }, limits: { closeCells: 3 },", "final"));
        state.batch(records(state, 1, "a", 1, "b", 2, "a", 3, "a"), 4, null, null);

        assertThat(state.batch(state.delta(), 0, 9 * DAY, null).closes()).isEqualTo(new Closes(2 * DAY, DAY, 1, false));
        assertThat(state.batch(state.delta(), 0, 9 * DAY, null).closes())
                .isEqualTo(new Closes(3 * DAY, 2 * DAY, 1, false));
        assertThat(state.batch(state.delta(), 0, 9 * DAY, null).closes())
                .isEqualTo(new Closes(9 * DAY, 8 * DAY, 2, true));
        assertThat(state.cells()).isEmpty();
    }

    /** A batch of a random job: some records, and which windows may close. */
    record Step(List<Integer> records, int target) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<List<Integer>> records =
                Arbitraries.integers().between(0, 9 * 40 - 1).list().ofMaxSize(60);
        return Combinators.combine(records, Arbitraries.integers().between(-4, 12))
                .as(Step::new)
                .list()
                .ofMaxSize(10);
    }

    /**
     * The judge adds each record to each of its windows in a map, and knows no panes but those that must be stored. A group is
     * so long that a page has about ten of them.
     */
    @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
    void anyBatchesGiveTheRowsOfAMapOfWindows(
            @ForAll("steps") List<Step> steps,
            @ForAll @IntRange(min = 2, max = 5) int span,
            @ForAll boolean emitsFinal,
            @ForAll boolean isOldJob,
            @ForAll boolean fewAtOnce)
            throws Exception {
        JobSpec job = job(
                span,
                "close: { after: '0s' }, limits: { closeCells: " + (fewAtOnce ? 30 : 100_000) + " },",
                emitsFinal ? "final" : "changes");
        StateInMemory state = new StateInMemory(isOldJob ? job(span, "", "changes") : job);
        Map<String, Long> windows = new TreeMap<>();
        Map<String, Long> panes = new TreeMap<>();
        Set<String> finals = new HashSet<>();
        List<Step> all = new ArrayList<>(steps);
        all.add(new Step(List.of(), 99));
        for (int i = 0; i < all.size() || !state.progress().chunks().isEmpty(); i++) {
            Step step = i < all.size() ? all.get(i) : all.get(all.size() - 1);
            long target = i < all.size() - 1 ? Math.min(step.target, i) : step.target;
            if (isOldJob && i == Math.min(2, all.size() - 1)) {
                state.change(job);
            }
            boolean closes = !isOldJob || i >= Math.min(2, all.size() - 1);
            long closed = day(state.progress().windows().closedBefore());
            CellTable delta = state.delta();
            Set<String> touched = new TreeSet<>();
            int length = 0;
            for (int record : step.records) {
                int day = record / 40;
                if (day < closed) {
                    continue;
                }
                String group = "g" + record % 40 + "-".repeat(5_000);
                StateInMemory.add(delta, day * DAY, group);
                length++;
                panes.merge(day * DAY + " " + group, 1L, Long::sum);
                for (int last = day; last < day + span; last++) {
                    windows.merge(last + " " + group, 1L, Long::sum);
                    touched.add(last + " " + group);
                }
            }

            PartitionUpdate update = state.batch(delta, length, closes ? target * DAY : null, null);

            long after = day(state.progress().windows().closedBefore());
            assertThat(after).isGreaterThanOrEqualTo(closed).isLessThanOrEqualTo(Math.max(closed, target));
            Map<String, String> expected = new TreeMap<>();
            Set<Long> closedNow = new TreeSet<>();
            windows.forEach((window, count) -> {
                long last = last(window);
                boolean isFinal = last >= closed && last < after;
                if (isFinal) {
                    closedNow.add(last);
                }
                if (emitsFinal && closes ? isFinal : touched.contains(window)) {
                    expected.put(name(window, span), count + (isFinal ? " final" : ""));
                }
            });
            Map<String, String> written = new TreeMap<>();
            for (String row : rows(state)) {
                String window = row.substring(0, row.indexOf('='));
                written.put(window, row.substring(row.indexOf('=') + 1));
                assertThat(finals).as("rows that are final").doesNotContain(window);
                if (row.endsWith(" final")) {
                    finals.add(window);
                }
            }
            assertThat(written).isEqualTo(expected);
            assertThat(state.rows()).hasSize(written.size());
            assertThat(update.closes().windows()).isEqualTo(closedNow.size());
            boolean mayClose =
                    closes && windows.keySet().stream().anyMatch(each -> last(each) >= closed && last(each) < target);
            assertThat(!closedNow.isEmpty()).as("at least one window closes").isEqualTo(mayClose);
            panes.keySet().removeIf(each -> last(each) / DAY + span - 1 < after);
            assertThat(state.cells()).isEqualTo(panes);
        }
        if (emitsFinal) {
            assertThat(finals).hasSameSizeAs(windows.keySet());
        }
    }

    /** A number of days; one that is before all windows for {@code NOTHING_CLOSED}. */
    private static long day(long millis) {
        return millis / DAY;
    }

    private static long last(String cell) {
        return Long.parseLong(cell.substring(0, cell.indexOf(' ')));
    }

    private static String name(String window, int span) {
        return (last(window) - span + 1) + ".." + window;
    }
}
