package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.transaction.FencingProducer;
import io.tidemark.kafka.transaction.UnsafeProducers;
import io.tidemark.run.Closing;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.PartitionVerdict.Closed;
import io.tidemark.run.PartitionVerdict.Verdict;
import io.tidemark.run.SliceRef;
import io.tidemark.run.Staged;
import io.tidemark.run.StagedRange;
import io.tidemark.state.Mark;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.RecordCounts;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.ProduceStep;
import io.tidemark.step.Verdicts;
import io.tidemark.step.WorkerMemory;
import io.tidemark.testkit.ClosingScene;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Mutants of closing windows. Each test runs one schedule twice: the real protocol survives it, the weaker variant does not.
 */
@Execution(ExecutionMode.CONCURRENT)
class WeakerClosingIT {
    private static final Function<Rig, ProduceStep> REAL = rig -> Variant.REAL.step(rig, Checkpoints.NONE);

    /** A produce step with another comparison. */
    private static ProduceStep deciding(Rig rig, Decision decision) {
        return new ProduceStep(rig.clients(), rig.staging(), WorkerMemory.ofHeap(), Checkpoints.NONE) {
            @Override
            protected @Nullable PartitionVerdict decide(
                    Verdicts made, StagedRange staged, @Nullable PartitionProgress stored) {
                return decision.of(super.decide(made, staged, stored), staged.range(), stored);
            }
        };
    }

    private interface Decision {
        @Nullable
        PartitionVerdict of(@Nullable PartitionVerdict real, PartitionRange range, @Nullable PartitionProgress stored);
    }

    /** An idle partition is planned to close. Then records of the old window come, and a run of an earlier time reads them. */
    private static void anEmptyBatchClosesBeforeAnEarlierRunProduces(Function<Rig, ProduceStep> step) {
        try (ClosingScene scene = ClosingScene.of(1, true, json -> {})) {
            scene.at(1, 2).send(0, 0, 5).runAll();
            StepwiseRun closing = scene.at(2, 2).newRun();
            Staged empty = closing.delta(0);
            scene.send(0, 0, 3);
            StepwiseRun early = scene.at(1, 3).newRun().producingWith(step.apply(scene.rig()));
            Staged delta = early.delta(0);
            closing.produce(0, empty);

            early.produce(0, delta);

            scene.at(2, 3).runAll();
            scene.holds();
        }
    }

    @Test
    void comparingTheOffsetAloneAddsToAClosedWindow() {
        anEmptyBatchClosesBeforeAnEarlierRunProduces(REAL);
        assertThatThrownBy(() -> anEmptyBatchClosesBeforeAnEarlierRunProduces(rig -> deciding(
                        rig,
                        (real, range, stored) ->
                                stored != null && stored.through() == range.from() && range.length() > 0
                                        ? null
                                        : real)))
                .isInstanceOf(AssertionError.class);
    }

    private static void anIdlePartitionIsDue(Function<Rig, ProduceStep> step) {
        try (ClosingScene scene = ClosingScene.of(1, true, json -> {})) {
            scene.at(1, 2).send(0, 0, 5).runAll();

            scene.at(2, 2).newRun().producingWith(step.apply(scene.rig())).all();

            scene.holds();
        }
    }

    @Test
    void askingWhetherTheRangeIsDoneBeforeThePairIsComparedLeavesAnIdlePartitionOpen() {
        anIdlePartitionIsDue(REAL);
        assertThatThrownBy(() -> anIdlePartitionIsDue(rig -> deciding(rig, (real, range, stored) -> {
                    if (stored == null || stored.through() < range.to()) {
                        return real;
                    }
                    long closed = stored.mark().closedBefore();
                    return new PartitionVerdict(
                            range.partition(),
                            Verdict.DONE_BEFORE,
                            stored.through(),
                            RecordCounts.NONE,
                            0,
                            new Closed(closed, closed, 0, 0),
                            null);
                })))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void forgettingAWindowWithoutItsFinalRowLosesIt() {
        anIdlePartitionIsDue(REAL);
        assertThatThrownBy(() -> anIdlePartitionIsDue(
                        rig -> new ProduceStep(rig.clients(), rig.staging(), WorkerMemory.ofHeap(), Checkpoints.NONE) {
                            @Override
                            protected FencingProducer newProducer(KafkaClients clients, SliceRef slice) {
                                return UnsafeProducers.withoutFinalRows(clients, slice);
                            }
                        }))
                .isInstanceOf(AssertionError.class);
    }

    /** A run whose records go into two batches, the first without those of the second. */
    private static void aRunOfTwoBatches(Function<PartitionRange, PartitionRange> firstBatch) {
        try (ClosingScene scene = ClosingScene.of(1, true, json -> {})) {
            scene.at(1, 2).send(0, 0, 5).send(0, 1, 1).send(0, 0, 3);
            StepwiseRun run = scene.at(2, 2).newRun();
            PartitionRange whole = run.slices().get(0).get(0);

            PartitionVerdict half =
                    run.chain(0, List.of(firstBatch.apply(whole))).get(0);

            run.finish(0, List.of(StepwiseRun.rest(whole, half)));
            run.commit();
            scene.holds();
        }
    }

    @Test
    void closingBeforeAllRecordsOfThePlanAreReadLosesTheRest() {
        aRunOfTwoBatches(whole -> whole.part(0, 6));
        assertThatThrownBy(() -> aRunOfTwoBatches(whole -> new PartitionRange(0, 0, 6, whole.closing())))
                .isInstanceOf(AssertionError.class);
    }

    /** An open transaction holds back a record of before the run's time. */
    private static void anOpenTransactionHidesARecord(boolean closesAnyway) {
        try (ClosingScene scene = ClosingScene.of(1, true, json -> {});
                KafkaProducer<byte[], byte[]> writer = ClosingIT.writer(scene.rig())) {
            scene.at(1, 2).send(0, 0, 5);
            writer.initTransactions();
            writer.beginTransaction();
            writer.send(
                    new ProducerRecord<>(scene.rig().input(), 0, scene.now().toEpochMilli(), null, ClosingIT.OF_DAY_0));
            writer.flush();
            StepwiseRun run = scene.at(2, 2).newRun();
            PartitionRange planned = run.slices().get(0).get(0);
            PartitionRange range = closesAnyway
                    ? new PartitionRange(
                            0,
                            planned.from(),
                            planned.to(),
                            new Closing(Mark.NOTHING_CLOSED, ClosingIT.DAY_1.toEpochMilli()))
                    : planned;

            run.finish(0, List.of(range));

            run.commit();
            writer.commitTransaction();
            scene.at(2, 3).runAll();
            scene.holds();
        }
    }

    @Test
    void closingAtTheLastStableOffsetLosesWhatAnOpenTransactionHides() {
        anOpenTransactionHidesARecord(false);
        assertThatThrownBy(() -> anOpenTransactionHidesARecord(true)).isInstanceOf(AssertionError.class);
    }

    /** The verdict is heard without what is closed. */
    @Test
    void staleWithoutWhatIsClosedGoesRoundForEver() {
        try (ClosingScene scene = ClosingScene.of(1, true, json -> {})) {
            scene.at(1, 2).send(0, 0, 5).runAll();
            StepwiseRun closing = scene.at(2, 2).newRun();
            Staged empty = closing.delta(0);
            scene.send(0, 0, 3);
            StepwiseRun early = scene.at(1, 3).newRun();
            PartitionRange planned = early.slices().get(0).get(0);
            closing.produce(0, empty);

            for (int round = 0; round < 3; round++) {
                PartitionVerdict stale = early.chain(0, List.of(planned)).get(0);
                assertThat(stale.verdict()).isEqualTo(Verdict.STALE);
                assertThat(planned.after(new Mark(stale.through(), planned.closedBefore())))
                        .isEqualTo(planned);
            }

            early.finish(0, List.of(planned));
            early.commit();
            scene.at(2, 3).runAll();
            scene.holds();
        }
    }
}
