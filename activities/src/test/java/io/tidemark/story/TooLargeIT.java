package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.JobNames;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.TidemarkException;
import io.tidemark.testkit.Cluster;
import io.tidemark.testkit.CommittedRecords;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.LifecycleSuite;
import io.tidemark.testkit.Reading;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.IsolationLevel;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Records that are larger than Kafka accepts: the message names them, and other partitions do not wait. */
@LifecycleSuite
@Timeout(60)
class TooLargeIT {

    private static void assertTooLarge(ThrowingCallable call, String... words) {
        assertThatThrownBy(call).isInstanceOfSatisfying(TidemarkException.class, failure -> {
            assertThat(failure.kind()).as("%s", failure).isEqualTo(FailureKind.RECORD_TOO_LARGE);
            assertThat(failure.kind().retryable()).isFalse();
            assertThat(failure).hasMessageContainingAll(words);
        });
    }

    private static void limit(Rig rig, String topic, int bytes) {
        rig.configure(topic, "max.message.bytes", String.valueOf(bytes));
    }

    /** Random text, which cannot be compressed. */
    private static String text(int length) {
        return new Random(length)
                .ints(length, 'a', 'z' + 1)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static byte[] reading(String name) {
        String json = Reading.number(0).json();
        return (json.substring(0, json.length() - 1) + ",\"name\":\"" + name + "\"}").getBytes(StandardCharsets.UTF_8);
    }

    private static void byName(ObjectNode json) {
        json.putArray("groupBy").add("name");
        json.withObject("/output").remove("key");
        // Groups of the default length fit into each topic.
        json.withObject("/badRecords").put("groupBytes", 65_536);
    }

    @Test
    void aRowThatIsTooLargeFailsItsPartitionAloneUntilTheTopicTakesIt() {
        try (Rig rig = Rig.with(3, TooLargeIT::byName)) {
            rig.create(rig.output(), 3, Map.of("cleanup.policy", "compact", "max.message.bytes", "4000"));
            String large = text(10_000);
            rig.sendRaw(0, reading("small"));
            rig.sendRaw(1, reading(large));
            rig.sendRaw(1, reading("smaller"));
            rig.sendRaw(2, reading("small"));
            rig.flush();
            StepwiseRun run = rig.newRun();

            assertDone(run.chain(0, run.slices().get(0)));
            assertTooLarge(
                    () -> run.chain(1, run.slices().get(1)),
                    rig.output() + "[1]: a record of 20",
                    "is 4000",
                    "kafka-configs.sh",
                    "--entity-name " + rig.output());
            assertThatThrownBy(() -> run.chain(1, run.slices().get(1))).hasMessageNotContaining(large);
            assertDone(run.chain(2, run.slices().get(2)));

            assertThat(rig.rows().keySet())
                    .allMatch(key -> !key.startsWith("1/"))
                    .hasSize(2);
            limit(rig, rig.output(), 40_000);
            rig.runAll();
            assertThat(rig.rows()).hasSize(4);
            Guarantees.offsetsAreThoseOfTheState(rig);
        }
    }

    private static void assertDone(List<PartitionVerdict> verdicts) {
        assertThat(verdicts).extracting(PartitionVerdict::verdict).containsExactly(PartitionVerdict.Verdict.DONE);
    }

    @Test
    void amongManyRecordsOfOneTransactionTheLargeOneIsNamed() {
        try (Rig rig = Rig.with(2, json -> {
            byName(json);
            json.put("partitionsPerSlice", 2);
        })) {
            rig.create(rig.output(), 2, Map.of("max.message.bytes", "4000"));
            for (int i = 0; i < 500; i++) {
                rig.sendRaw(0, reading("small-" + i));
                rig.sendRaw(1, reading(i == 250 ? text(10_000) : "small-" + i));
            }
            rig.flush();
            StepwiseRun run = rig.newRun();

            assertTooLarge(() -> run.chain(0, run.slices().get(0)), rig.output() + "[1]: a record of 20", "is 4000");

            // Then the workflow retries each partition alone.
            assertDone(run.chain(0, run.slices().get(0).subList(0, 1)));
            assertThat(rig.rows()).hasSize(500);
        }
    }

    @Test
    void aDeadLetterThatTheInputTookAndItsTopicDoesNotIsNamed() {
        try (Rig rig = Rig.with(1, Map.of("max.message.bytes", "20000"), json -> {})) {
            String deadLetters = JobNames.deadLetterTopic(rig.output());
            rig.send(0, 0, 3);
            rig.runAll();
            limit(rig, rig.input(), 900_000);
            rig.sendRaw(0, text(500_000).getBytes(StandardCharsets.UTF_8));
            rig.send(0, 3, 5);

            assertTooLarge(
                    rig::runAll,
                    deadLetters + "[0]: a record of 500000 bytes",
                    "is 85536",
                    "--entity-name " + deadLetters);
            assertThat(rig.rows().get("0/2006-12-23").get("count").longValue()).isEqualTo(3);

            limit(rig, deadLetters, 1_000_000);
            rig.runAll();
            Guarantees.holdAtTheEnd(rig);
            assertThat(CommittedRecords.read(deadLetters)).hasSize(1);
        }
    }

    @Test
    void aRecordBeyondTheJobsLimitIsABadRecordWithoutItsContent() {
        try (Rig rig = Rig.with(1, json -> json.withObject("/input").put("maxRecordBytes", 10_000))) {
            rig.send(0, 0, 3);
            rig.sendRaw(0, reading(text(20_000)));
            rig.flush();
            rig.send(0, 3, 5);

            rig.runAll();

            Guarantees.rowsAreThoseOf(rig, rig.sent());
            assertThat(CommittedRecords.read(JobNames.deadLetterTopic(rig.output())))
                    .singleElement()
                    .satisfies(letter -> {
                        assertThat(letter.key()).isNull();
                        assertThat(letter.value()).isNull();
                        assertThat(letter.headers()
                                        .lastHeader("tidemark.offset")
                                        .value())
                                .asString()
                                .isEqualTo("3");
                        assertThat(letter.headers()
                                        .lastHeader("tidemark.reason")
                                        .value())
                                .asString()
                                .isEqualTo("RECORD_TOO_LONG");
                        assertThat(letter.headers()
                                        .lastHeader("tidemark.problem")
                                        .value())
                                .asString()
                                .contains("the record has 20", "input.maxRecordBytes is 10000");
                    });
        }
    }

    @Test
    void aStateThatItsTopicDoesNotTakeIsNamed() {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 3);
            rig.runAll();
            limit(rig, rig.stateTopic(), 300);
            rig.send(0, 3, 5);

            assertTooLarge(rig::runAll, rig.stateTopic() + "[0]: a record of ", "is 300");

            // The rows were sent. Readers of the output do not wait for the broker's timeout, which is a minute.
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(rig.ends(rig.output(), IsolationLevel.READ_COMMITTED))
                            .isEqualTo(rig.ends(rig.output(), IsolationLevel.READ_UNCOMMITTED)));
            limit(rig, rig.stateTopic(), 100_000);
            rig.runAll();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void aRowThatTheWorkersOwnProducerDoesNotTakeIsASettingOfTheWorker() {
        try (Rig rig =
                Rig.with(Cluster.sharedWith(Map.of("max.request.size", "5000")), 1, Map.of(), TooLargeIT::byName)) {
            rig.sendRaw(0, reading(text(10_000)));
            rig.flush();

            assertTooLarge(
                    rig::runAll, rig.output() + "[0]: a record of 20", "max.request.size", "--kafka-producer-config");

            assertThat(rig.history()).isEmpty();
        }
    }
}
