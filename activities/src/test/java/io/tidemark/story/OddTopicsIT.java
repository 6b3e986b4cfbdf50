package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.embedded.Producers;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.RunPlan;
import io.tidemark.testkit.CommittedRecords;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.LifecycleSuite;
import io.tidemark.testkit.Reading;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Topics whose last offset is not a record: a reader that waits for a record there never ends. */
@LifecycleSuite
@Timeout(60)
class OddTopicsIT {

    private static KafkaProducer<byte[], byte[]> transactional(String id) {
        Properties settings = Rig.client();
        settings.put("transactional.id", id);
        KafkaProducer<byte[], byte[]> producer = Producers.ofBytes(settings);
        producer.initTransactions();
        return producer;
    }

    private static void send(KafkaProducer<byte[], byte[]> producer, Rig rig, int from, int to) {
        for (int n = from; n < to; n++) {
            var unused = producer.send(new ProducerRecord<>(
                    rig.input(), 0, null, Reading.number(n).json().getBytes(StandardCharsets.UTF_8)));
        }
        producer.flush();
    }

    private static Map<Integer, List<String>> readings(int... numbers) {
        Map<Integer, List<String>> values = new TreeMap<>();
        values.put(
                0, IntStream.of(numbers).mapToObj(n -> Reading.number(n).json()).toList());
        return values;
    }

    @Test
    void theFirstPlanOfAWideTopicAdvisesSlicesAndLaterOnesDoNot() {
        try (Rig rig = Rig.voltage(101)) {
            rig.send(0, 0, 1);

            assertThat(rig.newRun().plan().warnings())
                    .satisfiesExactly(
                            first -> assertThat(first).contains("its state grows"),
                            second -> assertThat(second)
                                    .contains(
                                            rig.input() + " has 101 partitions",
                                            "partitionsPerSlice: 8 there are 13 slices",
                                            "a new name"));
            assertThat(rig.newRun().plan().warnings()).isEmpty();
        }
    }

    @Test
    void anEmptyTopicEndsAtOnceWithNoRows() {
        try (Rig rig = Rig.voltage(3)) {
            StepwiseRun run = rig.runAll();

            assertThat(run.plan().ranges()).isEmpty();
            assertThat(rig.rows()).isEmpty();
            assertThat(rig.groupOffsets()).isEqualTo(Map.of(0, 0L, 1, 0L, 2, 0L));
        }
    }

    @Test
    void aTopicThatEndsWithACommitMarkerIsReadToItsEnd() {
        try (Rig rig = Rig.voltage(1);
                var producer = transactional("committed-" + rig.input())) {
            producer.beginTransaction();
            send(producer, rig, 0, 3);
            producer.commitTransaction();

            rig.runAll();

            Guarantees.rowsAreThoseOf(rig, readings(0, 1, 2));
            assertThat(rig.groupOffsets()).isEqualTo(Map.of(0, 4L));
        }
    }

    @Test
    void recordsOfAnAbortedTransactionDoNotCountAndDoNotHoldUp() {
        try (Rig rig = Rig.voltage(1);
                var producer = transactional("aborted-" + rig.input())) {
            rig.send(0, 0, 2);
            producer.beginTransaction();
            send(producer, rig, 2, 9);
            producer.abortTransaction();

            rig.runAll();

            Guarantees.rowsAreThoseOf(rig, readings(0, 1));
            assertThat(rig.groupOffsets()).isEqualTo(Map.of(0, 10L));
        }
    }

    @Test
    void anOpenTransactionIsLeftToTheRunAfterItsEnd() {
        try (Rig rig = Rig.voltage(1);
                var producer = transactional("open-" + rig.input())) {
            rig.send(0, 0, 2);
            producer.beginTransaction();
            send(producer, rig, 2, 4);
            rig.send(0, 4, 5);

            rig.runAll();
            assertThat(rig.groupOffsets()).as("up to the last stable offset").isEqualTo(Map.of(0, 2L));
            Guarantees.rowsAreThoseOf(rig, readings(0, 1));

            producer.commitTransaction();
            rig.runAll();
            Guarantees.rowsAreThoseOf(rig, readings(0, 1, 2, 3, 4));
            Guarantees.noReaderSeesACountFall(rig);
        }
    }

    @Test
    void anInputWhoseHeadWasDeletedBeforeTheFirstRunBeginsWhereItBegins() {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 10);
            deleteBefore(rig, 6);

            rig.runAll();

            Guarantees.rowsAreThoseOf(rig, readings(6, 7, 8, 9));
            assertThat(rig.groupOffsets()).isEqualTo(Map.of(0, 10L));
        }
    }

    @Test
    void anInputThatWasEmptiedAfterItWasReadIsNothingNew() {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 10);
            rig.runAll();
            deleteBefore(rig, 10);

            assertThat(rig.runAll().plan().ranges()).isEmpty();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void retentionThatOvertakesTheJobIsNamedWithItsOffsetsAndTheOtherPartitionsFinish() {
        try (Rig rig = Rig.voltage(2)) {
            rig.send(0, 0, 10);
            rig.send(1, 0, 10);
            rig.runAll();
            rig.send(0, 10, 30);
            rig.send(1, 10, 20);
            deleteBefore(rig, 17);

            StepwiseRun run = rig.newRun();
            RunPlan plan = run.plan();

            assertThat(plan.ranges()).containsExactly(new PartitionRange(1, 10, 20));
            assertThat(plan.problems()).singleElement().satisfies(problem -> {
                assertThat(problem.kind()).isEqualTo(FailureKind.RETENTION_GAP);
                assertThat(problem.message()).contains(rig.input() + "[0]", "10", "17", "7 offsets");
            });
        }
    }

    private static void deleteBefore(Rig rig, long offset) {
        Rig.get(rig.admin()
                .deleteRecords(Map.of(new TopicPartition(rig.input(), 0), RecordsToDelete.beforeOffset(offset)))
                .all());
    }

    @Test
    void aCompactedTopicWithHolesIsReadToItsEnd() {
        Map<String, String> compact = Map.of(
                "cleanup.policy", "compact",
                "segment.ms", "100",
                "segment.bytes", "1048576",
                "min.cleanable.dirty.ratio", "0.001",
                "min.compaction.lag.ms", "0",
                "delete.retention.ms", "0");
        try (Rig rig = Rig.with(1, compact, json -> {});
                var producer = Producers.ofBytes(Rig.client())) {
            // Many records with one key; compaction keeps the last one, with a gap before it.
            byte[] key = "meter-1".getBytes(StandardCharsets.UTF_8);
            byte[] value = Reading.number(7).json().getBytes(StandardCharsets.UTF_8);
            long deadline = System.nanoTime() + 50_000_000_000L;
            int sent = 0;
            while (CommittedRecords.read(rig.input()).size() == sent) {
                var unused = producer.send(new ProducerRecord<>(rig.input(), 0, key, value));
                producer.flush();
                sent++;
                assertThat(System.nanoTime()).as("the broker compacts in time").isLessThan(deadline);
            }
            rig.runAll();

            long counted = rig.rows().values().iterator().next().get("count").longValue();
            assertThat(counted)
                    .as("records that were left, of %s", sent)
                    .isLessThan(sent)
                    .isPositive();
            assertThat(rig.groupOffsets()).isEqualTo(Map.of(0, (long) sent));
        }
    }
}
