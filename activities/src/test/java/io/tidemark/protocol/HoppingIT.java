package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.PartitionVerdict.Verdict;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.testkit.ClosingScene;
import io.tidemark.testkit.Crash;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Windows of three days, one ending with each day, on a real broker. The judge is {@code ClosingJudge}. */
@Execution(ExecutionMode.CONCURRENT)
class HoppingIT {
    /** Two partitions with days 0 and 1, after a run that closed nothing; the next run at day 2 closes what ends with day 0. */
    private static ClosingScene beforeTheFirstWindowIsDue(boolean finalOnly) {
        ClosingScene scene = ClosingScene.of(2, finalOnly, json -> {
            json.put("partitionsPerSlice", 2);
            ClosingScene.span(3).accept(json);
        });
        scene.at(1, 2).send(0, 0, 5).send(1, 0, 3).send(0, 1, 2);
        scene.runAll();
        scene.at(2, 2);
        return scene;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void windowsCloseOneAfterAnotherAndALateRecordIsInNoneOfThem(boolean finalOnly) {
        try (ClosingScene scene = beforeTheFirstWindowIsDue(finalOnly)) {
            scene.at(1, 23).send(0, 0, 1);
            scene.at(2, 2).runAll();
            scene.holds();

            // Day 0 is in windows that are open, but the first one with it is closed.
            scene.at(2, 3).send(0, 0, 4).send(0, 2, 1).send(1, 1, 1);
            StepwiseRun next = scene.at(3, 2).runAll();

            assertThat(next.verdicts().get(0).counts().late()).isEqualTo(4);
            scene.holds();
            scene.at(4, 2).runAll();
            scene.holds();
            assertThat(count(scene.rig(), "2006-12-23T00:00:00Z/2006-12-26T00:00:00Z"))
                    .as("days 0 to 2")
                    .isEqualTo(9);
        }
    }

    private static long count(Rig rig, String window) {
        Map<String, JsonNode> rows = rig.rows();
        assertThat(rows).containsKey("0/" + window);
        return rows.get("0/" + window).get("count").longValue();
    }

    /** The last two windows end after the last day with records. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anIdlePartitionClosesUntilNoWindowHasRecords(boolean finalOnly) {
        try (ClosingScene scene = beforeTheFirstWindowIsDue(finalOnly)) {
            for (int day = 2; day < 6; day++) {
                StepwiseRun run = scene.at(day, 2).newRun();
                assertThat(run.plan().ranges())
                        .as("day %s", day)
                        .isNotEmpty()
                        .extracting(PartitionRange::length)
                        .containsOnly(0L);
                run.all();
                scene.holds();
            }
            assertThat(scene.at(6, 2).newRun().plan().ranges()).isEmpty();
            assertThat(scene.rig().progress().get(0).cells()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "PRODUCE_BEFORE_FENCE",
                "PRODUCE_AFTER_FENCE",
                "PRODUCE_DECIDED",
                "PRODUCE_IN_SENDS",
                "PRODUCE_AFTER_SENDS",
                "PRODUCE_AFTER_COMMIT"
            })
    void aClosingAttemptThatDiesIsMadeGoodByTheNextRun(Point point) {
        for (boolean finalOnly : new boolean[] {false, true}) {
            try (ClosingScene scene = beforeTheFirstWindowIsDue(finalOnly)) {
                scene.send(0, 1, 3);
                assertThatThrownBy(() -> scene.newRun(Crash.at(point)).all()).isInstanceOf(Crash.class);
                // Of day 0: it counts if the first window with it was not closed, else it is late.
                scene.at(2, 1).send(0, 0, 1).send(1, 0, 1);

                scene.at(3, 4).runAll();

                scene.holds();
            }
        }
    }

    @Test
    void aBatchClosesAFewWindowsAndOthersFollowInTheSameRun() {
        try (ClosingScene scene = ClosingScene.of(1, true, json -> {
            json.withObject("/limits").put("closeCells", 1);
            ClosingScene.span(3).accept(json);
        })) {
            scene.at(5, 0).send(0, 0, 2).send(0, 2, 2);

            StepwiseRun run = scene.at(5, 2).runAll();

            assertThat(run.verdicts()).as("days 0 to 3").hasSize(4);
            scene.holds();
        }
    }

    /** A set of values of each day is read by two batches, and must not change with the rows that are made of it. */
    @Test
    void accumulatorsAreMergedFromThePanesAndTheirLimitsHoldForTheWindow() {
        try (Rig rig = Rig.with(1, json -> {
            ClosingScene.span(2).accept(json);
            json.withObject("/aggregate")
                    .putObject("different")
                    .put("distinct", "voltage")
                    .put("limit", 4);
        })) {
            send(rig, 23, 1, 2);
            send(rig, 24, 2, 3);
            rig.runAll();
            send(rig, 24, 3, 4);
            send(rig, 25, 4);
            rig.runAll();

            assertThat(different(rig, 22)).isEqualTo(2);
            assertThat(different(rig, 23)).isEqualTo(4);
            assertThat(different(rig, 24)).isEqualTo(3);
            assertThat(different(rig, 25)).isEqualTo(1);

            send(rig, 25, 5, 6);
            PartitionVerdict failed = rig.newRun().all().verdicts().get(0);

            assertThat(failed.verdict()).isEqualTo(Verdict.FAILED);
            assertThat(failed.problem()).isNotNull();
            assertThat(failed.problem().kind()).isEqualTo(FailureKind.TOO_MANY_VALUES);
            assertThat(failed.problem().message()).contains("window 2006-12-24T00:00:00Z/2006-12-26T00:00:00Z");
            assertThat(different(rig, 24)).as("no row was written").isEqualTo(3);
        }
    }

    private static void send(Rig rig, int day, int... voltages) {
        for (int each : voltages) {
            String json = "{\"datetime\":\"" + day + "/12/2006 10:00:00\",\"voltage\":" + each + "}";
            rig.sendRaw(0, json.getBytes(StandardCharsets.UTF_8));
        }
        rig.flush();
    }

    private static int different(Rig rig, int firstDay) {
        JsonNode row = rig.rows().get("0/2006-12-" + firstDay + "T00:00:00Z/2006-12-" + (firstDay + 2) + "T00:00:00Z");
        return row.get("different").intValue();
    }
}
