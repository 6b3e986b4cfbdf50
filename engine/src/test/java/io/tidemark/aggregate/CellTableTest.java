package io.tidemark.aggregate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tidemark.aggregate.GroupValue.GroupType;
import io.tidemark.job.AggregationSpec;
import io.tidemark.job.AggregationSpec.Function;
import io.tidemark.job.JobSpec;
import io.tidemark.testkit.JobJson;
import io.tidemark.testkit.Recorded;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CellTableTest {
    private static final JobSpec ALL = JobJson.job(
            "{ groupBy: ['g'], aggregate: { n: 'count', s: { sum: 'v' }, a: { mean: 'v' }, lo: { min: 'v' }, hi: { max: 'v' } } }");
    private static final CellLayout LAYOUT = CellLayout.of(ALL);

    @Test
    void aggregationsOfOneFieldShareItsAccumulators() {
        JobSpec job = JobJson.job(
                "{ aggregate: { a: { mean: 'x' }, b: { sum: 'x' }, c: { max: 'y' }, d: { mean: 'y' }, n: 'count', e: { min: 'z' } } }");

        assertThat(CellLayout.of(job).columns())
                .containsExactly("sum(x)", "compensation(x)", "sum(y)", "compensation(y)", "max(y)", "min(z)");
        assertThat(CellLayout.of(job).fields()).containsExactly("x", "y", "z");
    }

    /** Cells of one group, whatever way the values were split, ordered and merged, against exact arithmetic. */
    @Property(tries = 2_000)
    void anySplitAndOrderOfMergesGivesTheSameTotals(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        List<Double> values = values(random);
        List<CellTable> parts = new ArrayList<>();
        CellTable part = new CellTable(LAYOUT, 10);
        for (double each : values) {
            if (random.nextInt(5) == 0) {
                parts.add(part);
                part = new CellTable(LAYOUT, 10);
            }
            part.add(part.findOrAdd(0, new byte[0], 0, 0), new double[] {each});
        }
        parts.add(part);
        Collections.shuffle(parts, random);
        while (parts.size() > 1) {
            CellTable into = parts.get(random.nextInt(parts.size() - 1));
            into.mergeAll(parts.remove(parts.size() - 1));
        }
        CellTable merged = parts.get(0);

        BigDecimal sum = values.stream().map(BigDecimal::new).reduce(BigDecimal.ZERO, BigDecimal::add);
        BigDecimal scale =
                values.stream().map(each -> new BigDecimal(each).abs()).reduce(BigDecimal.ZERO, BigDecimal::add);
        double tolerance = scale.doubleValue() * 1e-9;
        int slot = merged.find(0, new byte[0], 0, 0);
        assertThat(merged.count(slot)).isEqualTo(values.size());
        assertThat(result(merged, slot, Function.SUM)).isCloseTo(sum.doubleValue(), within(tolerance));
        assertThat(result(merged, slot, Function.MEAN))
                .isCloseTo(
                        sum.divide(new BigDecimal(values.size()), MathContext.DECIMAL128)
                                .doubleValue(),
                        within(tolerance / values.size()));
        assertThat(result(merged, slot, Function.MIN)).isEqualTo(Collections.min(values));
        assertThat(result(merged, slot, Function.MAX)).isEqualTo(Collections.max(values));
    }

    /** Values that cancel each other out, and of very different sizes: what plain sums get wrong. */
    private static List<Double> values(Random random) {
        List<Double> values = new ArrayList<>();
        for (int i = 1 + random.nextInt(300); i > 0; i--) {
            double value = (random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(-12, 13));
            values.add(value);
            if (random.nextInt(3) == 0) {
                values.add(-value);
            }
        }
        Collections.shuffle(values, random);
        return values;
    }

    @Test
    void whatAPlainSumLosesIsKept() throws Exception {
        CellTable table = new CellTable(LAYOUT, 1);
        for (double each : new double[] {1, 1e100, 1, -1e100}) {
            table.add(table.findOrAdd(0, new byte[0], 0, 0), new double[] {each});
        }

        assertThat(result(table, 0, Function.SUM)).isEqualTo(2);
    }

    @Test
    void aCountNeedsNoColumn() throws Exception {
        CellTable table = new CellTable(LAYOUT, 1);
        for (int i = 0; i < 3; i++) {
            table.add(table.findOrAdd(0, new byte[0], 0, 0), new double[] {i});
        }

        assertThat(Recorded.real(LAYOUT, new AggregationSpec("n", Function.COUNT, null), table, 0))
                .isEqualTo(3);
    }

    private static double result(CellTable table, int slot, Function function) {
        return Recorded.real(LAYOUT, new AggregationSpec("x", function, "v"), table, slot);
    }

    @Property(tries = 500)
    void aTableFindsExactlyWhatWasAddedToIt(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        CellTable table = new CellTable(LAYOUT, 100_000);
        Map<List<Object>, Long> expected = new HashMap<>();
        for (int i = 0; i < 3_000; i++) {
            long window = random.nextInt(40) * 86_400_000L;
            String group = Integer.toString(random.nextInt(30), 2).repeat(random.nextInt(3));
            byte[] key = GroupKey.of(List.of(new GroupValue(GroupType.STRING, group)));
            int slot = table.findOrAdd(window, key, 0, key.length);
            table.add(slot, new double[] {1});
            expected.merge(List.of(window, group), 1L, Long::sum);
        }

        assertThat(table.size()).isEqualTo(expected.size());
        int[] sorted = table.sortedSlots();
        for (int i = 0; i < sorted.length; i++) {
            int slot = sorted[i];
            String group = GroupKey.values(table.key(slot)).get(0).text();
            assertThat(table.count(slot)).isEqualTo(expected.get(List.of(table.window(slot), group)));
            assertThat(table.find(table.window(slot), table.key(slot), 0, table.key(slot).length))
                    .isEqualTo(slot);
            if (i > 0) {
                assertThat(table.window(slot)).isGreaterThanOrEqualTo(table.window(sorted[i - 1]));
            }
        }
        assertThat(table.find(-1, new byte[0], 0, 0)).isEqualTo(-1);
    }

    /** Keys that begin alike, that end in zeros, and that differ in one byte, wherever it stands. */
    @Test
    void keysOfAnyLengthAreToldApart() throws Exception {
        List<byte[]> keys = new ArrayList<>();
        for (int length = 0; length <= 40; length++) {
            keys.add(new byte[length]);
            for (int i = 0; i < length; i++) {
                byte[] key = new byte[length];
                key[i] = (byte) 0xFF;
                keys.add(key);
            }
        }
        CellTable table = new CellTable(LAYOUT, 100_000);
        for (byte[] each : keys) {
            table.findOrAdd(0, each, 0, each.length);
        }

        assertThat(table.size()).isEqualTo(keys.size());
        for (int slot = 0; slot < keys.size(); slot++) {
            byte[] key = keys.get(slot);
            byte[] inTheMiddle = new byte[key.length + 60];
            Arrays.fill(inTheMiddle, (byte) -1);
            System.arraycopy(key, 0, inTheMiddle, 20, key.length);
            assertThat(table.key(slot)).isEqualTo(key);
            assertThat(table.find(0, key, 0, key.length)).isEqualTo(slot);
            assertThat(table.find(0, inTheMiddle, 20, key.length)).isEqualTo(slot);
            assertThat(table.find(1, key, 0, key.length)).isEqualTo(-1);
        }
        assertThat(Arrays.stream(table.sortedSlots()).mapToObj(table::key))
                .containsExactlyElementsOf(
                        keys.stream().sorted(Arrays::compareUnsigned).toList());
    }

    @Test
    void oneCellMoreThanTheLimitIsRefusedAndTheOthersStay() throws Exception {
        CellTable table = new CellTable(LAYOUT, 20);
        for (int i = 0; i < 20; i++) {
            table.add(table.findOrAdd(i, new byte[0], 0, 0), new double[] {i});
        }

        assertThatThrownBy(() -> table.findOrAdd(20, new byte[0], 0, 0))
                .isInstanceOf(TooManyCellsException.class)
                .hasMessageContaining("20")
                .hasMessageContaining("limits.cells");
        assertThat(table.findOrAdd(7, new byte[0], 0, 0)).isEqualTo(7);
        assertThat(table.size()).isEqualTo(20);
    }

    @Test
    void tablesOfDifferentJobsAreNotMerged() {
        CellTable other = new CellTable(CellLayout.of(JobJson.job("")), 1);

        assertThatThrownBy(() -> new CellTable(LAYOUT, 1).mergeAll(other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("count, sum(voltage), compensation(voltage)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ", x: { sum: 'v', where: 'v > 1' }, f: { first: 'v', integer: true }, d: { sum: 'v', decimal: 2 }"
            })
    void aTableAsksForAllThatItAllocatesAndGivesItBack(String more) throws Exception {
        CellLayout layout = CellLayout.of(
                JobJson.job("{ groupBy: ['g'], aggregate: { n: 'count', s: { sum: 'v' }" + more + " } }"));
        Books books = new Books(Long.MAX_VALUE);
        byte[] key = new byte[20];
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        CellTable table = new CellTable(layout, 1_000_000, books);
        for (int i = 0; i < 200_000; i++) {
            key[i % 20]++;
            ByteBuffer.wrap(key).putInt(0, i);
            table.findOrAdd(0, key, 0, key.length);
        }
        int[] sorted = table.sortedSlots();
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(sorted).hasSize(table.size());
        assertThat(books.asked).isBetween(allocated, 2 * allocated);
        assertThat(books.held).isLessThan(books.asked);
        table.free();
        assertThat(books.held).isZero();
    }

    /** A table with one cell has little else than the memory that it was made with. */
    @Test
    void aTableAsksForItsFirstCellsBeforeTheyAreUsed() throws Exception {
        Books books = new Books(Long.MAX_VALUE);
        CellTable table = new CellTable(LAYOUT, 10, books);
        long empty = books.held;
        table.findOrAdd(0, new byte[100], 0, 100);

        assertThat(empty).isPositive();
        assertThat(books.held - empty).as("an array of 100 bytes").isEqualTo(120);
    }

    @Test
    void aTableThatGetsNoMemoryIsAsItWas() throws Exception {
        Books books = new Books(100_000);
        CellTable table = new CellTable(LAYOUT, 1_000_000, books);
        byte[] key = new byte[4];
        assertThatThrownBy(() -> {
                    while (true) {
                        ByteBuffer.wrap(key).putInt(0, table.size());
                        table.findOrAdd(0, key, 0, key.length);
                    }
                })
                .hasMessage("no more");

        int size = table.size();
        assertThat(table.find(0, key, 0, key.length)).isEqualTo(-1);
        assertThat(table.sortedSlots()).hasSize(size);
        books.most = Long.MAX_VALUE;
        assertThat(table.findOrAdd(0, key, 0, key.length)).isEqualTo(size);
        table.free();
        assertThat(books.held).isZero();
    }

    /** Says yes up to a bound, and keeps account. */
    private static final class Books implements Memory {
        private long most;
        private long held;
        private long asked;

        Books(long most) {
            this.most = most;
        }

        @Override
        public void take(long bytes) {
            if (held + bytes > most) {
                throw new IllegalStateException("no more");
            }
            held += bytes;
            asked += bytes;
        }

        @Override
        public void giveBack(long bytes) {
            held -= bytes;
        }
    }
}
