package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temporal.failure.ApplicationFailure;
import io.tidemark.check.HangingState;
import io.tidemark.embedded.EmbeddedKafka;
import io.tidemark.kafka.client.RetryTimes;
import io.tidemark.run.FailureKind;
import io.tidemark.run.Staged;
import io.tidemark.run.TidemarkException;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.testkit.BrokerDisk;
import io.tidemark.testkit.Cluster;
import io.tidemark.testkit.Crash;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.LifecycleSuite;
import io.tidemark.testkit.OneAttempt;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A transaction of the job itself that no coordinator knows any more, so that it never ends by itself. */
@LifecycleSuite
@Timeout(180)
class HangingStateIT {
    /** What hangs is not waited for as long as by a worker. */
    private static final RetryTimes IMPATIENT = RetryTimes.DEFAULT.withState(Duration.ofSeconds(3));

    private static final TidemarkException UNAVAILABLE =
            new TidemarkException(FailureKind.KAFKA_UNAVAILABLE, "nobody answers");

    @Test
    void aTransactionThatHangsInTheStateIsNamedAndTheJobGoesOnWhenItIsEnded() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.startDefault();
                Rig rig = Rig.with(Cluster.at(kafka.bootstrapServers()).with(IMPATIENT), 1, Map.of(), json -> {})) {
            rig.send(0, 0, 20);
            rig.runAll();
            rig.send(0, 20, 50);
            StepwiseRun run = rig.newRun(Crash.at(Point.PRODUCE_AFTER_SENDS));
            run.plan();
            Staged delta = run.delta(0);
            assertThatThrownBy(() -> run.produce(0, delta)).isInstanceOf(Crash.class);
            long from = open(rig, rig.stateTopic());
            kafka.stop();
            BrokerDisk.forgetTransactions(kafka);
            kafka.start();

            assertThatThrownBy(() -> OneAttempt.produce(rig, run.slice(0), delta))
                    .cause()
                    .isInstanceOfSatisfying(ApplicationFailure.class, failure -> {
                        assertThat(failure.getType()).isEqualTo(FailureKind.TRANSACTION_HANGS.name());
                        assertThat(failure.isNonRetryable()).isTrue();
                        assertThat(failure.getOriginalMessage())
                                .contains(
                                        rig.stateTopic() + "[0] from offset " + from + " (producer id ",
                                        "kafka-transactions.sh abort --topic " + rig.stateTopic()
                                                + " --partition 0 --start-offset " + from);
                    });

            rig.abortOpen(rig.stateTopic());
            rig.abortOpen(rig.output());
            rig.runAll();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void aTransactionThatItsCoordinatorKnowsIsWaitedFor() {
        try (Rig rig = Rig.afterAFirstRun()) {
            StepwiseRun run = rig.newRun(Crash.at(Point.PRODUCE_AFTER_SENDS));
            run.plan();
            Staged delta = run.delta(0);
            assertThatThrownBy(() -> run.produce(0, delta)).isInstanceOf(Crash.class);
            open(rig, rig.stateTopic());

            assertThat(new HangingState(rig.clients()).explain(rig.job(), UNAVAILABLE))
                    .isSameAs(UNAVAILABLE);
        }
    }

    @Test
    void whatHasAnotherReasonStaysAsItIs() {
        try (Rig rig = Rig.voltage(1)) {
            TidemarkException fenced = new TidemarkException(FailureKind.FENCED, "somebody came");

            assertThat(new HangingState(rig.clients()).explain(rig.job(), fenced))
                    .isSameAs(fenced);
            assertThat(new HangingState(rig.clients()).explain(rig.job(), UNAVAILABLE))
                    .as("there is no state yet")
                    .isSameAs(UNAVAILABLE);
        }
    }

    /** Returns the first offset of the open transaction in partition 0. */
    private static long open(Rig rig, String topic) {
        TopicPartition partition = new TopicPartition(topic, 0);
        return Rig.get(rig.admin().describeProducers(List.of(partition)).partitionResult(partition))
                .activeProducers()
                .stream()
                .flatMapToLong(each -> each.currentTransactionStartOffset().stream())
                .findFirst()
                .orElseThrow();
    }
}
