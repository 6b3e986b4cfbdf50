package io.tidemark.step;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.aggregate.CellTable;
import io.tidemark.job.JobSpec;
import io.tidemark.row.RowHeader;
import io.tidemark.state.ChunkRef;
import io.tidemark.state.Mark;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.Windows;
import io.tidemark.testkit.JobJson;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

/** What batches do to the totals of one partition, with windows that close and windows in pages. */
class ClosingWindowsTest {
    private static final long DAY = 86_400_000;

    private static final JobSpec OPEN = job("", "changes");
    private static final JobSpec CHANGES = job("close: { after: '0s' },", "changes");
    private static final JobSpec FINAL = job("close: { after: '0s' },", "final");

    private static JobSpec job(String more, String emit) {
        return JobJson.job("{ groupBy: ['id'], aggregate: { n: 'count' }, " + more
                + " output: { topic: 'airflow-output-topic', key: '{date} {id}', emit: '" + emit + "' } }");
    }

    private static JobSpec closing(int cells) {
        return job("close: { after: '0s' }, limits: { closeCells: " + cells + " },", "changes");
    }

    /** The rows of the last batch: {@code 1970-01-02 a=3}, with {@code final} if it is. */
    private static List<String> rows(StateInMemory state) {
        List<String> rows = new ArrayList<>();
        for (ProducerRecord<byte[], byte[]> each : state.rows()) {
            String value = new String(each.value(), StandardCharsets.UTF_8);
            rows.add(new String(each.key(), StandardCharsets.UTF_8)
                    + "=" + value.replaceAll(".*\"n\":(\\d+).*", "$1")
                    + ("true".equals(StateInMemory.header(each, RowHeader.FINAL)) ? " final" : ""));
        }
        return rows;
    }

    private static CellTable records(StateInMemory state, Object... windowsAndGroups) throws Exception {
        CellTable delta = state.delta();
        for (int i = 0; i < windowsAndGroups.length; i += 2) {
            StateInMemory.add(delta, (int) windowsAndGroups[i] * DAY, (String) windowsAndGroups[i + 1]);
        }
        return delta;
    }

    @Test
    void withoutCloseRowsAndProgressAreAsBefore() throws Exception {
        StateInMemory state = new StateInMemory(OPEN);
        state.batch(records(state, 1, "a", 2, "b"), 2, null, null);
        assertThat(rows(state)).containsExactly("1970-01-02 a=1", "1970-01-03 b=1");
        assertThat(state.rows())
                .allSatisfy(row -> assertThat(row.headers().toArray())
                        .singleElement()
                        .satisfies(header -> assertThat(header.key()).isEqualTo(RowHeader.NAME)));
        assertThat(state.progress().version()).isEqualTo(1);
        assertThat(state.progress().windows()).isEqualTo(new Windows(Mark.NOTHING_CLOSED, Windows.NO_RECORD, DAY));
    }

    @Test
    void withChangesAClosedWindowWritesItsTouchedCellsOnly() throws Exception {
        StateInMemory state = new StateInMemory(CHANGES);
        state.batch(records(state, 1, "a", 1, "b", 2, "a", 3, "a"), 4, null, 3 * DAY);
        assertThat(rows(state)).containsExactly("1970-01-02 a=1", "1970-01-02 b=1", "1970-01-03 a=1", "1970-01-04 a=1");

        // Day 1 is touched, day 2 is not, day 3 stays open, day 0 is new and closed at once.
        PartitionUpdate update = state.batch(records(state, 0, "z", 1, "b", 3, "a", 3, "c"), 4, 3 * DAY, 2 * DAY);

        assertThat(rows(state))
                .containsExactly("1970-01-01 z=1 final", "1970-01-02 b=2 final", "1970-01-04 a=2", "1970-01-04 c=1");
        assertThat(state.rows())
                .allSatisfy(row ->
                        assertThat(StateInMemory.header(row, RowHeader.THROUGH)).isEqualTo("8"));
        assertThat(update.closes()).isEqualTo(new Closes(3 * DAY, 3 * DAY, 3, true));
        assertThat(state.cells()).isEqualTo(Map.of(3 * DAY + " a", 2L, 3 * DAY + " c", 1L));
        PartitionProgress after = state.progress();
        assertThat(after.windows()).isEqualTo(new Windows(3 * DAY, 3 * DAY, 3 * DAY));
        assertThat(after.last().finalRows()).isEqualTo(2);
        assertThat(after.last().closedWindows()).isEqualTo(3);
        assertThat(after.bytes()).isEqualTo(after.chunks().get(0).page().bytes());
    }

    @Test
    void withFinalTheOnlyRowsAreThoseOfClosedWindows() throws Exception {
        StateInMemory state = new StateInMemory(FINAL);
        state.batch(records(state, 1, "a", 1, "b", 2, "a", 3, "a"), 4, null, 3 * DAY);
        assertThat(rows(state)).isEmpty();

        state.batch(records(state, 1, "b", 3, "a"), 2, 3 * DAY, 2 * DAY);

        assertThat(rows(state)).containsExactly("1970-01-02 a=1 final", "1970-01-02 b=2 final", "1970-01-03 a=1 final");
        assertThat(state.cells()).isEqualTo(Map.of(3 * DAY + " a", 2L));
    }

    @Test
    void aBatchWithoutOffsetsClosesAndKeepsWhatTheLastReadSays() throws Exception {
        StateInMemory state = new StateInMemory(FINAL);
        state.batch(records(state, 1, "a", 2, "b"), 2, null, 3 * DAY);

        state.batch(state.delta(), 0, 9 * DAY, null);

        assertThat(rows(state)).containsExactly("1970-01-02 a=1 final", "1970-01-03 b=1 final");
        assertThat(state.progress().mark()).isEqualTo(new Mark(2, 9 * DAY));
        assertThat(state.progress().leaderEpoch()).isEqualTo(5);
        assertThat(state.progress().windows()).isEqualTo(new Windows(9 * DAY, 3 * DAY, Windows.NO_TOTALS));
        assertThat(state.cells()).isEmpty();
        assertThat(state.progress().bytes()).isZero();
    }

    /** A closed window of version 2 is only removed: its progress record says how many cells it has. */
    @Test
    void withChangesUntouchedWindowsAreNotRead() throws Exception {
        StateInMemory state = new StateInMemory(CHANGES);
        state.batch(records(state, 1, "a", 2, "b", 2, "c"), 3, null, null);
        state.batch(state.delta(), 0, 9 * DAY, null);
        assertThat(state.chunksRead()).isZero();
        assertThat(rows(state)).isEmpty();
        assertThat(state.cells()).isEmpty();
    }

    @Test
    void windowsCloseOldestFirstAndWholeUpToTheLimit() throws Exception {
        StateInMemory state = new StateInMemory(closing(3));
        state.batch(records(state, 1, "a", 1, "b", 2, "a", 3, "a", 3, "b", 4, "a"), 6, null, null);

        // Day 3 gets a cell and does not fit; what stays open is stored.
        PartitionUpdate first = state.batch(records(state, 3, "c", 4, "b"), 2, 5 * DAY, null);
        assertThat(first.closes()).isEqualTo(new Closes(3 * DAY, 3 * DAY, 2, false));
        assertThat(state.cells())
                .isEqualTo(Map.of(
                        3 * DAY + " a",
                        1L,
                        3 * DAY + " b",
                        1L,
                        3 * DAY + " c",
                        1L,
                        4 * DAY + " a",
                        1L,
                        4 * DAY + " b",
                        1L));

        assertThat(state.batch(state.delta(), 0, 5 * DAY, null).closes())
                .isEqualTo(new Closes(4 * DAY, 4 * DAY, 1, false));
        assertThat(state.batch(state.delta(), 0, 5 * DAY, null).closes())
                .isEqualTo(new Closes(5 * DAY, 5 * DAY, 1, true));
        assertThat(state.cells()).isEmpty();
    }

    /** Otherwise a job that gets {@code close} because it is full could never reach the batch that closes the rest. */
    @Test
    void whatTheSameRunStillClosesDoesNotFillThePartition() throws Exception {
        StateInMemory state =
                new StateInMemory(job("close: { after: '0s' }, limits: { closeCells: 1, cells: 4 },", "changes"));
        state.batch(records(state, 1, "a", 2, "a", 3, "a", 4, "a"), 4, null, null);

        PartitionUpdate full = state.batch(records(state, 5, "a", 5, "b"), 2, 5 * DAY, null);

        assertThat(full.closes()).isEqualTo(new Closes(2 * DAY, 2 * DAY, 1, false));
        for (int left = 3; left > 0; left--) {
            state.batch(state.delta(), 0, 5 * DAY, null);
        }
        assertThat(state.cells()).isEqualTo(Map.of(5 * DAY + " a", 1L, 5 * DAY + " b", 1L));
    }

    @Test
    void totalsWithoutRowsAreRememberedUntilTheyHaveThem() throws Exception {
        StateInMemory state = new StateInMemory(FINAL);
        state.batch(records(state, 1, "a", 2, "b"), 2, null, null);
        assertThat(state.progress().windows().rowless()).isTrue();

        state.batch(state.delta(), 0, 9 * DAY, null);

        assertThat(state.progress().windows().rowless()).isFalse();
    }

    @Test
    void aWindowLargerThanTheLimitClosesAlone() throws Exception {
        StateInMemory state = new StateInMemory(closing(1));
        state.batch(records(state, 1, "a", 1, "b", 1, "c", 2, "a"), 4, null, null);
        assertThat(state.batch(state.delta(), 0, 9 * DAY, null).closes())
                .isEqualTo(new Closes(2 * DAY, 2 * DAY, 1, false));
        assertThat(state.cells()).isEqualTo(Map.of(2 * DAY + " a", 1L));
    }

    @Test
    void aJobThatGetsCloseTakesItsChunksOver() throws Exception {
        StateInMemory state = new StateInMemory(OPEN);
        state.batch(records(state, 1, "a", 2, "a", 2, "b", 3, "a", 4, "a"), 5, null, null);
        List<ChunkRef> before = state.progress().chunks();

        state.change(CHANGES);
        state.batch(records(state, 3, "b"), 1, 2 * DAY, 4 * DAY);

        PartitionProgress after = state.progress();
        assertThat(after.version()).isEqualTo(2);
        assertThat(after.bytes()).as("some chunks are of version 1").isEqualTo(-1);
        assertThat(after.chunks()).hasSize(3).contains(before.get(1), before.get(3));
        assertThat(after.chunks().get(1).page()).isNotNull();
        assertThat(rows(state)).containsExactly("1970-01-04 b=1");
        assertThat(state.cells())
                .isEqualTo(Map.of(
                        2 * DAY + " a",
                        1L,
                        2 * DAY + " b",
                        1L,
                        3 * DAY + " a",
                        1L,
                        3 * DAY + " b",
                        1L,
                        4 * DAY + " a",
                        1L));

        // The number of cells in a chunk of version 1 is not known without reading it.
        state.batch(state.delta(), 0, 3 * DAY, null);
        assertThat(state.chunksRead()).isEqualTo(1);
        assertThat(state.progress().cells()).isEqualTo(3);
        state.cells();
    }

    private static String group(int number) {
        return String.format(Locale.ROOT, "vendor-%06d", number);
    }

    @Test
    void oneGroupOfAHundredThousandRewrites64KiB() throws Exception {
        for (JobSpec job : List.of(OPEN, CHANGES)) {
            StateInMemory state = new StateInMemory(job);
            CellTable all = state.delta();
            for (int i = 0; i < 100_000; i++) {
                StateInMemory.add(all, DAY, group(i));
            }
            state.batch(all, 100_000, null, null);

            state.batch(records(state, 1, group(77_777)), 1, null, null);

            assertThat(state.writtenBytes()).isLessThan(64 * 1024);
            assertThat(state.chunksRead()).isEqualTo(1);
            assertThat(rows(state)).containsExactly("1970-01-02 vendor-077777=2");
            assertThat(state.cells()).hasSize(100_000);
            assertThat(state.progress().version()).isEqualTo(2);
        }
    }

    /** A batch of a random job: some records, and which windows may close. */
    record Step(List<Integer> records, int target) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<List<Integer>> records = Arbitraries.integers()
                .between(0, 8 * 60 - 1)
                .list()
                .ofMinSize(60)
                .ofMaxSize(200);
        return Combinators.combine(records, Arbitraries.integers().between(-4, 8))
                .as(Step::new)
                .list()
                .ofMaxSize(12);
    }

    /** The judge is a map. A group is so long that a page has about ten of them; windows stay open for several batches. */
    @Property(tries = 60, edgeCases = EdgeCasesMode.NONE)
    void anyBatchesGiveTheTotalsOfAMapAndEachFinalRowOnce(
            @ForAll("steps") List<Step> steps, @ForAll boolean emitsFinal, @ForAll boolean isOldJob) throws Exception {
        JobSpec job = emitsFinal ? FINAL : closing(40);
        StateInMemory state = new StateInMemory(isOldJob ? OPEN : job);
        Map<String, Long> open = new TreeMap<>();
        Set<String> finals = new HashSet<>();
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            long target = Math.min(step.target, i / 2) * DAY;
            if (i == 2) {
                state.change(job);
            }
            boolean closes = i >= 2 || !isOldJob;
            long closed = state.progress().windows().closedBefore();
            CellTable delta = state.delta();
            Set<String> touched = new HashSet<>();
            int length = 0;
            for (int record : step.records) {
                long day = record / 60;
                if (day * DAY >= closed) {
                    String group = "g" + record % 60 + "-".repeat(5_000);
                    StateInMemory.add(delta, day * DAY, group);
                    open.merge(day * DAY + " " + group, 1L, Long::sum);
                    touched.add(day * DAY + " " + group);
                    length++;
                }
            }

            PartitionUpdate update = state.batch(delta, length, closes ? target : null, null);

            long after = state.progress().windows().closedBefore();
            assertThat(after).isGreaterThanOrEqualTo(closed).isLessThanOrEqualTo(Math.max(closed, target));
            Map<String, Long> closedNow = new TreeMap<>();
            open.forEach((cell, count) -> {
                if (Long.parseLong(cell.substring(0, cell.indexOf(' '))) < after) {
                    closedNow.put(cell, count);
                }
            });
            Map<String, String> expected = new TreeMap<>();
            if (emitsFinal && closes) {
                closedNow.forEach((cell, count) -> expected.put(cell, count + " final"));
            } else {
                touched.forEach(
                        cell -> expected.put(cell, open.get(cell) + (closedNow.containsKey(cell) ? " final" : "")));
            }
            Map<String, String> written = new TreeMap<>();
            for (String row : rows(state)) {
                int equals = row.indexOf('=');
                int space = row.indexOf(' ');
                long day = LocalDate.parse(row.substring(0, space)).toEpochDay();
                String cell = day * DAY + " " + row.substring(space + 1, equals);
                written.put(cell, row.substring(equals + 1));
                assertThat(finals).as("cells with a final row").doesNotContain(cell);
                if (row.endsWith(" final")) {
                    finals.add(cell);
                }
            }
            assertThat(written).isEqualTo(expected);
            assertThat(state.rows()).hasSize(written.size());
            assertThat(update.closes().windows())
                    .isEqualTo(closedNow.keySet().stream()
                            .map(cell -> cell.substring(0, cell.indexOf(' ')))
                            .distinct()
                            .count());
            open.keySet().removeAll(closedNow.keySet());
            assertThat(state.cells()).isEqualTo(open);
            boundsHold(state.progress());
        }
    }

    private static void boundsHold(PartitionProgress progress) {
        assertThat(progress.windows().oldest())
                .isEqualTo(progress.chunks().stream()
                        .mapToLong(ChunkRef::window)
                        .min()
                        .orElse(Windows.NO_TOTALS));
        long bytes = 0;
        boolean paged = true;
        for (ChunkRef each : progress.chunks()) {
            paged &= each.page() != null;
            if (each.page() != null) {
                assertThat(each.page().bytes()).isLessThanOrEqualTo(56 * 1024);
                bytes += each.page().bytes();
            }
        }
        assertThat(progress.bytes()).isEqualTo(paged ? bytes : -1);
        if (paged) {
            assertThat(progress.chunks().size())
                    .as("pages of 8 windows, each at least a third full")
                    .isLessThanOrEqualTo(8 + (int) (bytes / (19 * 1024)));
        }
    }
}
