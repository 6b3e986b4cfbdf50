package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.job.JobNames;
import io.tidemark.kafka.state.StateTopic;
import io.tidemark.kafka.transaction.FencingProducer;
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
import java.util.Map;
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
}
