package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidemark.job.JobNames;
import io.tidemark.run.FailureKind;
import io.tidemark.run.Staged;
import io.tidemark.run.TidemarkException;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.step.ProduceStep;
import io.tidemark.step.StepProgress;
import io.tidemark.step.WorkerMemory;
import io.tidemark.testkit.Cluster;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.LifecycleSuite;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.TransactionState;
import org.junit.jupiter.api.Test;

/** A transaction that is open for longer than its timeout, with and without a newer attempt. */
@LifecycleSuite
class TransactionTimeoutIT {
    private static final Cluster IMPATIENT = Cluster.sharedWith(Map.of("transaction.timeout.ms", "1000"));

    @Test
    void theFailureNamesTheSettingAndItsValueAndTheNextRunIsRight() {
        try (Rig rig = Rig.with(IMPATIENT, 1, Map.of(), json -> {})) {
            rig.send(0, 0, 5);
            String id = JobNames.sliceTransactionalId(rig.job(), 0);
            Checkpoints slow = point -> {
                if (point == Point.PRODUCE_AFTER_SENDS) {
                    await().atMost(Duration.ofSeconds(30))
                            .until(() -> Rig.get(rig.admin()
                                                    .describeTransactions(List.of(id))
                                                    .description(id))
                                            .state()
                                    == TransactionState.COMPLETE_ABORT);
                }
            };

            assertThatThrownBy(() -> produce(rig, slow)).isInstanceOfSatisfying(TidemarkException.class, failure -> {
                assertThat(failure.kind()).isEqualTo(FailureKind.FENCED);
                assertThat(failure).hasMessageContainingAll(id, "transaction.timeout.ms is 1000", "open for ");
            });

            assertThat(rig.history()).isEmpty();
            rig.runAll();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void anAttemptThatANewerOneFencedIsStillFencedAfterThatTime() {
        try (Rig rig = Rig.with(IMPATIENT, 1, Map.of(), json -> {})) {
            rig.send(0, 0, 5);
            long begun = System.nanoTime();
            Checkpoints overtaken = point -> {
                if (point == Point.PRODUCE_AFTER_SENDS) {
                    rig.runAll();
                    await().atMost(Duration.ofSeconds(30))
                            .until(() -> System.nanoTime() - begun
                                    > Duration.ofSeconds(2).toNanos());
                }
            };

            assertThatThrownBy(() -> produce(rig, overtaken))
                    .isInstanceOfSatisfying(
                            TidemarkException.class,
                            failure -> assertThat(failure.kind()).isEqualTo(FailureKind.FENCED));
            Guarantees.holdAtTheEnd(rig);
        }
    }

    private static void produce(Rig rig, Checkpoints checkpoints) throws Exception {
        StepwiseRun run = rig.newRun();
        Staged delta = run.delta(0);
        new ProduceStep(rig.clients(), rig.staging(), WorkerMemory.ofHeap(), checkpoints)
                .produce(run.slice(0), delta, StepProgress.NONE);
    }
}
