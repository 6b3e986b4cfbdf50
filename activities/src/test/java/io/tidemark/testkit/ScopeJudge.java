package io.tidemark.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.testkit.ClosingJudge.Row;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Deque;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.assertj.core.data.Percentage;

/** Judges rows over all input partitions. */
final class ScopeJudge {
    private ScopeJudge() {}

    /**
     * Requires the last row of each key: no other keys, each key in one partition, that of Kafka's partitioner, one final row of
     * each closed window and no row after it, and no count that falls.
     *
     * @param closed the totals of closed windows, by key
     * @param open the totals of windows that must have rows, but no final one
     * @param finalOnly whether each closed window must have a final row
     * @param overlap whether windows overlap: then all rows of a group are in one partition, whatever their keys
     */
    static void rowsAre(
            Rig rig,
            Map<Integer, Deque<Row>> rows,
            Map<String, Truth.Totals> closed,
            Map<String, Truth.Totals> open,
            boolean finalOnly,
            boolean overlap) {
        Map<String, Row> last = new TreeMap<>();
        rows.forEach((partition, each) -> each.forEach(row -> {
            if (!overlap) {
                assertThat(partition).as("partition of %s", row).isEqualTo(rig.rowPartition(0, row.key()));
            }
            Row before = last.put(row.key(), row);
            if (before != null) {
                assertThat(before.isFinal())
                        .as("%s is final, and %s follows", before, row)
                        .isFalse();
                assertThat(count(row)).as("%s after %s", row, before).isGreaterThanOrEqualTo(count(before));
            }
        }));
        if (overlap) {
            assertThat(rows).as("output partitions with rows of the only group").hasSizeLessThanOrEqualTo(1);
        }
        Map<String, Truth.Totals> wanted = new TreeMap<>(closed);
        wanted.putAll(open);
        assertThat(last.keySet()).as("keys of the rows").isEqualTo(wanted.keySet());
        wanted.forEach((key, totals) -> {
            Row row = last.get(key);
            assertThat(count(row)).as("count of %s", row).isEqualTo(totals.count());
            assertThat(row.value().get("voltage").doubleValue())
                    .as("mean of %s", row)
                    .isCloseTo(
                            totals.sum()
                                    .divide(BigDecimal.valueOf(totals.count()), MathContext.DECIMAL64)
                                    .doubleValue(),
                            Percentage.withPercentage(1e-7));
        });
        Set<String> finals = new TreeSet<>();
        last.values().stream().filter(Row::isFinal).forEach(row -> finals.add(row.key()));
        if (finalOnly) {
            assertThat(finals).as("windows with a final row").isEqualTo(closed.keySet());
        } else {
            // Where changes are emitted too, a batch without records of a window writes no row when it closes it.
            assertThat(closed.keySet()).as("closed windows").containsAll(finals);
        }
    }

    private static long count(Row row) {
        return row.value().get("count").longValue();
    }
}
