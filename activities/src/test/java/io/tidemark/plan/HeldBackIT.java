package io.tidemark.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.embedded.EmbeddedKafka;
import io.tidemark.embedded.Producers;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.RunPlan;
import io.tidemark.run.TidemarkException;
import io.tidemark.step.Checkpoints;
import io.tidemark.testkit.BrokerDisk;
import io.tidemark.testkit.Cluster;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.LifecycleSuite;
import io.tidemark.testkit.Reading;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Open transactions of other producers in the input. */
@LifecycleSuite
@Timeout(60)
class HeldBackIT {
    private static final Clock LATER = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(2));
    private static final String TIMEOUT_MILLIS = "900000";

    private static KafkaProducer<byte[], byte[]> writer(Rig rig) {
        Properties settings = rig.clientSettings();
        settings.put("transactional.id", "writer-of-" + rig.input());
        settings.put("transaction.timeout.ms", TIMEOUT_MILLIS);
        var producer = Producers.ofBytes(settings);
        producer.initTransactions();
        return producer;
    }

    /** Sends readings in the open transaction, and adds them to the expected rows. */
    private static void send(KafkaProducer<byte[], byte[]> writer, Rig rig, int partition, int from, int to) {
        for (Reading each : IntStream.range(from, to).mapToObj(Reading::number).toList()) {
            var unused = writer.send(new ProducerRecord<>(
                    rig.input(), partition, null, each.json().getBytes(StandardCharsets.UTF_8)));
            rig.sent().get(partition).add(each.json());
        }
        writer.flush();
    }

    private static void waiting(ObjectNode json) {
        json.withObject("/input").put("openTransactions", "wait");
    }

    private static HeldBack.Look look(Rig rig, Clock clock, Duration retryTimes) {
        return new HeldBack(rig.clients(), clock, retryTimes)
                .look(
                        rig.job(),
                        IntStream.range(0, rig.partitionCount(rig.input()))
                                .boxed()
                                .toList());
    }

    @Test
    void aPlanSaysHowMuchIsHeldBackAndTheNextOneTakesIt() {
        try (Rig rig = Rig.voltage(2);
                var writer = writer(rig)) {
            rig.send(0, 0, 2);
            rig.send(1, 0, 3);
            writer.beginTransaction();
            send(writer, rig, 0, 2, 6);
            rig.send(0, 6, 7);

            StepwiseRun first = rig.runAll();
            RunPlan plan = first.plan();

            assertThat(plan.heldBack()).isEqualTo(5);
            assertThat(plan.warnings())
                    .as("one that is young is what transactions are")
                    .isEmpty();
            writer.commitTransaction();
            RunPlan next = runWaiting(rig).plan();
            assertThat(List.of(next.heldBack(), next.left())).containsOnly(0L);
            assertThat(next.ranges()).isEmpty();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    /** A commit returns before its markers are written; a job that waits sees its records. */
    private static StepwiseRun runWaiting(Rig rig) {
        return rig.newRun(rig.jobWith(HeldBackIT::waiting), Checkpoints.NONE).all();
    }

    @Test
    void aBudgetDoesNotHideWhatIsHeldBack() {
        try (Rig rig = Rig.with(1, json -> json.putObject("budget").put("records", 1));
                var writer = writer(rig)) {
            rig.send(0, 0, 3);
            writer.beginTransaction();
            send(writer, rig, 0, 3, 5);

            RunPlan plan = rig.newRun().plan();

            assertThat(List.of(plan.left(), plan.heldBack())).containsExactly(2L, 2L);
        }
    }

    @Test
    void anOldTransactionIsNamedOnceWithAllThatIsKnownOfIt() {
        try (Rig rig = Rig.voltage(3);
                var writer = writer(rig)) {
            rig.send(0, 0, 2);
            rig.send(1, 0, 1);
            writer.beginTransaction();
            send(writer, rig, 0, 2, 6);
            send(writer, rig, 1, 1, 2);

            HeldBack.Look look = look(rig, LATER, Duration.ZERO);

            assertThat(look.offsets()).isEqualTo(5);
            assertThat(look.log().ends()).isEqualTo(Map.of(0, 2L, 1, 1L, 2, 0L));
            assertThat(look.warnings())
                    .singleElement()
                    .asString()
                    .contains(
                            rig.input() + "[0]: 4 offsets",
                            "writer-of-" + rig.input() + " (producer id ",
                            "open from offset 2 since 20",
                            "900 s",
                            "stop that producer");
        }
    }

    @Test
    void aJobThatWaitsFailsToBeTriedAgainAndNamesWhatItWaitsFor() {
        try (Rig rig = Rig.with(1, HeldBackIT::waiting);
                var writer = writer(rig)) {
            rig.send(0, 0, 2);
            writer.beginTransaction();
            send(writer, rig, 0, 2, 3);

            assertThatThrownBy(() -> look(rig, Clock.systemUTC(), Duration.ofMillis(100)))
                    .isInstanceOfSatisfying(TidemarkException.class, failure -> {
                        assertThat(failure.kind()).isEqualTo(FailureKind.TRANSACTION_OPEN);
                        assertThat(failure.kind().retryable()).isTrue();
                        assertThat(failure)
                                .hasMessageContainingAll(
                                        "input.openTransactions: wait",
                                        rig.input() + "[0]: 1 offsets",
                                        "writer-of-" + rig.input());
                    });
        }
    }

    @Test
    void aJobThatWaitsGoesOnWithAllThatWasThere() {
        try (Rig rig = Rig.with(1, HeldBackIT::waiting);
                var writer = writer(rig)) {
            rig.send(0, 0, 2);
            writer.beginTransaction();
            send(writer, rig, 0, 2, 5);
            CompletableFuture<HeldBack.Look> look =
                    CompletableFuture.supplyAsync(() -> look(rig, Clock.systemUTC(), Duration.ofSeconds(50)));

            writer.commitTransaction();

            // Two records, three records and the marker.
            assertThat(look.join().log().ends()).isEqualTo(Map.of(0, 6L));
            assertThat(look.join().offsets()).isZero();
            assertThat(rig.runAll().plan().ranges()).isEmpty();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void aJobThatWaitsDoesNotWaitForWhatComesLater() {
        try (Rig rig = Rig.with(2, HeldBackIT::waiting)) {
            rig.send(0, 0, 2);
            rig.send(1, 0, 2);

            assertThat(rig.newRun().plan().ranges())
                    .containsExactly(new PartitionRange(0, 0, 2), new PartitionRange(1, 0, 2));
        }
    }

    /**
     * A coordinator that forgot the transaction, as with a late write of clients before Kafka 4: it never ends by
     * itself.
     */
    @Test
    void aHangingTransactionIsNamedWithTheCommandThatEndsIt() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.startDefault();
                Rig rig = Rig.with(Cluster.at(kafka.bootstrapServers()), 1, Map.of(), json -> {})) {
            rig.send(0, 0, 2);
            KafkaProducer<byte[], byte[]> writer = writer(rig);
            writer.beginTransaction();
            send(writer, rig, 0, 2, 4);
            writer.close(Duration.ZERO);
            kafka.stop();
            BrokerDisk.forgetTransactions(kafka);
            kafka.start();

            HeldBack.Look look = look(rig, LATER, Duration.ZERO);

            assertThat(look.offsets()).isEqualTo(2);
            assertThat(look.warnings())
                    .singleElement()
                    .asString()
                    .contains(
                            rig.input() + "[0]: 2 offsets",
                            "No coordinator",
                            "kafka-transactions.sh abort --topic " + rig.input() + " --partition 0 --start-offset 2");
            rig.abortOpen(rig.input());
            rig.send(0, 4, 5);
            assertThat(runWaiting(rig).plan().heldBack()).isZero();
            rig.sent()
                    .put(
                            0,
                            List.of(0, 1, 4).stream()
                                    .map(n -> Reading.number(n).json())
                                    .toList());
            Guarantees.holdAtTheEnd(rig);
        }
    }

    /**
     * Like a transaction that Kafka forgets because it could not write its markers (docs/kafka-facts.md, 22); rows are
     * written behind it.
     */
    @Test
    void aTransactionThatHangsInTheOutputIsNamedByThePlan() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.startDefault();
                Rig rig = Rig.with(Cluster.at(kafka.bootstrapServers()), 1, Map.of(), json -> {})) {
            rig.send(0, 0, 2);
            rig.runAll();
            long rows = rig.rows().size();
            KafkaProducer<byte[], byte[]> writer = writer(rig);
            writer.beginTransaction();
            long hourAgo = System.currentTimeMillis() - Duration.ofHours(1).toMillis();
            var unused = writer.send(new ProducerRecord<>(rig.output(), 0, hourAgo, new byte[0], new byte[0]));
            writer.flush();
            writer.close(Duration.ZERO);
            kafka.stop();
            BrokerDisk.forgetTransactions(kafka);
            kafka.start();

            // The rows of the first run and their marker are before it.
            String from = " --partition 0 --start-offset " + (rows + 1);
            assertThat(rig.newRun().plan().warnings())
                    .singleElement()
                    .asString()
                    .contains(
                            rig.output() + "[0]: 1 offsets",
                            "kafka-transactions.sh abort --topic " + rig.output() + from,
                            "cannot see the rows behind it");
            rig.send(0, 2, 3);
            rig.runAll();
            assertThat(rig.newRun().plan().warnings())
                    .as("with a row more, and a marker")
                    .singleElement()
                    .asString()
                    .contains(rig.output() + "[0]: 3 offsets", from);
            rig.abortOpen(rig.output());
            assertThat(rig.newRun().plan().warnings()).isEmpty();
            Guarantees.holdAtTheEnd(rig);
        }
    }
}
