package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.embedded.Producers;
import io.tidemark.job.JobSpec;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.PartitionVerdict.Verdict;
import io.tidemark.run.RunPlan;
import io.tidemark.run.TidemarkException;
import io.tidemark.step.Checkpoints;
import io.tidemark.testkit.Cluster;
import io.tidemark.testkit.CommittedRecords;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.LifecycleSuite;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a run must stop because of its job, its topics, its state or its group, and the message. */
@LifecycleSuite
@Timeout(60)
@Execution(ExecutionMode.CONCURRENT)
class RefusalsIT {
    /** Checks that the call fails with this kind, and that its message contains the words. */
    static void assertRefused(ThrowingCallable call, FailureKind kind, String... words) {
        assertThatThrownBy(call).isInstanceOfSatisfying(TidemarkException.class, failure -> {
            assertThat(failure.kind()).as("%s", failure).isEqualTo(kind);
            assertThat(failure.getMessage()).contains(words);
        });
    }

    private static Rig afterAFirstRun() {
        Rig rig = Rig.voltage(2);
        rig.send(0, 0, 10);
        rig.send(1, 0, 5);
        rig.runAll();
        return rig;
    }

    @Test
    void aMissingInputTopicIsNamed() {
        try (Rig rig = Rig.voltage(0)) {
            assertRefused(() -> rig.newRun().plan(), FailureKind.TOPIC_MISSING, rig.input());
        }
    }

    /** Like a new topic that a broker does not know yet. */
    @Test
    void anInputTopicThatIsMadeWhileThePlanLooksForItIsFound() {
        try (Rig rig = Rig.voltage(0)) {
            CompletableFuture<Void> made = CompletableFuture.runAsync(
                    () -> rig.create(rig.input(), 1, Map.of()),
                    CompletableFuture.delayedExecutor(300, TimeUnit.MILLISECONDS));

            assertThat(rig.newRun().plan().partitions()).isEqualTo(1);
            made.join();
        }
    }

    @Test
    void aChangedJobIsRefusedWithTheFieldThatChanged() {
        try (Rig rig = afterAFirstRun()) {
            JobSpec changed = rig.jobWith(
                    json -> json.withObject("/aggregate/voltage").removeAll().put("sum", "voltage"));

            assertRefused(
                    () -> rig.newRun(changed, Checkpoints.NONE).plan(),
                    FailureKind.JOB_CHANGED,
                    "aggregate.voltage.mean was \"voltage\" and is now absent",
                    "new name");
        }
    }

    @Test
    void aRunThatIsRefusedHasCreatedAndGrownNothing() {
        try (Rig rig = afterAFirstRun()) {
            Rig.get(rig.admin()
                    .createPartitions(Map.of(rig.input(), NewPartitions.increaseTo(3)))
                    .all());
            JobSpec changed = rig.jobWith(json -> {
                json.withObject("/aggregate").remove("count");
                json.withObject("/output").put("grow", true);
            });

            assertRefused(
                    () -> rig.newRun(changed, Checkpoints.NONE).plan(), FailureKind.JOB_CHANGED, "aggregate.count");

            assertThat(rig.partitionCount(rig.output())).isEqualTo(2);
            assertThat(rig.partitionCount(rig.stateTopic())).isEqualTo(2);
        }
    }

    @Test
    void aFirstRunWithoutAStartHasCreatedNothing() {
        try (Rig rig = Rig.with(1, json -> json.put("start", "group"))) {
            assertRefused(() -> rig.newRun().plan(), FailureKind.INVALID_JOB, rig.group());

            assertThat(Rig.get(rig.admin().listTopics().names())).doesNotContain(rig.output(), rig.stateTopic());
        }
    }

    @Test
    void otherLimitsAreNoChange() {
        try (Rig rig = afterAFirstRun()) {
            JobSpec other = rig.jobWith(json -> json.withObject("/limits").put("offsetsPerRun", 3));
            rig.send(0, 10, 20);

            RunPlan plan = rig.newRun(other, Checkpoints.NONE).plan();

            assertThat(plan.ranges()).containsExactly(new PartitionRange(0, 10, 13));
            assertThat(plan.left()).isEqualTo(7);
        }
    }

    @Test
    void anOutputWithFewerPartitionsIsRefusedBeforeAnythingIsRead() {
        try (Rig rig = Rig.voltage(3)) {
            rig.create(rig.output(), 2, Map.of());

            assertRefused(
                    () -> rig.newRun().plan(), FailureKind.TOO_FEW_PARTITIONS, rig.output(), "2", "3", "output.grow");
        }
    }

    @Test
    void anOutputWithFewerPartitionsGrowsWhereTheJobSaysSo() {
        try (Rig rig = Rig.with(3, json -> json.withObject("/output").put("grow", true))) {
            rig.create(rig.output(), 2, Map.of());

            RunPlan plan = rig.newRun().plan();

            assertThat(rig.partitionCount(rig.output())).isEqualTo(3);
            assertThat(plan.warnings())
                    .satisfiesExactly(
                            first -> assertThat(first).contains("no close", "its state grows"),
                            second -> assertThat(second).contains("cleanup.policy=delete"));
        }
    }

    @Test
    void aPartitionThatJoinsLaterIsReadFromItsBeginning() {
        try (Rig rig = Rig.with(1, json -> {
            json.put("start", "latest");
            json.withObject("/output").put("grow", true);
        })) {
            rig.runAll();
            rig.send(0, 0, 4);
            Rig.get(rig.admin()
                    .createPartitions(Map.of(rig.input(), NewPartitions.increaseTo(2)))
                    .all());
            rig.send(1, 0, 6);

            assertThat(rig.newRun().plan().warnings())
                    .singleElement()
                    .asString()
                    .contains(rig.input() + " has 1 new partitions, 2 in all", "several rows with the same key");
            rig.runAll();

            assertThat(rig.newRun().plan().warnings()).isEmpty();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void aDeletedOutputIsNotSilentlyMadeAgain() {
        try (Rig rig = afterAFirstRun()) {
            Rig.get(rig.admin().deleteTopics(List.of(rig.output())).all());
            rig.send(0, 10, 11);

            assertRefused(() -> rig.newRun().plan(), FailureKind.TOPIC_MISSING, rig.output());
        }
    }

    @Test
    void aDeletedStateTopicIsNoticed() {
        try (Rig rig = afterAFirstRun()) {
            Rig.get(rig.admin().deleteTopics(List.of(rig.stateTopic())).all());

            assertRefused(() -> rig.newRun().plan(), FailureKind.STATE_LOST, rig.stateTopic(), rig.group());
        }
    }

    /** Kafka deletes the offsets of a group seven days after its last commit. */
    @Test
    void aLostStateIsNotBegunAnewWhenTheGroupHasExpired() {
        try (Rig rig = afterAFirstRun()) {
            Rig.get(rig.admin().deleteTopics(List.of(rig.stateTopic())).all());
            Rig.get(rig.admin().deleteConsumerGroups(List.of(rig.group())).all());
            rig.send(0, 10, 11);

            assertRefused(
                    () -> rig.newRun().plan(),
                    FailureKind.OUTPUT_NOT_EMPTY,
                    rig.stateTopic(),
                    rig.output() + "[",
                    "has a record at offset 0",
                    "output.shared: true");

            assertThat(Rig.get(rig.admin().listTopics().names())).doesNotContain(rig.stateTopic());
            JobSpec decided = rig.jobWith(json -> json.withObject("/output").put("shared", true));
            assertThat(rig.newRun(decided, Checkpoints.NONE).plan().ranges())
                    .containsExactly(new PartitionRange(0, 0, 11), new PartitionRange(1, 0, 5));
        }
    }

    /** The progress of one partition only is gone, and so are the group's offsets. */
    @Test
    void aPartitionWhoseProgressIsLostIsNotBegunAnew() {
        try (Rig rig = afterAFirstRun()) {
            // Kafka deletes no records of a compacted topic.
            rig.configure(rig.stateTopic(), "cleanup.policy", "delete");
            Rig.get(rig.admin()
                    .deleteRecords(Map.of(new TopicPartition(rig.stateTopic(), 1), RecordsToDelete.beforeOffset(-1)))
                    .all());
            Rig.get(rig.admin().deleteConsumerGroups(List.of(rig.group())).all());

            assertRefused(
                    () -> rig.newRun().plan(), FailureKind.OUTPUT_NOT_EMPTY, rig.output() + "[1] has a record at");
        }
    }

    /** The state topic does not have the new partition yet, so nobody can have registered it. */
    @Test
    void rowsOfOthersInANewPartitionOfAGrownInputAreNamed() {
        try (Rig rig = afterAFirstRun();
                var other = Producers.ofBytes(Rig.client())) {
            int partitions = rig.sent().size();
            for (String topic : List.of(rig.input(), rig.output())) {
                Rig.get(rig.admin()
                        .createPartitions(Map.of(topic, NewPartitions.increaseTo(partitions + 1)))
                        .all());
            }
            byte[] bytes = "hello".getBytes(StandardCharsets.UTF_8);
            var unused = other.send(new ProducerRecord<>(rig.output(), partitions, bytes, bytes));
            other.flush();

            assertRefused(
                    () -> rig.newRun().plan(),
                    FailureKind.OUTPUT_NOT_EMPTY,
                    rig.output() + "[" + partitions + "] has a record at offset 0");
        }
    }

    @Test
    void anotherWriterInTheStateTopicIsNoticed() {
        try (Rig rig = afterAFirstRun();
                var intruder = Producers.ofBytes(Rig.client())) {
            byte[] bytes = "hello".getBytes(StandardCharsets.UTF_8);
            var unused = intruder.send(new ProducerRecord<>(rig.stateTopic(), 1, bytes, bytes));
            intruder.flush();

            assertRefused(
                    () -> rig.newRun().plan(),
                    FailureKind.STATE_UNREADABLE,
                    rig.stateTopic() + "[1]",
                    "find the other producer");
        }
    }

    @Test
    void aStateThatANewerVersionWroteIsLeftToIt() {
        try (Rig rig = afterAFirstRun();
                var newer = Producers.ofBytes(Rig.client())) {
            byte[] progress = CommittedRecords.read(rig.stateTopic()).get(0).key();
            var unused = newer.send(new ProducerRecord<>(
                    rig.stateTopic(), 1, progress, "{\"version\":1000}".getBytes(StandardCharsets.UTF_8)));
            newer.flush();

            assertRefused(
                    () -> rig.newRun().plan(), FailureKind.STATE_UNREADABLE, rig.stateTopic() + "[1]", "version 1000");
        }
    }

    @Test
    void aStateThatRetentionMayTakeIsWarnedOf() {
        try (Rig rig = afterAFirstRun()) {
            assertThat(rig.newRun().plan().warnings()).isEmpty();
            rig.configure(rig.stateTopic(), "cleanup.policy", "delete");

            assertThat(rig.newRun().plan().warnings())
                    .singleElement()
                    .asString()
                    .contains(rig.stateTopic(), "cleanup.policy=delete", "set it to compact");
        }
    }

    /** A group without members loses its offsets one by one, each a week after its own last commit. */
    @Test
    void offsetsThatExpireOneByOneAreMissedByNobody() {
        try (Rig rig = afterAFirstRun()) {
            Rig.get(rig.admin()
                    .deleteConsumerGroupOffsets(rig.group(), Set.of(new TopicPartition(rig.input(), 0)))
                    .all());
            rig.send(0, 10, 20);
            rig.send(1, 5, 6);

            rig.runAll();

            Guarantees.holdAtTheEnd(rig);
        }
    }

    /** Like cleanup.policy=delete; compaction never removes the last record of a key. */
    @Test
    void aStateWhoseOldTotalsAreGoneFailsThatPartitionAlone() {
        try (Rig rig = Rig.afterAFirstRun()) {
            rig.configure(rig.stateTopic(), "cleanup.policy", "compact,delete");
            long end = rig.ends(rig.stateTopic(), IsolationLevel.READ_COMMITTED).get(0);
            // The progress record and the marker stay.
            Rig.get(rig.admin()
                    .deleteRecords(
                            Map.of(new TopicPartition(rig.stateTopic(), 0), RecordsToDelete.beforeOffset(end - 2)))
                    .all());

            List<PartitionVerdict> verdicts = rig.runAll().verdicts();

            assertThat(verdicts).extracting(PartitionVerdict::verdict).containsExactly(Verdict.FAILED, Verdict.DONE);
            assertThat(verdicts.get(0).problem().kind()).isEqualTo(FailureKind.STATE_UNREADABLE);
            assertThat(verdicts.get(0).problem().message())
                    .contains(rig.stateTopic() + "-0", "is no longer in the log");
        }
    }

    @Test
    void aTransactionTimeoutThatTheBrokerDoesNotTakeIsRefusedForGood() {
        try (Rig rig =
                Rig.with(Cluster.sharedWith(Map.of("transaction.timeout.ms", "3600000")), 1, Map.of(), json -> {})) {
            assertRefused(
                    () -> rig.newRun().plan(),
                    FailureKind.REFUSED_BY_KAFKA,
                    "transaction.timeout.ms",
                    "transaction.max.timeout.ms");
        }
    }

    @Test
    void offsetsThatWereResetFromOutsideStopTheJobWithTheWaysOut() {
        try (Rig rig = afterAFirstRun()) {
            Rig.get(rig.admin()
                    .alterConsumerGroupOffsets(
                            rig.group(), Map.of(new TopicPartition(rig.input(), 0), new OffsetAndMetadata(3)))
                    .all());

            assertRefused(
                    () -> rig.newRun().plan(),
                    FailureKind.GROUP_OFFSETS_MOVED,
                    rig.group(),
                    rig.input() + "[0]",
                    "3",
                    "10",
                    "--delete-offsets");
        }
    }

    @Test
    void deletedOffsetsAreTheWayOutOfAReset() {
        try (Rig rig = afterAFirstRun()) {
            Rig.get(rig.admin().deleteConsumerGroups(List.of(rig.group())).all());
            rig.send(0, 10, 20);

            rig.runAll();

            Guarantees.holdAtTheEnd(rig);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void aLiveMemberInTheJobsGroupIsRefused(String protocol) {
        Properties settings = Rig.client();
        settings.put("group.protocol", protocol);
        try (Rig rig = afterAFirstRun()) {
            settings.put("group.id", rig.group());
            try (var member = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                member.subscribe(List.of(rig.output()));
                while (member.assignment().isEmpty()) {
                    member.poll(Duration.ofMillis(100));
                }

                assertRefused(() -> rig.newRun().plan(), FailureKind.GROUP_HAS_MEMBERS, rig.group(), "live members");
            }
        }
    }

    @Test
    void aMemberThatJoinsDuringARunKeepsItsOffsetsFromBeingPublished() {
        Properties settings = Rig.client();
        try (Rig rig = afterAFirstRun()) {
            rig.send(0, 10, 20);
            StepwiseRun run = rig.newRun();
            run.slices().forEach(run::chain);
            settings.put("group.id", rig.group());
            settings.put("enable.auto.commit", "false");
            try (var member = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                member.subscribe(List.of(rig.output()));
                while (member.assignment().isEmpty()) {
                    member.poll(Duration.ofMillis(100));
                }

                assertRefused(run::commit, FailureKind.GROUP_HAS_MEMBERS, rig.group(), "live members");
                assertThat(rig.groupOffsets()).containsEntry(0, 10L);
            }

            rig.runAll();
            Guarantees.holdAtTheEnd(rig);
        }
    }
}
