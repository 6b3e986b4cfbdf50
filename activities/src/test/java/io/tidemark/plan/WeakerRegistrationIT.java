package io.tidemark.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.check.WeakReplication;
import io.tidemark.job.JobNames;
import io.tidemark.kafka.transaction.FencingProducer;
import io.tidemark.kafka.transaction.UnsafeProducers;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.testkit.ClosingScene;
import io.tidemark.testkit.Crash;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import io.tidemark.testkit.TopicScope;
import io.tidemark.testkit.Zombie;
import java.time.Instant;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Mutants of the registration of an input partition, in a job with rows over all of them; see {@code WeakerScopeIT}. */
@Execution(ExecutionMode.CONCURRENT)
class WeakerRegistrationIT {
    /** Does not compare the ends of the state topics with those that were read. */
    private static final Registration.Producers FORGETFUL =
            (clients, id, partitions) -> new FencingProducer(clients, id, partitions) {
                @Override
                public void expectNext(String topic, Map<Integer, Long> ends) {
                    // The mutant: whatever was written meanwhile is written over.
                }
            };

    private static void aRunClosesAWindowWhileARegistrationIsFrozen(Registration.Producers producers) {
        try (ClosingScene scene = ClosingScene.of(1, true, TopicScope.rows())) {
            Rig rig = scene.rig();
            scene.at(1, 2).send(0, 0, 5).runAll();
            scene.at(2, 2);
            StepwiseRun closing = scene.newRun();
            closing.plan();
            TopicScope.grow(rig, rig.input(), 2);
            scene.at(2, 3).send(1, 0, 4);
            Instant now = scene.now();
            scene.permit(now);
            Zombie<?> registering = Zombie.asleepAt(
                    Point.PLAN_BEFORE_SENDS,
                    points -> new Planner(rig.clients(), points, WeakReplication.WARN, producers)
                            .plan(rig.job(), "registering", now));
            closing.records().totals().records();
            closing.commit();

            Throwable failure = registering.wake();

            assertThat(failure == null || failure instanceof TidemarkException).isTrue();
            scene.at(2, 4).runAll();
            scene.holds();
        }
    }

    @Test
    void registeringWithoutComparingTheEndsOpensAWindowAgainThatIsClosed() {
        aRunClosesAWindowWhileARegistrationIsFrozen(FencingProducer::new);
        assertThatThrownBy(() -> aRunClosesAWindowWhileARegistrationIsFrozen(FORGETFUL))
                .isInstanceOfAny(AssertionError.class, TidemarkException.class);
    }

    private static void aRegistrationDies(Checkpoints points, Function<Rig, Registration.Producers> producers) {
        try (Rig rig = Rig.with(1, TopicScope.rows())) {
            rig.send(0, 0, 5);
            assertThatThrownBy(() -> new Planner(rig.clients(), points, WeakReplication.WARN, producers.apply(rig))
                            .plan(rig.job(), "dies", Instant.now()))
                    .isInstanceOf(Crash.class);

            rig.runAll();

            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void registeringInTwoTransactionsLosesTheStateOfAJobThatHasLostNothing() {
        aRegistrationDies(Crash.at(Point.PLAN_IN_REGISTRATION), rig -> FencingProducer::new);
        assertThatThrownBy(() -> aRegistrationDies(
                        Checkpoints.NONE,
                        rig -> (clients, id, partitions) -> UnsafeProducers.dyingBefore(
                                JobNames.stateTopic(rig.job().totals()), clients, id, partitions)))
                .isInstanceOfSatisfying(
                        TidemarkException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(FailureKind.STATE_LOST));
    }
}
