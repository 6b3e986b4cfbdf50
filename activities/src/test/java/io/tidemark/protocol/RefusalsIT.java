package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.embedded.EmbeddedKafka;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.input.TruncationCheck;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionProblem;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.PartitionVerdict.Verdict;
import io.tidemark.run.RunPlan;
import io.tidemark.run.SliceRef;
import io.tidemark.run.Staged;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.PlanIdentity;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.ConsumeStep;
import io.tidemark.step.StepProgress;
import io.tidemark.step.WorkerMemory;
import io.tidemark.testkit.BrokerDisk;
import io.tidemark.testkit.Cluster;
import io.tidemark.testkit.CommittedRecords;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.LifecycleSuite;
import io.tidemark.testkit.Reading;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When a run must stop, its message, and where the first run of a job begins. */
@LifecycleSuite
@Timeout(60)
class RefusalsIT {

    private static void assertRefused(ThrowingCallable call, FailureKind kind, String... words) {
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
            assertThat(plan.warnings()).singleElement().asString().contains("cleanup.policy=delete");
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

            rig.runAll();

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

    @Test
    void anotherWriterInTheStateTopicIsNoticed() {
        try (Rig rig = afterAFirstRun();
                var intruder =
                        new KafkaProducer<>(Rig.client(), new ByteArraySerializer(), new ByteArraySerializer())) {
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
                var newer = new KafkaProducer<>(Rig.client(), new ByteArraySerializer(), new ByteArraySerializer())) {
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

    @Test
    void aLiveMemberInTheJobsGroupIsRefused() {
        Properties settings = Rig.client();
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

    @Test
    void anInputThatLostWhatWasCountedFailsThatPartitionAlone() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.startDefault();
                Rig rig = Rig.with(Cluster.at(kafka.bootstrapServers()), 2, Map.of(), json -> {})) {
            rig.send(0, 0, 5);
            rig.send(0, 5, 10);
            rig.send(1, 0, 5);
            rig.runAll();
            kafka.stop();
            BrokerDisk.cut(kafka, rig.input(), 0, 5);
            kafka.start();
            rig.send(1, 5, 8);

            RunPlan plan = rig.runAll().plan();

            assertThat(plan.problems()).singleElement().satisfies(problem -> {
                assertThat(problem.partition()).isZero();
                assertThat(problem.kind()).isEqualTo(FailureKind.TRUNCATED);
                assertThat(problem.message()).contains(rig.input() + "[0]", "is 10", "ends at 5");
            });
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void anInputThatLostWhatWasCountedAndGrewAgainFailsThatPartitionAlone() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.startDefault();
                Rig rig = Rig.with(Cluster.at(kafka.bootstrapServers()), 4, Map.of(), json -> {})) {
            for (int partition = 0; partition < 4; partition++) {
                rig.send(partition, 0, 5);
                rig.send(partition, 5, 10);
            }
            rig.runAll();
            kafka.stop();
            BrokerDisk.cut(kafka, rig.input(), 0, 5);
            BrokerDisk.cut(kafka, rig.input(), 1, 5);
            BrokerDisk.cut(kafka, rig.input(), 3, 5);
            kafka.start();
            // Partition 0 is as long as before, partition 1 is longer, partition 3 ends with an open transaction. Their
            // offsets do not show that the log is another one.
            byte[] other = Reading.number(0).json().getBytes(StandardCharsets.UTF_8);
            Properties transactional = rig.clientSettings();
            transactional.put("transactional.id", "others-of-" + rig.input());
            try (var others = new KafkaProducer<>(
                            rig.clientSettings(), new ByteArraySerializer(), new ByteArraySerializer());
                    var open =
                            new KafkaProducer<>(transactional, new ByteArraySerializer(), new ByteArraySerializer())) {
                for (int i = 5; i < 20; i++) {
                    var unused = others.send(new ProducerRecord<>(rig.input(), i < 10 ? 0 : 1, null, other));
                }
                open.initTransactions();
                open.beginTransaction();
                for (int i = 5; i < 15; i++) {
                    var unused = open.send(new ProducerRecord<>(rig.input(), 3, null, other));
                }
                open.flush();
                others.flush();
                rig.send(2, 10, 13);

                RunPlan plan = rig.runAll().plan();

                assertThat(plan.problems())
                        .extracting(PartitionProblem::partition)
                        .as("%s", plan.problems())
                        .containsExactly(0, 1, 3);
                assertThat(plan.problems()).allSatisfy(problem -> {
                    assertThat(problem.kind()).isEqualTo(FailureKind.TRUNCATED);
                    assertThat(problem.message())
                            .contains(rig.input() + "[" + problem.partition() + "]", "is 10", "since offset 5");
                });
            }
            Guarantees.holdAtTheEnd(rig);
        }
    }

    /**
     * Like a log after a restored backup. A check of two such partitions does not wait for a leader with the unknown
     * epoch.
     */
    @Test
    void anEpochThatTheLogDoesNotKnowIsATruncation() {
        try (Rig rig = Rig.with(2, json -> {})) {
            rig.send(0, 0, 5);
            rig.send(1, 0, 5);
            rig.runAll();
            Map<Integer, PartitionProgress> read = new TreeMap<>(rig.progress());
            read.replaceAll((partition, each) -> new PartitionProgress(
                    each.identity(),
                    each.meaning(),
                    each.partitionsPerSlice(),
                    each.through(),
                    each.leaderEpoch() + 1000,
                    each.cells(),
                    each.last(),
                    each.chunks()));
            TruncationCheck check = new TruncationCheck(rig.clients());

            for (int look = 0; look < 2; look++) {
                assertThat(check.problems(rig.input(), read)).hasSize(2).allSatisfy((partition, problem) -> {
                    assertThat(problem.kind()).isEqualTo(FailureKind.TRUNCATED);
                    assertThat(problem).hasMessageContainingAll(rig.input() + "[" + partition + "]", "leader epoch");
                });
            }
            rig.send(0, 5, 8);
            rig.runAll();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void aDamagedBatchOfTheInputIsGotOverAsTheMessageSays() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.startDefault();
                Rig rig = Rig.with(
                        Cluster.at(kafka.bootstrapServers()),
                        1,
                        Map.of(),
                        json -> json.withObject("/input").put("dataLoss", "continue"))) {
            rig.send(0, 0, 5);
            rig.runAll();
            rig.sendRaw(0, Reading.number(5).json().getBytes(StandardCharsets.UTF_8));
            rig.flush();
            kafka.stop();
            BrokerDisk.damage(kafka, rig.input(), 0, 5);
            kafka.start();
            rig.send(0, 6, 10);

            StepwiseRun damaged = rig.newRun();
            assertRefused(() -> damaged.delta(0), FailureKind.INPUT_DAMAGED, rig.input() + "-0", "offset 5");
            Rig.get(rig.admin()
                    .deleteRecords(Map.of(new TopicPartition(rig.input(), 0), RecordsToDelete.beforeOffset(6)))
                    .all());
            rig.runAll();

            assertThat(rig.progress().get(0).last().counts().lost()).isEqualTo(1);
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void theFirstRunBeginsWhereTheJobSays() {
        try (Rig latest = Rig.with(1, json -> json.put("start", "latest"));
                Rig late = Rig.with(
                        1,
                        json -> json.put(
                                "start", Instant.now().plusSeconds(3600).toString()));
                Rig early = Rig.with(1, json -> json.put("start", "2006-12-23T00:00:00Z"));
                Rig group = Rig.with(1, json -> json.put("start", "group"))) {
            for (Rig each : List.of(latest, late, early, group)) {
                each.send(0, 0, 10);
            }
            Rig.get(group.admin()
                    .alterConsumerGroupOffsets(
                            group.group(), Map.of(new TopicPartition(group.input(), 0), new OffsetAndMetadata(4)))
                    .all());

            assertThat(latest.newRun().plan().ranges()).isEmpty();
            assertThat(late.newRun().plan().ranges()).isEmpty();
            assertThat(early.newRun().plan().ranges()).containsExactly(new PartitionRange(0, 0, 10));
            assertThat(group.newRun().plan().ranges()).containsExactly(new PartitionRange(0, 4, 10));
            assertThat(group.runAll().plan().ranges())
                    .as("the group's offset has Tidemark's mark")
                    .isEmpty();
        }
    }

    @Test
    void aGroupThatHasNoOffsetsIsNoStart() {
        try (Rig rig = Rig.with(1, json -> json.putObject("start").put("group", "nobody"))) {
            assertRefused(() -> rig.newRun().plan(), FailureKind.INVALID_JOB, "start", "nobody", rig.input() + "[0]");
        }
    }

    @Test
    void aJobThatFailsOnBadRecordsNamesTheRecord() {
        try (Rig rig = Rig.with(1, json -> json.put("badRecords", "fail"))) {
            rig.send(0, 0, 3);
            rig.sendRaw(
                    0,
                    "{\"datetime\":\"23/12/2006 00:00:00\",\"voltage\":\"secret\"}".getBytes(StandardCharsets.UTF_8));
            rig.flush();

            assertThatThrownBy(() -> rig.newRun().all()).isInstanceOfSatisfying(TidemarkException.class, failure -> {
                assertThat(failure.kind()).isEqualTo(FailureKind.BAD_RECORD);
                assertThat(failure)
                        .hasMessageContaining(rig.input() + "[0] at offset 3")
                        .hasMessageContaining("voltage")
                        .hasMessageNotContaining("secret");
            });
        }
    }

    @Test
    void aJobThatSkipsBadRecordsCountsThem() {
        try (Rig rig = Rig.with(1, json -> json.put("badRecords", "skip"))) {
            rig.send(0, 0, 3);
            rig.sendRaw(0, null);
            rig.flush();

            StepwiseRun run = rig.runAll();

            assertThat(run.verdicts()).singleElement().satisfies(verdict -> {
                assertThat(verdict.counts().folded()).isEqualTo(3);
                assertThat(verdict.counts().skipped()).isEqualTo(1);
            });
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void theLimitOfBadRecordsCountsAllPiecesOfARun() {
        try (Rig rig = Rig.with(1, json -> json.putObject("badRecords").put("limit", 3))) {
            for (int i = 0; i < 4; i++) {
                rig.sendRaw(0, null);
            }
            rig.flush();
            StepwiseRun run = rig.newRun();
            run.plan();

            assertThat(run.chain(0, List.of(new PartitionRange(0, 0, 2))))
                    .extracting(PartitionVerdict::verdict)
                    .containsExactly(Verdict.DONE);
            assertThat(run.chain(0, List.of(new PartitionRange(0, 2, 4))))
                    .singleElement()
                    .satisfies(verdict -> {
                        assertThat(verdict.verdict()).isEqualTo(Verdict.FAILED);
                        assertThat(verdict.problem().kind()).isEqualTo(FailureKind.TOO_MANY_BAD_RECORDS);
                    });
        }
    }

    @Test
    void cellsOfAllBatchesTogetherAreLimited() {
        try (Rig rig = Rig.with(1, json -> json.putObject("limits").put("cells", 2))) {
            rig.send(0, 0, 2 * 1440);
            rig.runAll();
            rig.send(0, 2 * 1440, 2 * 1440 + 1);

            assertThat(rig.runAll().verdicts()).singleElement().satisfies(verdict -> {
                assertThat(verdict.verdict()).isEqualTo(Verdict.FAILED);
                assertThat(verdict.problem().kind()).isEqualTo(FailureKind.TOO_MANY_CELLS);
                assertThat(verdict.problem().message()).contains("3 cells", "limits.cells is 2");
            });
        }
    }

    @Test
    void aSumThatIsNotFiniteIsNamedAndTheOldRowStays() {
        try (Rig rig = Rig.with(
                1, json -> json.withObject("/aggregate/voltage").removeAll().put("sum", "voltage"))) {
            for (int i = 0; i < 2; i++) {
                rig.sendRaw(
                        0,
                        "{\"datetime\":\"23/12/2006 00:00:00\",\"voltage\":1.7e308}".getBytes(StandardCharsets.UTF_8));
            }
            rig.flush();

            assertThat(rig.newRun().all().verdicts()).singleElement().satisfies(verdict -> {
                assertThat(verdict.problem().kind()).isEqualTo(FailureKind.NOT_FINITE);
                assertThat(verdict.problem().message()).contains("voltage", rig.input() + "[0]");
            });
            assertThat(rig.rows()).isEmpty();
        }
    }

    @Test
    void groupsAndSeveralAggregatesGoIntoOneRowEach() {
        try (Rig rig = Rig.with(1, json -> {
            json.put("window", "none");
            json.putArray("groupBy").add("meter.site").add("phase");
            json.putObject("input")
                    .put("topic", json.at("/output/topic").asText() + "-in")
                    .put("timestamp", "record");
            json.putObject("aggregate")
                    .put("n", "count")
                    .set("low", json.objectNode().put("min", "v"));
            json.withObject("/aggregate").set("high", json.objectNode().put("max", "v"));
            json.withObject("/aggregate").set("total", json.objectNode().put("sum", "v"));
            json.withObject("/output").remove("key");
        })) {
            for (String value : List.of(
                    "{\"meter\":{\"site\":\"a\"},\"phase\":1,\"v\":1.5}",
                    "{\"v\":2.5,\"phase\":1.0,\"meter\":{\"x\":[{}],\"site\":\"a\"}}",
                    "{\"meter\":{\"site\":\"a\"},\"phase\":\"1\",\"v\":7}")) {
                rig.sendRaw(0, value.getBytes(StandardCharsets.UTF_8));
            }
            rig.flush();

            rig.runAll();

            assertThat(rig.rows()).hasSize(2);
            assertThat(rig.rows().get("0/{\"meter.site\":\"a\",\"phase\":1}").toString())
                    .isEqualTo("{\"meter.site\":\"a\",\"phase\":1,\"n\":2,\"low\":1.5,\"high\":2.5,\"total\":4.0}");
        }
    }

    @Test
    void aTopicThatIsCreatedAgainWhileItIsReadFailsTheAttempt() {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 10);
            StepwiseRun run = rig.newRun();
            run.plan();
            Staged read = run.consume(0, 0, List.of(new PartitionRange(0, 0, 10)));
            assertThat(read.ranges()).hasSize(1);
            var other = new PlanIdentity(
                    run.slice(0).identity().fingerprint(),
                    1,
                    "another-id",
                    run.slice(0).identity().outputId(),
                    run.slice(0).identity().stateId());

            assertRefused(
                    () -> new ConsumeStep(rig.clients(), rig.staging(), "host", WorkerMemory.ofHeap(), Checkpoints.NONE)
                            .consume(
                                    new SliceRef(rig.job(), run.runId(), other, 0),
                                    1,
                                    List.of(new PartitionRange(0, 0, 10)),
                                    StepProgress.NONE),
                    FailureKind.TOPIC_RECREATED,
                    rig.input(),
                    "another-id");
        }
    }
}
