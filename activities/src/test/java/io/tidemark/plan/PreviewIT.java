package io.tidemark.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.aggregate.OwnAggregates;
import io.tidemark.check.WeakReplication;
import io.tidemark.embedded.EmbeddedKafka;
import io.tidemark.embedded.Producers;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.client.RetryTimes;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionPreview;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.RunPlan;
import io.tidemark.run.RunPreview;
import io.tidemark.run.TidemarkException;
import io.tidemark.run.TotalsPreview;
import io.tidemark.step.Checkpoints;
import io.tidemark.testkit.Cluster;
import io.tidemark.testkit.CommittedRecords;
import io.tidemark.testkit.Reading;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import io.tidemark.testkit.TopicScope;
import io.tidemark.testkit.WeightedSum;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A preview says what the plan of a run decides, and leaves the broker as it is. The broker has no other tests, so all of its
 * state can be compared.
 */
@Timeout(120)
class PreviewIT {
    private static final Instant NOMINAL = Instant.now();

    /** One broker has no former leaders, and knows its topics at once. */
    private static final RetryTimes SHORT = new RetryTimes(
            Duration.ofMillis(200),
            Duration.ofMillis(200),
            RetryTimes.DEFAULT.state(),
            RetryTimes.DEFAULT.openTransaction());

    private static EmbeddedKafka kafka;

    @BeforeAll
    static void startBroker() {
        kafka = EmbeddedKafka.startDefault();
    }

    @AfterAll
    static void stopBroker() {
        kafka.close();
    }

    private static Rig rig(int partitions, Consumer<ObjectNode> change) {
        return Rig.with(Cluster.at(kafka.bootstrapServers()).with(SHORT), partitions, Map.of(), change);
    }

    /** Returns all that a client can see of the broker. */
    private static Map<String, Object> state(Admin admin) {
        CommittedRecords.awaitMarkers(admin);
        Map<String, Object> state = new TreeMap<>();
        var topics = Rig.get(
                admin.listTopics(new ListTopicsOptions().listInternal(true)).names());
        Map<TopicPartition, OffsetSpec> first = new HashMap<>();
        Map<TopicPartition, OffsetSpec> last = new HashMap<>();
        Rig.get(admin.describeTopics(topics).allTopicNames()).forEach((name, topic) -> {
            state.put("topic " + name, topic);
            topic.partitions().forEach(each -> {
                first.put(new TopicPartition(name, each.partition()), OffsetSpec.earliest());
                last.put(new TopicPartition(name, each.partition()), OffsetSpec.latest());
            });
        });
        Rig.get(admin.listOffsets(first).all())
                .forEach((partition, offset) -> state.put("first " + partition, offset.offset()));
        Rig.get(admin.listOffsets(last).all())
                .forEach((partition, offset) -> state.put("end " + partition, offset.offset()));
        Rig.get(admin.describeConfigs(topics.stream()
                                .map(each -> new ConfigResource(ConfigResource.Type.TOPIC, each))
                                .toList())
                        .all())
                .forEach((resource, config) -> state.put(
                        "settings " + resource.name(),
                        config.entries().stream()
                                .filter(each -> !each.isDefault())
                                .map(each -> each.name() + "=" + each.value())
                                .sorted()
                                .toList()));
        Rig.get(admin.listGroups().all()).forEach(each -> {
            state.put("group " + each.groupId(), each);
            state.put(
                    "offsets of " + each.groupId(),
                    Rig.get(admin.listConsumerGroupOffsets(each.groupId()).partitionsToOffsetAndMetadata()));
        });
        Rig.get(admin.listTransactions().all())
                .forEach(each -> state.put(
                        "transactions of " + each.transactionalId(),
                        Rig.get(admin.describeTransactions(List.of(each.transactionalId()))
                                        .all())
                                .toString()));
        return state;
    }

    /** Returns what is different, for a short message. */
    private static Map<String, Object> differences(Map<String, Object> before, Map<String, Object> after) {
        Map<String, Object> different = new TreeMap<>(after);
        different.entrySet().removeAll(before.entrySet());
        before.keySet().stream().filter(each -> !after.containsKey(each)).forEach(each -> different.put(each, "gone"));
        return different;
    }

    private static RunPreview preview(Rig rig, JobSpec job) {
        return new Planner(rig.clients(), Checkpoints.NONE, WeakReplication.WARN).preview(job, NOMINAL, 32);
    }

    /** Returns the preview of a run, after a check that it has no effect and says what the plan decides. */
    private static RunPreview checked(Rig rig) {
        Map<String, Object> before = state(rig.admin());
        RunPreview preview = preview(rig, rig.job());
        assertThat(differences(before, state(rig.admin()))).isEmpty();

        RunPlan plan = rig.newRun().at(NOMINAL).plan();

        assertThat(preview.plan().ranges()).isEqualTo(plan.ranges());
        assertThat(preview.plan().problems()).isEqualTo(plan.problems());
        assertThat(preview.plan().warnings()).isEqualTo(plan.warnings());
        assertThat(List.of(
                        preview.plan().left(),
                        preview.plan().waiting(),
                        preview.plan().heldBack()))
                .isEqualTo(List.of(plan.left(), plan.waiting(), plan.heldBack()));
        assertThat(preview.plan().leftBy()).isEqualTo(plan.leftBy());
        return preview;
    }

    /** The same of a run that is refused as a whole. */
    private static void checkedRefusal(Rig rig, JobSpec job, FailureKind kind) {
        Map<String, Object> before = state(rig.admin());
        TidemarkException previewed = catchThrowableOfType(TidemarkException.class, () -> preview(rig, job));
        assertThat(differences(before, state(rig.admin()))).isEmpty();

        TidemarkException planned = catchThrowableOfType(
                TidemarkException.class, () -> rig.newRun(job, Checkpoints.NONE).plan());

        assertThat(previewed.kind()).isEqualTo(kind).isEqualTo(planned.kind());
        assertThat(previewed).hasMessage(planned.getMessage());
    }

    private static PartitionPreview of(RunPreview preview, int partition) {
        return preview.partitions().get(partition);
    }

    private static void deleteBefore(Rig rig, int partition, long offset) {
        Rig.get(rig.admin()
                .deleteRecords(Map.of(new TopicPartition(rig.input(), partition), RecordsToDelete.beforeOffset(offset)))
                .all());
    }

    @Test
    void theFirstRunWouldCreateItsTopicsAndReadEverything() {
        try (Rig rig = rig(3, json -> {})) {
            rig.sendRaw(0, 1_000_000L, Reading.number(0).json().getBytes(StandardCharsets.UTF_8));
            rig.sendRaw(0, 3_000_000L, Reading.number(1).json().getBytes(StandardCharsets.UTF_8));
            rig.sendRaw(0, 2_000_000L, Reading.number(2).json().getBytes(StandardCharsets.UTF_8));
            rig.flush();
            rig.send(2, 0, 5);

            RunPreview preview = checked(rig);

            assertThat(preview.first()).isTrue();
            assertThat(preview.creates())
                    .containsExactly(rig.output(), rig.stateTopic(), rig.output() + ".dead-letter");
            assertThat(preview.grows()).isEmpty();
            assertThat(of(preview, 0))
                    .isEqualTo(new PartitionPreview(0, true, 0, 3, 0, 0, 1_000_000, 2_000_000, false, null));
            assertThat(of(preview, 1)).isEqualTo(new PartitionPreview(1, true, 0, 0, 0, 0, -1, -1, false, null));
            assertThat(of(preview, 2).length()).isEqualTo(5);
        }
    }

    @Test
    void aLaterRunWouldReadWhatIsNewWithinItsBudgetAndGrowItsTopics() {
        try (Rig rig = rig(1, json -> {
            json.putObject("budget").put("records", 8);
            json.withObject("/output").put("grow", true);
        })) {
            rig.send(0, 0, 5);
            rig.runAll();
            rig.send(0, 5, 40);
            Rig.get(rig.admin()
                    .createPartitions(Map.of(rig.input(), NewPartitions.increaseTo(3)))
                    .all());
            rig.send(2, 0, 2);

            RunPreview preview = checked(rig);

            assertThat(preview.first()).isFalse();
            assertThat(preview.creates()).isEmpty();
            assertThat(preview.grows()).contains(rig.output(), rig.stateTopic());
            assertThat(preview.partitions()).extracting(PartitionPreview::first).containsExactly(false, true, true);
            assertThat(of(preview, 0).from()).isEqualTo(5);
            assertThat(of(preview, 0).length() + of(preview, 2).length()).isEqualTo(8);
        }
    }

    @Test
    void lostAndRefusedPartitionsAreNamed() {
        try (Rig rig = rig(2, json -> {})) {
            rig.send(0, 0, 5);
            rig.send(1, 0, 5);
            rig.runAll();
            rig.send(0, 5, 20);
            rig.send(1, 5, 20);
            deleteBefore(rig, 1, 12);

            RunPreview preview = checked(rig);

            assertThat(of(preview, 0).problem()).isNull();
            assertThat(of(preview, 1).lost()).isEqualTo(7);
            assertThat(of(preview, 1).length()).isZero();
            assertThat(of(preview, 1).problem())
                    .satisfies(problem -> assertThat(problem.kind()).isEqualTo(FailureKind.RETENTION_GAP));
        }
    }

    @Test
    void lossesOfAJobThatContinuesAreInTheRange() {
        try (Rig rig = rig(1, json -> json.withObject("/input").put("dataLoss", "continue"))) {
            rig.send(0, 0, 5);
            rig.runAll();
            rig.send(0, 5, 20);
            deleteBefore(rig, 0, 12);

            PartitionPreview only = of(checked(rig), 0);

            assertThat(List.of(only.from(), only.to(), only.lost())).containsExactly(5L, 20L, 7L);
            assertThat(only.firstTime()).isPositive();
        }
    }

    @Test
    void anOpenTransactionHoldsBackItsPartition() {
        try (Rig rig = rig(2, json -> {});
                KafkaProducer<byte[], byte[]> other = transactional(rig)) {
            rig.send(0, 0, 4);
            rig.send(1, 0, 4);
            var unused = other.send(new ProducerRecord<>(rig.input(), 1, null, new byte[] {'{', '}'}));
            other.flush();
            rig.send(1, 4, 6);

            RunPreview preview = checked(rig);

            assertThat(preview.partitions())
                    .extracting(PartitionPreview::heldBack)
                    .containsExactly(0L, 3L);
            assertThat(of(preview, 1).to()).isEqualTo(4);
            other.abortTransaction();
        }
    }

    /** The plan of the second stage fences open slices. A preview only looks. */
    @Test
    void whatWaitsForTheSecondStageIsShownByOutputPartition() {
        try (Rig rig = rig(2, TopicScope.rows());
                KafkaProducer<byte[], byte[]> other = transactional(rig)) {
            rig.send(0, 0, 3_000);
            RunPreview first = checked(rig);
            assertThat(first.totals()).isEmpty();

            StepwiseRun run = rig.newRun().records();
            List<PartitionRange> waiting = checked(rig).totals().stream()
                    .map(each -> new PartitionRange(each.partition(), each.from(), each.to()))
                    .toList();

            assertThat(waiting).hasSize(2).anyMatch(each -> each.length() > 0);
            StepwiseRun totals = run.totals();
            assertThat(totals.plan().ranges())
                    .isEqualTo(
                            waiting.stream().filter(each -> each.length() > 0).toList());
            totals.records();
            assertThat(checked(rig).totals())
                    .allMatch(each -> each.length() == 0 && each.heldBack() == 0)
                    .extracting(TotalsPreview::from)
                    .isEqualTo(waiting.stream().map(PartitionRange::to).toList());

            int output = waiting.stream()
                    .filter(each -> each.length() > 0)
                    .findFirst()
                    .orElseThrow()
                    .partition();
            var unused = other.send(
                    new ProducerRecord<>(JobNames.partialsTopic(rig.job()), output, new byte[1], new byte[1]));
            other.flush();
            rig.send(1, 0, 3_000);
            rig.newRun().records();

            TotalsPreview held = checked(rig).totals().get(output);

            assertThat(held.length()).isZero();
            assertThat(held.heldBack())
                    .as("the other's record and at least one of the job")
                    .isGreaterThan(1);
            other.abortTransaction();
        }
    }

    private static KafkaProducer<byte[], byte[]> transactional(Rig rig) {
        Properties settings = rig.clientSettings();
        settings.put("transactional.id", "writer-of-" + rig.input());
        var producer = Producers.ofBytes(settings);
        producer.initTransactions();
        producer.beginTransaction();
        return producer;
    }

    /** With the message of the run, which would fail when it reads the stored totals. */
    @Test
    void storedTotalsOfAnotherVersionOfAPluginAreRefused() throws Exception {
        try (Rig rig = rig(
                2,
                json -> json.putObject("aggregate")
                        .putObject("w")
                        .put("use", "test.weighted")
                        .withArray("/of")
                        .add("n")
                        .add("voltage")
                        .add("name"))) {
            JobSpec first = new OwnAggregates(List.of(new WeightedSum(1))).bind(rig.job());
            JobSpec second = new OwnAggregates(List.of(new WeightedSum(2))).bind(rig.job());
            byte[] record = "{\"datetime\":\"23/12/2006 10:00:00\",\"n\":1,\"voltage\":2.5,\"name\":\"x\"}"
                    .getBytes(StandardCharsets.UTF_8);
            rig.sendRaw(1, record);
            rig.flush();
            // Partition 0 has progress, but no totals.
            rig.newRun(first, Checkpoints.NONE).all();
            rig.sendRaw(1, record);
            rig.flush();

            assertThat(preview(rig, first).plan().problems()).isEmpty();
            assertThat(preview(rig, rig.job()).plan().problems()).isEmpty();
            TidemarkException refused = catchThrowableOfType(TidemarkException.class, () -> preview(rig, second));
            assertThat(refused.kind()).isEqualTo(FailureKind.STATE_UNREADABLE);
            assertThat(refused)
                    .hasMessageContainingAll(
                            "state topic " + rig.stateTopic() + "[1], chunk ",
                            "stored totals hold other accumulators than the job has",
                            "test.weighted version 2");
            checkedRefusal(rig, second, FailureKind.STATE_UNREADABLE);
        }
    }

    @Test
    void aRunThatClosesWindowsWithoutNewRecordsIsForetold() {
        try (Rig rig = rig(1, json -> {})) {
            rig.send(0, 0, 5);
            rig.runAll();
            JobSpec closing = rig.jobWith(json -> json.putObject("close").put("after", "1d"));

            RunPreview preview = preview(rig, closing);

            assertThat(of(preview, 0).length()).isZero();
            assertThat(of(preview, 0).closes()).isTrue();
            assertThat(rig.newRun(closing, Checkpoints.NONE).at(NOMINAL).plan().ranges())
                    .isEqualTo(preview.plan().ranges());
        }
    }

    @Test
    void aJobThatCannotRunIsRefusedAsItsRunIs() {
        try (Rig rig = rig(1, json -> {})) {
            rig.send(0, 0, 5);

            checkedRefusal(
                    rig,
                    rig.jobWith(json -> json.withObject("/input").put("topic", "missing")),
                    FailureKind.TOPIC_MISSING);

            rig.runAll();
            checkedRefusal(
                    rig,
                    rig.jobWith(json ->
                            json.withObject("/aggregate").putObject("voltage").put("max", "voltage")),
                    FailureKind.JOB_CHANGED);
            checkedRefusal(rig, rig.jobWith(json -> json.put("name", "another")), FailureKind.OUTPUT_NOT_EMPTY);
        }
    }
}
