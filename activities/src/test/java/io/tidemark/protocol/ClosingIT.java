package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.embedded.Producers;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.PartitionVerdict.Verdict;
import io.tidemark.run.Staged;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.Mark;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.step.StepProgress;
import io.tidemark.testkit.ClosingScene;
import io.tidemark.testkit.Crash;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import io.tidemark.testkit.Zombie;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Closing windows: what a run closes, and each row of the crash table for batches that close. */
@Execution(ExecutionMode.CONCURRENT)
class ClosingIT {
    /** What a run at day 1 closes before: nothing of the tests. */
    private static final Instant DAY_0 = Instant.parse("2006-12-23T00:00:00Z");

    static final Instant DAY_1 = Instant.parse("2006-12-24T00:00:00Z");
    static final byte[] OF_DAY_0 =
            "{\"datetime\":\"23/12/2006 10:00:00\",\"voltage\":240}".getBytes(StandardCharsets.UTF_8);
    private static final Consumer<ObjectNode> ONE_SLICE = json -> json.put("partitionsPerSlice", 2);

    /** Two partitions with days 0 and 1, after a run that closed nothing; the next run at day 2 closes day 0. */
    private static ClosingScene beforeDay0IsDue(boolean finalOnly) {
        ClosingScene scene = ClosingScene.of(2, finalOnly, ONE_SLICE);
        scene.at(1, 2).send(0, 0, 5).send(1, 0, 3).send(0, 1, 2);
        scene.runAll();
        scene.at(2, 2);
        return scene;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aWindowClosesInTheFirstRunThatIsDueAndLaterRecordsOfItAreLate(boolean finalOnly) {
        try (ClosingScene scene = beforeDay0IsDue(finalOnly)) {
            scene.at(1, 23).send(0, 0, 1);
            scene.at(2, 2).runAll();
            scene.holds();
            assertThat(scene.rig().progress().get(0).mark().closedBefore()).isEqualTo(DAY_1.toEpochMilli());

            scene.at(2, 3).send(0, 0, 4).send(0, 2, 1).send(1, 1, 1);
            StepwiseRun next = scene.at(3, 2).runAll();

            assertThat(next.verdicts().get(0).counts().late()).isEqualTo(4);
            assertThat(scene.rig().history())
                    .filteredOn(row -> row.key().equals("2006-12-23"))
                    .hasSize(finalOnly ? 2 : 3);
            scene.holds();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPartitionWithoutNewRecordsClosesByARangeWithoutOffsets(boolean finalOnly) {
        try (ClosingScene scene = beforeDay0IsDue(finalOnly)) {
            StepwiseRun run = scene.newRun();

            assertThat(run.plan().ranges()).extracting(PartitionRange::length).containsExactly(0L, 0L);
            run.all();

            scene.holds();
            assertThat(scene.newRun().plan().ranges()).isEmpty();
        }
    }

    @Test
    void aBatchClosesAFewWindowsAndOthersFollowInTheSameRun() {
        try (ClosingScene scene =
                ClosingScene.of(1, true, json -> json.withObject("/limits").put("closeCells", 1))) {
            scene.at(5, 0).send(0, 0, 2).send(0, 1, 2).send(0, 2, 2).send(0, 4, 1);

            StepwiseRun run = scene.at(5, 2).runAll();

            assertThat(run.verdicts()).hasSize(3);
            assertThat(run.verdicts())
                    .extracting(each -> closed(each).windows())
                    .containsOnly(1L);
            scene.holds();
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
        try (ClosingScene scene = beforeDay0IsDue(true)) {
            scene.send(0, 1, 3);
            assertThatThrownBy(() -> scene.newRun(Crash.at(point)).all()).isInstanceOf(Crash.class);
            // In the old window: it counts if the window was not closed, else it is late.
            scene.at(2, 1).send(0, 0, 1).send(1, 0, 1);

            scene.at(2, 4).runAll();

            scene.holds();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aClosingCommitWhoseAnswerIsLostIsFoundDoneWithItsCounts(boolean records) {
        try (ClosingScene scene = beforeDay0IsDue(true)) {
            if (records) {
                scene.send(0, 1, 3).send(1, 1, 3);
            }
            StepwiseRun run = scene.newRun();
            Staged delta = run.delta(0);
            assertThatThrownBy(() -> attempt(scene.rig(), run, delta, Crash.at(Point.PRODUCE_AFTER_COMMIT)))
                    .isInstanceOf(Crash.class);

            List<PartitionVerdict> retry = run.produce(0, delta);

            assertThat(retry).extracting(PartitionVerdict::verdict).containsOnly(Verdict.DONE_BEFORE);
            assertThat(retry).extracting(PartitionVerdict::rows).containsOnly(1L);
            assertThat(retry).extracting(each -> closed(each).finalRows()).containsOnly(1L);
            run.commit();
            scene.holds();
        }
    }

    /** The run before closed nothing, and reads the same offsets. */
    @Test
    void anAttemptThatClosesNothingAndCommitsFirstMakesTheClosingBatchStale() {
        try (ClosingScene scene = ClosingScene.of(1, true, json -> {})) {
            scene.at(1, 2).send(0, 0, 5);
            StepwiseRun early = scene.newRun();
            Staged delta = early.delta(0);
            scene.at(2, 2);
            StepwiseRun late = scene.newRun();
            Staged closing = late.delta(0);
            early.produce(0, delta);

            PartitionVerdict verdict = late.produce(0, closing).get(0);

            assertThat(verdict.verdict()).isEqualTo(Verdict.STALE);
            assertThat(verdict.mark()).isEqualTo(new Mark(5, DAY_0.toEpochMilli()));
            late.finish(0, List.of(StepwiseRun.rest(late.slices().get(0).get(0), verdict)));
            late.commit();
            scene.holds();
            assertThat(scene.rig().history()).hasSize(1);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"PRODUCE_AFTER_FENCE", "PRODUCE_DECIDED", "PRODUCE_IN_SENDS", "PRODUCE_AFTER_SENDS"})
    void aZombieThatTakesAClosedWindowForOpenCommitsNothing(Point point) {
        try (ClosingScene scene = beforeDay0IsDue(true)) {
            scene.at(1, 20).send(0, 0, 2);
            StepwiseRun old = scene.at(1, 21).newRun();
            Staged delta = old.delta(0);
            Zombie<?> zombie = Zombie.asleepAt(point, points -> attempt(scene.rig(), old, delta, points));
            scene.at(2, 2).runAll();
            scene.at(2, 3).send(0, 0, 1);

            zombie.wake();

            scene.holds();
            scene.at(2, 4).runAll();
            scene.holds();
        }
    }

    /** A zombie that has not fenced yet compares after the others. */
    @Test
    void anAttemptThatWakesAfterTheCloseFindsItsRangeDone() {
        try (ClosingScene scene = beforeDay0IsDue(true)) {
            scene.at(1, 20).send(0, 0, 2);
            StepwiseRun old = scene.at(1, 21).newRun();
            Staged delta = old.delta(0);
            scene.at(2, 2).runAll();

            assertThat(old.produce(0, delta).get(0).verdict()).isEqualTo(Verdict.DONE_BEFORE);

            scene.holds();
        }
    }

    /** Two closing runs read the same state; the second has the later time. */
    @Test
    void ofTwoEmptyClosingBatchesOneCommitsAndTheOtherGoesOnFromThere() {
        try (ClosingScene scene = ClosingScene.of(1, true, json -> {})) {
            scene.at(1, 2).send(0, 0, 5).send(0, 1, 2).runAll();
            StepwiseRun first = scene.at(2, 2).newRun();
            Staged day0 = first.delta(0);
            StepwiseRun second = scene.at(3, 2).newRun();
            Staged both = second.delta(0);
            first.produce(0, day0);

            PartitionVerdict verdict = second.produce(0, both).get(0);

            assertThat(verdict.verdict()).isEqualTo(Verdict.STALE);
            assertThat(verdict.mark()).isEqualTo(new Mark(7, DAY_1.toEpochMilli()));
            second.finish(0, List.of(StepwiseRun.rest(second.slices().get(0).get(0), verdict)));
            second.commit();
            scene.holds();
        }
    }

    @Test
    void aRunThatIsCutBeforeItsEndClosesNothingAndTheNextOneDoes() {
        try (ClosingScene scene = beforeDay0IsDue(true)) {
            scene.at(1, 20).send(0, 0, 4);
            scene.at(2, 2);
            StepwiseRun cut = scene.newRun();
            PartitionRange range = cut.slices().get(0).get(0);

            List<PartitionVerdict> half = cut.chain(0, List.of(range.part(range.from(), range.from() + 2)));

            assertThat(half.get(0).mark().closedBefore()).isEqualTo(DAY_0.toEpochMilli());
            scene.runAll();
            scene.holds();
        }
    }

    @Test
    void anOpenTransactionOfBeforeTheRunsTimeHoldsClosingBack() {
        try (ClosingScene scene = beforeDay0IsDue(true);
                KafkaProducer<byte[], byte[]> writer = writer(scene.rig())) {
            writer.initTransactions();
            writer.beginTransaction();
            writer.send(new ProducerRecord<>(
                    scene.rig().input(), 0, DAY_1.plusSeconds(1).toEpochMilli(), null, OF_DAY_0));
            writer.flush();

            StepwiseRun held = scene.runAll();

            assertThat(scene.rig().progress().get(0).mark().closedBefore()).isEqualTo(DAY_0.toEpochMilli());
            assertThat(scene.rig().progress().get(1).mark().closedBefore()).isEqualTo(DAY_1.toEpochMilli());
            assertThat(held.plan().warnings()).anyMatch(each -> each.contains("open transaction"));
            writer.commitTransaction();
            scene.runAll();
            scene.holds();
            assertThat(scene.rig().rows().get("0/2006-12-23").get("count").longValue())
                    .isEqualTo(6);
        }
    }

    /** The job ran without close, and its state has version 1. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aJobThatHasRunMayBeginToCloseAndNothingIsReadAgain(boolean finalOnly) {
        try (Rig rig = Rig.with(2, json -> {})) {
            rig.send(0, 0, 3_000);
            rig.send(1, 0, 10);
            rig.runAll();
            rig.send(0, 3_000, 3_010);

            StepwiseRun run = rig.newRun(
                            rig.jobWith(json -> {
                                json.putObject("close").put("after", "1d");
                                if (finalOnly) {
                                    json.withObject("/output").put("emit", "final");
                                }
                            }),
                            Checkpoints.NONE)
                    .at(Instant.parse("2006-12-25T02:00:00Z"))
                    .all();

            assertThat(run.verdicts())
                    .extracting(each -> each.counts().offsets())
                    .containsExactly(10L, 0L);
            assertThat(rig.rows().get("0/2006-12-23").get("count").longValue()).isEqualTo(1440);
            assertThat(rig.progress().get(0).mark()).isEqualTo(new Mark(3_010, DAY_1.toEpochMilli()));
            assertThat(rig.progress().get(1).cells()).isZero();
            assertThatThrownBy(() -> rig.newRun().plan()).isInstanceOfSatisfying(TidemarkException.class, failure -> {
                assertThat(failure.kind()).isEqualTo(FailureKind.JOB_CHANGED);
                assertThat(failure).hasMessageContaining("close");
            });
        }
    }

    private static PartitionVerdict.Closed closed(PartitionVerdict verdict) {
        PartitionVerdict.Closed closed = verdict.closed();
        assertThat(closed).as("%s", verdict).isNotNull();
        return closed;
    }

    static KafkaProducer<byte[], byte[]> writer(Rig rig) {
        Properties settings = rig.clientSettings();
        settings.put("transactional.id", "writer-of-" + rig.input());
        return Producers.ofBytes(settings);
    }

    private static List<PartitionVerdict> attempt(Rig rig, StepwiseRun run, Staged delta, Checkpoints points) {
        return Variant.REAL
                .step(rig, points)
                .produce(run.slice(0), delta, StepProgress.NONE)
                .verdicts();
    }
}
