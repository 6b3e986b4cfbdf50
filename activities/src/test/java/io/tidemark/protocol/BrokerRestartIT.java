package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.run.TidemarkException;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.SharedBroker;
import io.tidemark.testkit.Zombie;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The row of the crash table for a broker that is restarted. */
class BrokerRestartIT {

    @ParameterizedTest
    @EnumSource(names = {"CONSUME_STAGED", "PRODUCE_AFTER_FENCE", "PRODUCE_AFTER_SENDS", "COMMIT_AFTER_SENDS"})
    @Timeout(180)
    void aRunOverARestartedBrokerEndsOrFailsAndTheNextOneIsRight(Point point) {
        try (Rig rig = Rig.voltage(2)) {
            rig.send(0, 0, 50);
            rig.send(1, 0, 30);
            rig.runAll();
            rig.send(0, 50, 70);
            rig.send(1, 30, 90);
            Zombie<?> run = Zombie.asleepAt(point, points -> rig.newRun(points).all());
            SharedBroker.get().stop();
            SharedBroker.get().start();

            Throwable end = run.wake();

            if (end != null) {
                assertThat(end)
                        .isInstanceOfSatisfying(
                                TidemarkException.class,
                                named -> assertThat(named.kind().retryable())
                                        .as("%s", named)
                                        .isTrue());
            }
            Guarantees.noReaderSeesACountFall(rig);
            rig.runAll();
            Guarantees.holdAtTheEnd(rig);
        }
    }
}
