package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.job.JobNames;
import io.tidemark.kafka.state.StateTopic;
import io.tidemark.kafka.transaction.FencingProducer;
import io.tidemark.run.Closing;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.PartitionVerdict.Verdict;
import io.tidemark.run.Staged;
import io.tidemark.run.StagedRange;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.Mark;
import io.tidemark.state.PartitionProgress;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.ProduceStep;
import io.tidemark.step.Verdicts;
import io.tidemark.step.WorkerMemory;
import io.tidemark.testkit.ClosingScene;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import io.tidemark.testkit.TopicScope;
import io.tidemark.testkit.Zombie;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.apache.kafka.common.IsolationLevel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Like {@link WeakerScopeIT}: mutants of what an attempt compares and removes in a job with two stages. */
@Execution(ExecutionMode.CONCURRENT)
class WeakerStagesIT {
    private static ProduceStep comparing(Rig rig, boolean closedToo) {
        return new ProduceStep(rig.clients(), rig.staging(), WorkerMemory.ofHeap(), Checkpoints.NONE) {
            @Override
            protected @Nullable PartitionVerdict decide(
                    Verdicts made, StagedRange staged, @Nullable PartitionProgress stored) {
                PartitionVerdict real = super.decide(made, staged, stored);
                boolean begins =
                        stored != null && stored.through() == staged.range().from();
                return closedToo || !begins || staged.range().length() == 0 ? real : null;
            }
        };
    }

    /** An idle partition announces that a window closes. Then records of the window come, and a run of an earlier time reads them. */
    private static void anEmptyBatchAnnouncesBeforeAnEarlierRunProduces(boolean comparesClosed) {
        try (ClosingScene scene = ClosingScene.of(1, true, TopicScope.rows())) {
            scene.at(1, 2).send(0, 0, 5).runAll();
            StepwiseRun closing = scene.at(2, 2).newRun();
            Staged empty = closing.delta(0);
            scene.send(0, 0, 3);
            StepwiseRun early = scene.at(1, 3).newRun().producingWith(comparing(scene.rig(), comparesClosed));
            Staged delta = early.delta(0);
            closing.produce(0, empty);
            closing.totals().records();

            early.produce(0, delta);

            scene.at(2, 3).runAll();
            scene.holds();
        }
    }

    @Test
    void comparingTheOffsetAloneInStage1AddsToAClosedWindow() {
        anEmptyBatchAnnouncesBeforeAnEarlierRunProduces(true);
        assertThatThrownBy(() -> anEmptyBatchAnnouncesBeforeAnEarlierRunProduces(false))
                .isInstanceOfAny(AssertionError.class, TidemarkException.class);
    }

    /** Of two plans of stage 2, the one that knows less commits first. The other one is stale, and then removes. */
    private static void aStaleAttemptRemoves(boolean whatIsAdded) {
        try (Rig rig = Rig.with(2, TopicScope.rows())) {
            rig.send(0, TopicScopeIT.of(rig, 0, 5));
            StepwiseRun first = rig.newRun().records().totals();
            Staged less = first.delta(0);
            rig.send(0, TopicScopeIT.of(rig, 0, 3));
            StepwiseRun second = rig.newRun().records().totals();
            Staged more = second.delta(0);
            first.produce(0, less);
            PartitionVerdict stale = second.produce(0, more).get(0);
            assertThat(stale.verdict()).isEqualTo(Verdict.STALE);

            TopicScope.remove(
                    rig,
                    JobNames.partialsTopic(rig.job()),
                    0,
                    whatIsAdded
                            ? stale.through()
                            : second.slices().get(0).get(0).to());

            rig.runAll();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void removingUpToThePlannedEndAfterAStaleVerdictLosesTheRest() {
        aStaleAttemptRemoves(true);
        assertThatThrownBy(() -> aStaleAttemptRemoves(false))
                .isInstanceOfAny(AssertionError.class, TidemarkException.class);
    }

    /** An attempt at stage 2 begins to read after another run has added its partial totals, and has removed them. */
    private static void aLateReaderFindsAGap(boolean looksAgain) {
        try (Rig rig = Rig.with(2, TopicScope.rows())) {
            rig.send(0, TopicScopeIT.of(rig, 0, 5));
            StepwiseRun late = rig.newRun().records().totals();
            late.plan();
            Map<Integer, PartitionProgress> asPlanned = TopicScope.totals(rig);
            rig.runAll();

            late.producingWith(new ProduceStep(rig.clients(), rig.staging(), WorkerMemory.ofHeap(), Checkpoints.NONE) {
                @Override
                protected Map<Integer, PartitionProgress> fenceAndRead(
                        FencingProducer producer, StateTopic stateTopic, Map<Integer, Mark> planned) {
                    Map<Integer, PartitionProgress> now = super.fenceAndRead(producer, stateTopic, planned);
                    return looksAgain ? now : asPlanned;
                }
            });

            assertThat(late.records().verdicts())
                    .as("what the reader says of partial totals that are in rows")
                    .extracting(PartitionVerdict::verdict)
                    .containsOnly(Verdict.DONE_BEFORE);
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void notLookingAtTheTotalsAgainReportsALossThatIsNone() {
        aLateReaderFindsAGap(true);
        assertThatThrownBy(() -> aLateReaderFindsAGap(false))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("FAILED");
    }

    /** Where a mutant takes from what stage 1 calls closed; null for the protocol. */
    private interface ClosedBefore {
        long of(LongStream closedInTotals);
    }

    private static long least(LongStream closed) {
        return closed.min().orElseThrow();
    }

    private static long greatest(LongStream closed) {
        return closed.max().orElseThrow();
    }

    /** Makes stage 1 of the only partition, which has records to read. */
    private static void records(Rig rig, StepwiseRun run, @Nullable ClosedBefore mutant) {
        PartitionRange range = run.slices().get(0).get(0);
        if (mutant == null) {
            run.finish(0, List.of(range));
        } else {
            long closed = mutant.of(TopicScope.totals(rig).values().stream()
                    .mapToLong(each -> each.windows().closedBefore()));
            long target = Objects.requireNonNull(range.closing()).target();
            run.producingWith(comparing(rig, false))
                    .finish(
                            0,
                            List.of(new PartitionRange(
                                    range.partition(), range.from(), range.to(), new Closing(closed, target))));
        }
    }

    /** A window closes in the output partition that has it. Then a record of it comes. */
    private static void aWindowClosesInOneOutputPartition(@Nullable ClosedBefore mutant) {
        try (ClosingScene scene = ClosingScene.of(1, true, TopicScope.rows())) {
            scene.at(1, 2).send(0, 0, 5).runAll();
            scene.at(2, 2).runAll();
            scene.send(0, 0, 3).at(2, 3);
            StepwiseRun run = scene.newRun();

            records(scene.rig(), run, mutant);

            run.totals().records();
            run.commit();
            scene.holds();
        }
    }

    @Test
    void takingWhatIsClosedFromTheLeastOfTheTotalsAddsToAClosedWindow() {
        aWindowClosesInOneOutputPartition(null);
        assertThatThrownBy(() -> aWindowClosesInOneOutputPartition(WeakerStagesIT::least))
                .isInstanceOfAny(AssertionError.class, TidemarkException.class);
    }

    /** Stage 1 has announced that a window closes, and stage 2 is frozen. Then a record of the window comes. */
    private static void aWindowIsAnnouncedAndNotClosedYet(@Nullable ClosedBefore mutant) {
        try (ClosingScene scene = ClosingScene.of(1, true, TopicScope.rows())) {
            scene.at(1, 2).send(0, 0, 5).runAll();
            StepwiseRun frozen = scene.at(2, 2).newRun().records().totals();
            frozen.plan();
            scene.send(0, 0, 3).at(2, 3);
            StepwiseRun run = scene.newRun();
            records(scene.rig(), run, mutant);

            frozen.records();

            run.totals().records();
            run.commit();
            scene.holds();
        }
    }

    @Test
    void takingWhatIsClosedFromTheGreatestOfTheTotalsAddsToAClosedWindow() {
        aWindowIsAnnouncedAndNotClosedYet(null);
        assertThatThrownBy(() -> aWindowIsAnnouncedAndNotClosedYet(WeakerStagesIT::greatest))
                .isInstanceOfAny(AssertionError.class, TidemarkException.class);
    }

    /** Somebody sets a retention of a second, before a run is planned or after. Then the broker removes what is older. */
    private static void somebodyGivesPartialTotalsARetention(boolean looks) {
        try (Rig rig = Rig.with(2, TopicScope.rows())) {
            String partials = JobNames.partialsTopic(rig.job());
            rig.send(0, TopicScopeIT.of(rig, 0, 5));
            rig.runAll();
            rig.send(0, TopicScopeIT.of(rig, 0, 3));
            StepwiseRun run = rig.newRun();
            if (!looks) {
                run.plan();
            }
            rig.configure(partials, "retention.ms", "1000");
            if (looks) {
                assertThatThrownBy(run::plan).isInstanceOf(TidemarkException.class);
            } else {
                run.records();
            }

            TopicScope.remove(rig, partials, 0, -1);

            rig.configure(partials, "retention.ms", "-1");
            rig.runAll();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void partialTotalsThatHaveARetentionAreLost() {
        somebodyGivesPartialTotalsARetention(true);
        assertThatThrownBy(() -> somebodyGivesPartialTotalsARetention(false))
                .isInstanceOfAny(AssertionError.class, TidemarkException.class);
    }

    /** A slice sleeps with an open transaction in the partial totals, before those that another slice commits. */
    private static void aSliceHidesTheRecordsOfAnother(boolean fences) {
        try (Rig rig = Rig.with(2, TopicScope.rows())) {
            rig.send(0, TopicScopeIT.of(rig, 0, 5));
            rig.send(1, TopicScopeIT.of(rig, 0, 3));
            StepwiseRun run = rig.newRun();
            Staged first = run.delta(0);
            Zombie<?> zombie = run.asleepWithOpenTransaction(0, first);
            run.finish(1, run.slices().get(1));
            StepwiseRun totals = run.totals();

            if (fences) {
                totals.records();
            } else {
                long end = rig.ends(JobNames.partialsTopic(rig.job()), IsolationLevel.READ_COMMITTED)
                        .get(0);
                totals.finish(0, end == 0 ? List.of() : List.of(new PartitionRange(0, 0, end)));
            }

            var rows = rig.rows();
            zombie.wake();
            assertThat(rows.values())
                    .as("what the run adds of the partition that did not fail")
                    .extracting(row -> row.get("count").longValue())
                    .containsExactly(3L);
            run.commit();
            rig.runAll();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void notFencingASliceWithAnOpenTransactionHoldsBackTheOthers() {
        aSliceHidesTheRecordsOfAnother(true);
        assertThatThrownBy(() -> aSliceHidesTheRecordsOfAnother(false)).isInstanceOf(AssertionError.class);
    }
}
