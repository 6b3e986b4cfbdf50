package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.Staged;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.step.StepProgress;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import io.tidemark.testkit.Zombie;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Mutants of the protocol. Each test runs one schedule twice: the real protocol survives it, the weaker variant does
 * not. A schedule that both survive would prove nothing.
 */
@Execution(ExecutionMode.CONCURRENT)
class WeakerVariantsIT {

    /** A plan of offsets 0 to 20, made before another run processes 0 to 10. */
    private static void anOldPlanMeetsHalfItsRangeDone(Variant variant) {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 10);
            StepwiseRun quick = rig.newRun();
            Staged half = quick.delta(0);
            rig.send(0, 10, 20);
            StepwiseRun slow = rig.newRun();
            Staged whole = slow.delta(0);
            quick.produce(0, half);

            produce(rig, slow, whole, variant, Checkpoints.NONE);

            rig.runAll();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void skippingWhatIsDoneWithoutAskingWhetherTheRangeBeginsWhereItEndsCountsTwice() {
        anOldPlanMeetsHalfItsRangeDone(Variant.REAL);
        assertThatThrownBy(() -> anOldPlanMeetsHalfItsRangeDone(Variant.BEGIN_NOT_COMPARED))
                .isInstanceOf(AssertionError.class);
    }

    /** An attempt that starts after its range and a later one are done. */
    private static void anAttemptComesAfterItsRangeIsDone(Variant variant) {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 10);
            StepwiseRun late = rig.newRun();
            Staged delta = late.delta(0);
            rig.runAll();
            rig.send(0, 10, 20);
            rig.runAll();

            produce(rig, late, delta, variant, Checkpoints.NONE);

            Guarantees.holdAtTheEnd(rig);
            rig.runAll();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void fencingWithoutAskingTheStateUndoesFinishedRuns() {
        anAttemptComesAfterItsRangeIsDone(Variant.REAL);
        assertThatThrownBy(() -> anAttemptComesAfterItsRangeIsDone(Variant.STATE_NOT_ASKED))
                .isInstanceOf(AssertionError.class);
    }

    /** An attempt is frozen at a point, two whole runs pass, and it resumes. */
    private static void aZombieWakesAfterTwoRuns(Variant variant, Point point) {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 10);
            StepwiseRun old = rig.newRun();
            Staged delta = old.delta(0);
            Zombie<?> zombie = Zombie.asleepAt(point, points -> produce(rig, old, delta, variant, points));
            newRun(rig, variant);
            rig.send(0, 10, 20);
            newRun(rig, variant);

            zombie.wake();

            Guarantees.holdAtTheEnd(rig);
            newRun(rig, variant);
            Guarantees.holdAtTheEnd(rig);
        }
    }

    private static void newRun(Rig rig, Variant variant) {
        rig.newRun().producingWith(variant.step(rig, Checkpoints.NONE)).all();
    }

    @Test
    void readingTheStateBeforeTheFenceLetsACountFall() {
        aZombieWakesAfterTwoRuns(Variant.REAL, Point.PRODUCE_AFTER_FENCE);
        assertThatThrownBy(() -> aZombieWakesAfterTwoRuns(Variant.READ_BEFORE_FENCE, Point.PRODUCE_AFTER_FENCE))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void aTransactionalIdForEachAttemptFencesNobody() {
        aZombieWakesAfterTwoRuns(Variant.REAL, Point.PRODUCE_DECIDED);
        assertThatThrownBy(() -> aZombieWakesAfterTwoRuns(Variant.RANDOM_ID, Point.PRODUCE_DECIDED))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void keyedWritesWithoutATransactionLetACountFall() {
        aZombieWakesAfterTwoRuns(Variant.REAL, Point.PRODUCE_DECIDED);
        assertThatThrownBy(() -> aZombieWakesAfterTwoRuns(Variant.NO_TRANSACTION, Point.PRODUCE_DECIDED))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void theRealProtocolSurvivesAZombieAtEveryPointOfProduce() {
        for (Point point : List.of(
                Point.PRODUCE_BEFORE_FENCE,
                Point.PRODUCE_AFTER_FENCE,
                Point.PRODUCE_DECIDED,
                Point.PRODUCE_IN_SENDS,
                Point.PRODUCE_AFTER_SENDS)) {
            aZombieWakesAfterTwoRuns(Variant.REAL, point);
        }
    }

    private static List<PartitionVerdict> produce(
            Rig rig, StepwiseRun run, Staged delta, Variant variant, Checkpoints points) {
        return variant.step(rig, points)
                .produce(run.slice(0), delta, StepProgress.NONE)
                .verdicts();
    }
}
