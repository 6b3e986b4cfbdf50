package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.temporal.failure.ApplicationFailure;
import io.tidemark.embedded.Producers;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.client.ReaderKind;
import io.tidemark.kafka.input.InputReader;
import io.tidemark.run.CommitResult;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionProblem;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.Staged;
import io.tidemark.run.TidemarkException;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.testkit.Cluster;
import io.tidemark.testkit.CommittedRecords;
import io.tidemark.testkit.LifecycleSuite;
import io.tidemark.testkit.OneAttempt;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Changes during a run, or between two runs, that must neither stop nor mislead them. */
@LifecycleSuite
@Timeout(60)
@Execution(ExecutionMode.CONCURRENT)
class LateChangesIT {

    private static void grow(Rig rig, String topic) {
        Rig.get(rig.admin()
                .createPartitions(Map.of(topic, NewPartitions.increaseTo(2)))
                .all());
    }

    private static void commit(Rig rig, String group, int partition, OffsetAndMetadata offset) {
        Rig.get(rig.admin()
                .alterConsumerGroupOffsets(group, Map.of(new TopicPartition(rig.input(), partition), offset))
                .all());
    }

    private static KafkaProducer<byte[], byte[]> producer(Properties settings) {
        return Producers.ofBytes(settings);
    }

    @Test
    void anInputThatGrowsDuringARunIsCommittedAsFarAsItWasPlanned() {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 10);
            StepwiseRun run = rig.newRun();
            run.slices().forEach(run::chain);
            grow(rig, rig.input());

            CommitResult committed = run.commit();

            assertThat(committed.partitions()).isEqualTo(1);
            assertThat(committed.stateSize().cells()).as("a day").isEqualTo(1);
            assertThat(rig.groupOffsets()).containsExactly(Map.entry(0, 10L));
        }
    }

    private static void deleteOutput(Rig rig) {
        Rig.get(rig.admin().deleteTopics(List.of(rig.output())).all());
        await().until(() -> !Rig.get(rig.admin().listTopics().names()).contains(rig.output()));
    }

    /** A producer writes to the topic with the given name, whatever its id is. */
    @Test
    void anOutputThatIsMadeAgainDuringAFirstRunFailsThatRun() {
        try (Rig rig = Rig.voltage(2)) {
            rig.send(0, 0, 10);
            StepwiseRun run = rig.newRun();
            Staged delta = run.delta(0);
            deleteOutput(rig);
            rig.create(rig.output(), 2, Map.of("cleanup.policy", "compact"));
            run.produce(0, delta);

            assertThatThrownBy(run::commit)
                    .isInstanceOfSatisfying(
                            TidemarkException.class,
                            failure -> assertThat(failure.kind()).isEqualTo(FailureKind.TOPIC_RECREATED))
                    .hasMessageContaining("topic " + rig.output() + " has the id ");
        }
    }

    /** The new topic is shorter, as if the brokers had lost rows. */
    @Test
    void anOutputThatIsMadeAgainDuringALaterRunGetsNoRows() {
        try (Rig rig = Rig.afterAFirstRun()) {
            StepwiseRun run = rig.newRun();
            Staged delta = run.delta(0);
            deleteOutput(rig);
            rig.create(rig.output(), 2, Map.of("cleanup.policy", "compact"));

            assertThatThrownBy(() -> OneAttempt.produce(rig, run.slice(0), delta))
                    .cause()
                    .isInstanceOfSatisfying(
                            ApplicationFailure.class,
                            failure -> assertThat(failure.getType()).isEqualTo(FailureKind.TOPIC_RECREATED.name()))
                    .hasMessageContaining("topic " + rig.output() + " has the id ");

            assertThat(rig.history()).isEmpty();
        }
    }

    @Test
    void anOutputThatIsGoneDuringARunIsNamed() {
        Cluster impatient = Cluster.sharedWith(Map.of("max.block.ms", "300"));
        try (Rig rig = Rig.with(impatient, 1, Map.of(), json -> {})) {
            rig.send(0, 0, 10);
            StepwiseRun run = rig.newRun();
            Staged delta = run.delta(0);
            deleteOutput(rig);

            assertThatThrownBy(() -> OneAttempt.produce(rig, run.slice(0), delta))
                    .cause()
                    .isInstanceOfSatisfying(ApplicationFailure.class, failure -> {
                        assertThat(failure.getType()).isEqualTo(FailureKind.TOPIC_MISSING.name());
                        assertThat(failure.isNonRetryable()).isTrue();
                    })
                    .hasMessageContaining("output topic " + rig.output() + " was deleted after the run was planned");
        }
    }

    /** The markers of a commit are written one by one: the group's can be visible before the state topic's. */
    @Test
    void aRegistrationThatTheGroupShowsBeforeTheStateDoesIsFoundAndNotLost() {
        try (Rig rig = Rig.with(1, json -> json.withObject("/output").put("grow", true))) {
            rig.newRun().plan();
            ConsumerRecord<byte[], byte[]> registered =
                    CommittedRecords.read(rig.stateTopic()).get(0);
            grow(rig, rig.input());
            grow(rig, rig.stateTopic());
            rig.sendRaw(1, "{}".getBytes(StandardCharsets.UTF_8));
            rig.flush();
            Properties transactional = Rig.client();
            transactional.put("transactional.id", rig.stateTopic());
            try (var late = producer(transactional);
                    var plain = producer(Rig.client())) {
                // Holds the last stable offset below the registration, like a missing marker.
                late.initTransactions();
                late.beginTransaction();
                var unusedLate = late.send(new ProducerRecord<>(
                        rig.stateTopic(), 1, "0/0".getBytes(StandardCharsets.UTF_8), new byte[] {1}));
                late.flush();
                var unusedCopy =
                        plain.send(new ProducerRecord<>(rig.stateTopic(), 1, registered.key(), registered.value()));
                plain.flush();
                commit(rig, rig.group(), 1, new OffsetAndMetadata(0, "tidemark generation=1"));

                var plan = rig.newRun(point -> {
                            if (point == Point.PLAN_BEFORE_REGISTRATION) {
                                late.abortTransaction();
                            }
                        })
                        .plan();

                assertThat(plan.ranges()).containsExactly(new PartitionRange(1, 0, 1));
            }
        }
    }

    @Test
    void aLowerLimitOfCellsIsNoDamageToTheState() {
        try (Rig rig = Rig.with(1, json -> {
            json.putArray("groupBy").add("channel");
            json.withObject("/output").put("key", "{date}/{channel}");
        })) {
            for (int channel = 0; channel < 3; channel++) {
                rig.sendRaw(0, reading(channel));
            }
            rig.flush();
            rig.runAll();
            rig.sendRaw(0, reading(0));
            rig.flush();
            JobSpec lower = rig.jobWith(json -> json.withObject("/limits").put("cells", 2));

            List<PartitionVerdict> verdicts =
                    rig.newRun(lower, Checkpoints.NONE).all().verdicts();

            assertThat(verdicts)
                    .extracting(PartitionVerdict::problem)
                    .extracting(PartitionProblem::kind)
                    .containsExactly(FailureKind.TOO_MANY_CELLS);
        }
    }

    private static byte[] reading(int channel) {
        return ("{\"datetime\":\"23/12/2006 00:00:00\",\"voltage\":230,\"channel\":" + channel + "}")
                .getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void anotherOutputTopicIsAChangedJobAndNoMissingTopic() {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 10);
            rig.runAll();
            JobSpec changed = rig.jobWith(json -> json.withObject("/output").put("topic", rig.output() + "-new"));

            assertThatThrownBy(() -> rig.newRun(changed, Checkpoints.NONE).plan())
                    .isInstanceOfSatisfying(TidemarkException.class, failure -> {
                        assertThat(failure.kind()).as("%s", failure).isEqualTo(FailureKind.JOB_CHANGED);
                        assertThat(failure.getMessage()).contains("output.topic was \"" + rig.output() + "\"");
                    });
        }
    }

    @Test
    void aStartThatTheLogDoesNotHaveIsRefusedBeforeItIsRegistered() {
        try (Rig rig = Rig.with(
                1,
                json -> json.putObject("start").put("group", json.path("name").asText() + "-reader"))) {
            String reader = rig.job().name() + "-reader";
            rig.send(0, 0, 10);
            Rig.get(rig.admin()
                    .deleteRecords(Map.of(new TopicPartition(rig.input(), 0), RecordsToDelete.beforeOffset(5)))
                    .all());

            for (long offset : new long[] {4, 11}) {
                commit(rig, reader, 0, new OffsetAndMetadata(offset));
                assertThatThrownBy(() -> rig.newRun().plan())
                        .isInstanceOfSatisfying(TidemarkException.class, failure -> {
                            assertThat(failure.kind()).as("%s", failure).isEqualTo(FailureKind.INVALID_JOB);
                            assertThat(failure.getMessage())
                                    .contains(reader, rig.input() + "[0]", "offset " + offset, "5", "10");
                        });
            }

            commit(rig, reader, 0, new OffsetAndMetadata(7));
            assertThat(rig.newRun().plan().ranges()).containsExactly(new PartitionRange(0, 7, 10));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aReadThatGainsNothingFailsInsteadOfComingBackEmpty(ReaderKind kind) {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 3);
            AtomicLong clock = new AtomicLong();
            InputReader reader = InputReader.of(
                    rig.clients(),
                    kind,
                    () -> clock.addAndGet(Duration.ofSeconds(30).toNanos()));
            List<PartitionRange> beyond = List.of(new PartitionRange(0, 3, 10));

            assertThatThrownBy(() ->
                            reader.read(rig.input(), beyond, Duration.ofSeconds(55), record -> {}, remaining -> {}))
                    .isInstanceOfSatisfying(
                            TidemarkException.class,
                            failure -> assertThat(failure.kind()).isEqualTo(FailureKind.KAFKA_UNAVAILABLE));
        }
    }
}
