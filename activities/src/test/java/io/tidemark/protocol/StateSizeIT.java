package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.run.StateSize;
import io.tidemark.state.PartitionProgress;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import io.tidemark.testkit.TopicScope;
import java.util.Collection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The last step of a run returns the size of the stored totals. */
@Execution(ExecutionMode.CONCURRENT)
class StateSizeIT {
    @Test
    void aJobWithOneStageHasTheCellsOfItsRows() {
        try (Rig rig = Rig.voltage(2)) {
            rig.send(0, 0, 3_000);
            rig.send(1, 0, 10);
            StepwiseRun run = rig.newRun().records();

            StateSize size = run.commit().stateSize();

            assertThat(size.cells()).isEqualTo(rig.rows().size()).isGreaterThan(2);
            assertThat(size.bytes())
                    .as("progress of version 1 does not say them")
                    .isNull();
        }
    }

    @Test
    void aJobWithTwoStagesHasThoseOfItsTotals() {
        try (Rig rig = Rig.with(3, TopicScope.rows())) {
            rig.send(0, 0, 3_000);
            rig.send(1, 0, 30);
            StepwiseRun run = rig.newRun().records();
            run.totals().records();

            StateSize size = run.commit().stateSize();

            Collection<PartitionProgress> totals = TopicScope.totals(rig).values();
            assertThat(size.cells())
                    .isEqualTo(rig.rows().size())
                    .isEqualTo(
                            totals.stream().mapToLong(PartitionProgress::cells).sum());
            assertThat(size.bytes())
                    .isPositive()
                    .isEqualTo(
                            totals.stream().mapToLong(PartitionProgress::bytes).sum());
        }
    }
}
