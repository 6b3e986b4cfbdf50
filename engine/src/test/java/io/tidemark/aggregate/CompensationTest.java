package io.tidemark.aggregate;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.job.AggregationSpec;
import io.tidemark.job.AggregationSpec.Function;
import io.tidemark.testkit.JobJson;
import io.tidemark.testkit.Recorded;
import org.junit.jupiter.api.Test;

/** What the rounding of a sum loses is kept beside it, also where cells are merged. */
class CompensationTest {
    private static final CellLayout LAYOUT = CellLayout.of(JobJson.job("{ aggregate: { s: { sum: 'v' } } }"));

    @Test
    void aMergeKeepsWhatBothCellsHadLost() throws Exception {
        CellTable into = sumOf(1, 1e100);
        into.mergeAll(sumOf(1, -1e100));

        assertThat(sum(into)).isEqualTo(2);
    }

    @Test
    void aMergeKeepsWhatItLosesItself() throws Exception {
        CellTable into = sumOf(1);
        into.mergeAll(sumOf(1e100));
        into.mergeAll(sumOf(1));
        into.mergeAll(sumOf(-1e100));

        assertThat(sum(into)).isEqualTo(2);
    }

    private static CellTable sumOf(double... values) throws TooManyCellsException {
        CellTable table = new CellTable(LAYOUT, 1);
        for (double each : values) {
            table.add(table.findOrAdd(0, new byte[0], 0, 0), new double[] {each});
        }
        return table;
    }

    private static double sum(CellTable table) {
        return Recorded.real(LAYOUT, new AggregationSpec("s", Function.SUM, "v"), table, 0);
    }
}
