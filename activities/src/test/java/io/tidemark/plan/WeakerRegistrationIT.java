package io.tidemark.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.check.WeakReplication;
import io.tidemark.kafka.transaction.FencingProducer;
import io.tidemark.run.TidemarkException;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.testkit.ClosingScene;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import io.tidemark.testkit.TopicScope;
import io.tidemark.testkit.Zombie;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A mutant of the registration of an input partition, in a job with rows over all of them; see {@code WeakerScopeIT}. */
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
}
