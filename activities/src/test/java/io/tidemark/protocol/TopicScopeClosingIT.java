package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.JobNames;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.PartitionVerdict.Verdict;
import io.tidemark.run.Staged;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.Mark;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.testkit.ClosingScene;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import io.tidemark.testkit.TopicScope;
import io.tidemark.testkit.Zombie;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Closing windows whose rows are over all partitions. */
@Execution(ExecutionMode.CONCURRENT)
class TopicScopeClosingIT {
    private static final Consumer<ObjectNode> BY_EVENT_TIME =
            json -> json.withObject("/close").put("by", "eventTime").put("maxAhead", "30d");

    private static ClosingScene scene(int partitions, boolean finalOnly, Consumer<ObjectNode> change) {
        return ClosingScene.of(partitions, finalOnly, TopicScope.rows().andThen(change));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aWindowOfAllPartitionsClosesInTheFirstRunThatIsDueAndLaterRecordsOfItAreLate(boolean finalOnly) {
        try (ClosingScene scene = scene(2, finalOnly, json -> {})) {
            // Partition 1 has no records yet.
            scene.at(2, 2).send(0, 0, 5).send(0, 1, 2);
            scene.at(2, 3).runAll();
            scene.holds();

            scene.send(1, 0, 3).send(1, 1, 1).send(0, 1, 4);
            scene.at(3, 2).runAll();
            scene.holds();

            // Nothing is new, and a window is due.
            scene.send(0, 3, 2);
            scene.at(3, 3).runAll();
            scene.at(5, 3).runAll();
            scene.holds();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theLeastEventTimeOfAllPartitionsCloses(boolean finalOnly) {
        try (ClosingScene scene = scene(3, finalOnly, BY_EVENT_TIME)) {
            scene.send(0, 0, 5).send(0, 4, 2).send(1, 0, 3).runAll();
            scene.holds();

            scene.send(1, 2, 1).runAll();
            scene.holds();
            assertThat(scene.rig().progress().values())
                    .extracting(each -> each.mark().closedBefore())
                    .containsOnly(ClosingIT.DAY_1.toEpochMilli());

            scene.send(2, 0, 2).send(2, 4, 1).runAll();
            scene.holds();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPartitionWithoutRecordsHoldsNothingBackAndItsOlderRecordsAreLate(boolean finalOnly) {
        try (ClosingScene scene = scene(2, finalOnly, BY_EVENT_TIME)) {
            scene.send(0, 0, 5).send(0, 4, 2).runAll();
            scene.holds();
            assertThat(scene.rig().progress().values())
                    .extracting(each -> each.mark().closedBefore())
                    .doesNotContain(Mark.NOTHING_CLOSED);

            scene.send(1, 0, 3).runAll();
            scene.holds();
        }
    }

    /** The plan does not know the event times of the first records of a partition. Found by seed 251 of R1 topic scope. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPartitionWhoseFirstRecordsAreNotReadYetHoldsAllBack(boolean finalOnly) {
        try (ClosingScene scene = scene(2, finalOnly, BY_EVENT_TIME)) {
            // A run ends after it has read records of day 4, so the next plan would close days 0 to 2.
            scene.send(0, 0, 5).send(0, 4, 2);
            scene.newRun().records();

            scene.send(1, 0, 3).send(1, 2, 1).runAll();
            scene.holds();
            assertThat(scene.rig().progress().values())
                    .extracting(each -> each.mark().closedBefore())
                    .containsOnly(ClosingIT.DAY_1.toEpochMilli());

            scene.send(1, 1, 2).runAll();
            scene.holds();
            assertThat(scene.rig().readAll(JobNames.deadLetterTopic(scene.rig().output())))
                    .as("late records")
                    .isEmpty();
        }
    }

    /** Otherwise a job that always has more records than its budget would never write a final row. */
    @Test
    void aBudgetDoesNotKeepWindowsFromClosingByEventTime() {
        try (ClosingScene scene = scene(
                2,
                true,
                BY_EVENT_TIME.andThen(json -> json.withObject("/budget").put("records", 10)))) {
            for (int day = 0; day < 10; day++) {
                scene.send(0, day, 5).send(1, day, 5);
            }

            for (int run = 0; run < 4; run++) {
                scene.runAll();
            }

            assertThat(scene.rig().history()).extracting(Rig.Row::key).contains("2006-12-23", "2006-12-24");
        }
    }

    /** The plan of stage 2 knows one input partition when the second one is registered with records of the window. */
    @Test
    void aPlanOfStage2ThatIsOlderThanAPartitionCountsButClosesNothing() {
        try (ClosingScene scene = scene(1, false, json -> {})) {
            Rig rig = scene.rig();
            scene.at(1, 2).send(0, 0, 5).runAll();
            scene.send(0, 0, 3).at(2, 2);
            StepwiseRun old = scene.newRun().records().totals();
            old.plan();
            TopicScope.grow(rig, rig.input(), 2);
            scene.at(1, 3).send(1, 0, 4).at(2, 3);
            StepwiseRun joining = scene.newRun();
            joining.plan();

            old.records();

            assertThat(rig.history())
                    .extracting(row -> row.value().get("count").longValue())
                    .containsExactly(5L, 8L);
            assertThat(TopicScope.totals(rig).values())
                    .extracting(each -> each.mark().closedBefore())
                    .doesNotContain(ClosingIT.DAY_1.toEpochMilli());
            joining.all();
            scene.holds();
            assertThat(rig.history())
                    .extracting(row -> row.value().get("count").longValue())
                    .endsWith(12L);
        }
    }

    /** A registration that has read the progress of stage 2 is frozen; a run that does not know the partition closes. */
    @ParameterizedTest
    @EnumSource(names = {"PLAN_BEFORE_REGISTRATION", "PLAN_BEFORE_SENDS"})
    void aRegistrationThatIsFrozenWhileARunClosesDoesNotOpenTheWindowsAgain(Point point) {
        try (ClosingScene scene = scene(1, true, json -> {})) {
            Rig rig = scene.rig();
            scene.at(1, 2).send(0, 0, 5).runAll();
            scene.at(2, 2);
            StepwiseRun closing = scene.newRun();
            closing.plan();
            TopicScope.grow(rig, rig.input(), 2);
            scene.at(2, 3).send(1, 0, 4);
            Zombie<?> registering =
                    Zombie.asleepAt(point, points -> scene.newRun(points).plan());
            closing.records().totals().records();
            closing.commit();
            assertThat(TopicScope.totals(rig).values())
                    .extracting(each -> each.mark().closedBefore())
                    .contains(ClosingIT.DAY_1.toEpochMilli());

            Throwable failure = registering.wake();

            if (point == Point.PLAN_BEFORE_SENDS) {
                assertThat(failure)
                        .isInstanceOfSatisfying(
                                TidemarkException.class,
                                e -> assertThat(e.kind()).isEqualTo(FailureKind.KAFKA_UNAVAILABLE));
            } else {
                assertThat(failure).isNull();
            }
            scene.at(2, 4).runAll();
            scene.holds();
            assertThat(rig.history()).hasSize(1);
        }
    }

    @Test
    void aZombieOfStage1ThatTakesAClosedWindowForOpenCommitsNothing() {
        try (ClosingScene scene = scene(2, true, json -> {})) {
            scene.at(1, 2).send(0, 0, 5).send(1, 0, 1).runAll();
            scene.at(2, 2).send(0, 0, 3);
            StepwiseRun old = scene.at(1, 3).newRun();
            Staged delta = old.delta(0);
            scene.at(3, 2).runAll();
            scene.holds();

            assertThat(old.produce(0, delta))
                    .extracting(PartitionVerdict::verdict)
                    .containsExactly(Verdict.DONE_BEFORE);

            scene.at(3, 3).runAll();
            scene.holds();
        }
    }

    @Test
    void windowsThatOverlapCloseOverAllPartitions() {
        try (ClosingScene scene = scene(2, false, ClosingScene.span(3))) {
            scene.at(4, 2).send(0, 0, 5).send(0, 2, 2).send(1, 1, 3).send(1, 3, 1);
            scene.at(4, 3).runAll();
            scene.holds();

            scene.send(0, 1, 2).send(0, 3, 2);
            scene.at(8, 3).runAll();
            scene.holds();
        }
    }
}
