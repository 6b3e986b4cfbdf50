package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.step.Checkpoints.Point;
import io.tidemark.testkit.Crash;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows over all partitions, on a real broker: the crash table of topic scope in docs/exactly-once.md. */
class TopicScopeIT {
    private static Rig rig(int partitions) {
        return Rig.with(partitions, json -> {
            json.put("scope", "topic");
            json.withObject("/output").put("partitions", 2);
        });
    }

    private static Rig afterAFirstRun() {
        Rig rig = rig(3);
        rig.send(0, 0, 50);
        rig.send(1, 0, 30);
        rig.runAll();
        rig.send(0, 50, 70);
        rig.send(2, 30, 90);
        return rig;
    }

    @Test
    void aGroupHasOneRowOfAllPartitionsWhereThePartitionerOfKafkaPutsIt() {
        try (Rig rig = afterAFirstRun()) {
            Guarantees.noReaderSeesACountFall(rig);

            StepwiseRun run = rig.runAll();

            Guarantees.holdAtTheEnd(rig);
            assertThat(rig.newRun().plan().ranges()).isEmpty();
            assertThat(run.totals().plan().ranges()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void anAttemptOfStage1ThatDiesAnywhereIsMadeGoodByTheNextRun(Point point) {
        try (Rig rig = point.name().startsWith("PLAN") ? rig(2) : afterAFirstRun()) {
            if (point.name().startsWith("PLAN")) {
                rig.send(0, 0, 50);
                rig.send(1, 0, 30);
            }
            assertThatThrownBy(() -> rig.newRun(Crash.at(point)).all()).isInstanceOf(Crash.class);
            Guarantees.noReaderSeesACountFall(rig);

            rig.runAll();

            Guarantees.holdAtTheEnd(rig);
        }
    }
}
