package io.tidemark.step;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.run.FailureKind;
import io.tidemark.run.SliceRef;
import io.tidemark.run.Staged;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Totals that only version 0.1 could make, which had no bound on numbers. */
class OldTotalsIT {
    @Test
    void aSumThatIsNotFiniteIsNamedAndNothingIsWritten() throws Exception {
        try (Rig rig = Rig.with(
                1, json -> json.withObject("/aggregate/voltage").removeAll().put("sum", "voltage"))) {
            rig.send(0, 0, 2);
            StepwiseRun run = rig.newRun();
            Staged delta = run.delta(0);
            SliceRef slice = run.slice(0);
            TreeMap<Integer, CellTable> cells = new TreeMap<>();
            cells.put(0, new CellTable(CellLayout.of(rig.job()), 10));
            for (int i = 0; i < 2; i++) {
                cells.get(0).add(cells.get(0).findOrAdd(0, new byte[0], 0, 0), new double[] {1.7e308});
            }
            Staged old = new Staged(
                    delta.hostQueue(),
                    delta.ranges(),
                    StagedCells.write(rig.staging(), rig.job(), StagedNames.run(slice), "old", cells),
                    null);

            assertThat(run.produce(0, old)).singleElement().satisfies(verdict -> {
                assertThat(verdict.problem().kind()).isEqualTo(FailureKind.NOT_FINITE);
                assertThat(verdict.problem().message()).contains("voltage", rig.input() + "[0]");
            });
            assertThat(rig.rows()).isEmpty();
        }
    }
}
