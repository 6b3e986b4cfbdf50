package io.tidemark.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.embedded.Producers;
import io.tidemark.job.JobCodec;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.job.Scope;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.ReaderKind;
import io.tidemark.kafka.state.StateTopic;
import io.tidemark.settings.KafkaSettings;
import io.tidemark.stage.StagingArea;
import io.tidemark.state.PartitionProgress;
import io.tidemark.step.Checkpoints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;

/**
 * A job with its own topics and input, and a driver that executes the steps of a run one by one, as the workflow does
 * but without Temporal. So a test can stop between any two steps, or inside one.
 */
public final class Rig implements AutoCloseable {
    /** The reader that all tests use; {@code -Dtidemark.reader=consumer} selects the other one. */
    public static final ReaderKind READER =
            ReaderKind.valueOf(System.getProperty("tidemark.reader", "fetch").toUpperCase(Locale.ROOT));

    static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Cluster cluster;
    private final JobSpec job;
    private final KafkaClients clients;
    private final Admin admin;
    private final KafkaProducer<byte[], byte[]> producer;
    private final StagingArea staging;
    private final Map<Integer, List<String>> sent = new TreeMap<>();
    private final List<Future<RecordMetadata>> pending = new ArrayList<>();

    private Rig(Cluster cluster, JobSpec job, Admin admin, StagingArea staging) {
        this.cluster = cluster;
        this.job = job;
        this.clients = new KafkaClients(KafkaSettings.of(cluster.product()), READER, cluster.retryTimes());
        this.admin = admin;
        this.staging = staging;
        this.producer = Producers.ofBytes(writerSettings());
    }

    /** Returns the tutorial's job with a count besides the mean, over an input with {@code partitions} partitions. */
    public static Rig voltage(int partitions) {
        return with(partitions, json -> {});
    }

    /**
     * Returns a job with two partitions in one slice after a successful first run, and with new readings that change
     * its rows.
     */
    public static Rig afterAFirstRun() {
        Rig rig = Rig.with(2, json -> json.put("partitionsPerSlice", 2));
        rig.send(0, 0, 50);
        rig.send(1, 0, 30);
        rig.runAll();
        rig.send(0, 50, 70);
        rig.send(1, 30, 90);
        return rig;
    }

    /** The same, with changes to the job's JSON. */
    public static Rig with(int partitions, Consumer<ObjectNode> change) {
        return with(partitions, Map.of(), change);
    }

    /** The same, with settings of the input topic. */
    public static Rig with(int partitions, Map<String, String> inputSettings, Consumer<ObjectNode> change) {
        return with(Cluster.shared(), partitions, inputSettings, change);
    }

    /** The same, with its topics in another cluster. */
    public static Rig with(
            Cluster cluster, int partitions, Map<String, String> inputSettings, Consumer<ObjectNode> change) {
        int number = NUMBER.incrementAndGet();
        ObjectNode json = parse("""
                {"name": "voltage-daily-%d",
                 "input": {"topic": "readings-%d",
                           "timestamp": {"field": "datetime", "pattern": "dd/MM/yyyy HH:mm:ss", "zone": "UTC"}},
                 "window": {"every": "day", "zone": "UTC"},
                 "aggregate": {"voltage": {"mean": "voltage"}, "count": "count"},
                 "output": {"topic": "means-%d", "key": "{date}"}}
                """.formatted(number, number, number));
        change.accept(json);
        return in(cluster, JobCodec.read(json), partitions, inputSettings);
    }

    /**
     * Returns the same job in another cluster, over an input with {@code partitions} partitions; without an input if
     * that is 0.
     */
    public Rig elsewhere(Cluster other, int partitions) {
        return in(other, job, partitions, Map.of());
    }

    /** Returns the same job in the same cluster, with its own clients and staged files. */
    public Rig elsewhere() {
        return elsewhere(cluster, 0);
    }

    private static Rig in(Cluster cluster, JobSpec job, int partitions, Map<String, String> inputSettings) {
        Admin admin = Admin.create(cluster.clientSettings());
        if (partitions > 0) {
            create(admin, job.input().topic(), partitions, inputSettings);
        }
        try {
            return new Rig(cluster, job, admin, new StagingArea(Files.createTempDirectory("tidemark-rig-")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Creates a topic as another client would, and waits until the brokers list it. */
    public void create(String topic, int partitions, Map<String, String> settings) {
        create(admin, topic, partitions, settings);
    }

    private static void create(Admin admin, String topic, int partitions, Map<String, String> settings) {
        get(admin.createTopics(
                        List.of(new NewTopic(topic, Optional.of(partitions), Optional.empty()).configs(settings)))
                .all());
        // The controller has created it; the other brokers learn of it a little later.
        while (!get(admin.listTopics().names()).contains(topic)) {
            Thread.onSpinWait();
        }
    }

    private static ObjectNode parse(String json) {
        try {
            return (ObjectNode) JSON.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Settings of a plain client of the broker that most tests share. */
    public static Properties client() {
        return Cluster.shared().clientSettings();
    }

    /** Settings of a plain client of the cluster that this rig is in; a new object. */
    public Properties clientSettings() {
        return cluster.clientSettings();
    }

    /** The same for other producers. */
    Properties writerSettings() {
        Properties settings = clientSettings();
        // By default it would wait half a minute for a frozen broker.
        settings.put("request.timeout.ms", "3000");
        return settings;
    }

    public JobSpec job() {
        return job;
    }

    /** Returns the same job with other settings; not for changes of its meaning. */
    public JobSpec jobWith(Consumer<ObjectNode> change) {
        ObjectNode json = JobCodec.write(job);
        change.accept(json);
        return JobCodec.read(json);
    }

    public KafkaClients clients() {
        return clients;
    }

    public Admin admin() {
        return admin;
    }

    public StagingArea staging() {
        return staging;
    }

    public String input() {
        return job.input().topic();
    }

    public String output() {
        return job.output().topic();
    }

    public String stateTopic() {
        return JobNames.stateTopic(job);
    }

    /** Returns the output partition of the row of some records, with the partitioner of Kafka's producer. */
    public int rowPartition(int inputPartition, String key) {
        return job.scope() == Scope.PARTITION
                ? inputPartition
                : BuiltInPartitioner.partitionForKey(
                        key.getBytes(StandardCharsets.UTF_8), job.output().partitions());
    }

    public String group() {
        return JobNames.group(job);
    }

    /** Sends values and adds them to the expected rows. */
    public void send(int partition, Collection<Reading> readings) {
        for (Reading each : readings) {
            sent.computeIfAbsent(partition, p -> new ArrayList<>()).add(each.json());
            sendRaw(partition, each.json().getBytes(StandardCharsets.UTF_8));
        }
        flush();
    }

    /** Sends the readings number {@code from} to {@code to - 1}. */
    public void send(int partition, int from, int to) {
        send(partition, IntStream.range(from, to).mapToObj(Reading::number).toList());
    }

    /** Sends a value that the expected rows do not include. */
    public void sendRaw(int partition, byte @Nullable [] value) {
        sendRaw(partition, null, value);
    }

    /** The same with a timestamp in milliseconds since the epoch; null for now. */
    public void sendRaw(int partition, @Nullable Long timestamp, byte @Nullable [] value) {
        send(new ProducerRecord<>(input(), partition, timestamp, null, value));
    }

    /** The same for any record. */
    public void send(ProducerRecord<byte[], byte[]> record) {
        pending.add(producer.send(record));
    }

    /** Waits until everything that was sent has arrived. */
    public void flush() {
        producer.flush();
        for (Future<RecordMetadata> each : pending) {
            try {
                each.get();
            } catch (InterruptedException | ExecutionException e) {
                throw new IllegalStateException("the input was not written", e);
            }
        }
        pending.clear();
    }

    /** The values that were sent to each partition, in order. */
    public Map<Integer, List<String>> sent() {
        return sent;
    }

    /** One run, step by step. */
    public StepwiseRun newRun() {
        return new StepwiseRun(this, job, Checkpoints.NONE);
    }

    public StepwiseRun newRun(Checkpoints checkpoints) {
        return new StepwiseRun(this, job, checkpoints);
    }

    public StepwiseRun newRun(JobSpec changed, Checkpoints checkpoints) {
        return new StepwiseRun(this, changed, checkpoints);
    }

    /** A whole run: plan, every slice, commit. */
    public StepwiseRun runAll() {
        return newRun().all();
    }

    /** The stored progress. */
    public Map<Integer, PartitionProgress> progress() {
        CommittedRecords.awaitMarkers(admin);
        return new StateTopic(clients, stateTopic()).readStableWithChunks(partitions());
    }

    private List<Integer> partitions() {
        return IntStream.range(0, partitionCount(input())).boxed().toList();
    }

    public int partitionCount(String topic) {
        return get(admin.describeTopics(List.of(topic)).allTopicNames())
                .get(topic)
                .partitions()
                .size();
    }

    /** Returns the id of the leader of a partition. */
    public int leader(String topic, int partition) {
        return get(admin.describeTopics(List.of(topic)).allTopicNames())
                .get(topic)
                .partitions()
                .get(partition)
                .leader()
                .id();
    }

    /** Aborts all open transactions of a topic, as {@code kafka-transactions.sh abort} does with hanging ones. */
    public void abortOpen(String topic) {
        List<TopicPartition> all = IntStream.range(0, partitionCount(topic))
                .mapToObj(partition -> new TopicPartition(topic, partition))
                .toList();
        get(admin.describeProducers(all).all())
                .forEach((partition, state) -> state.activeProducers().stream()
                        .filter(each -> each.currentTransactionStartOffset().isPresent())
                        .forEach(each -> get(admin.abortTransaction(new AbortTransactionSpec(
                                        partition,
                                        each.producerId(),
                                        (short) each.producerEpoch(),
                                        each.coordinatorEpoch().orElse(0)))
                                .all())));
    }

    /** The transactional ids that the broker still knows. */
    public List<String> transactionalIds() {
        return Transactions.in(admin, Set.of()).stream()
                .map(TransactionListing::transactionalId)
                .toList();
    }

    /**
     * Returns the group's offsets after all commits have their markers: the response to a commit comes before its
     * markers are written.
     */
    public Map<Integer, Long> groupOffsets() {
        Set<TopicPartition> all = new HashSet<>();
        partitions().forEach(partition -> all.add(new TopicPartition(input(), partition)));
        Map<TopicPartition, OffsetAndMetadata> found;
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        do {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("a commit of group " + group() + " does not end");
            }
            // The answer leaves out a partition with an open transactional commit.
            found = get(admin.listConsumerGroupOffsets(
                            Map.of(group(), new ListConsumerGroupOffsetsSpec().topicPartitions(all)),
                            new ListConsumerGroupOffsetsOptions().requireStable(true))
                    .partitionsToOffsetAndMetadata(group()));
        } while (!found.keySet().equals(all));
        Map<Integer, Long> offsets = new TreeMap<>();
        found.forEach((partition, offset) -> {
            if (offset != null) {
                offsets.put(partition.partition(), offset.offset());
            }
        });
        return offsets;
    }

    /** Changes a setting of a topic, and waits until the broker uses it. */
    public void configure(String topic, String name, String value) {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        get(admin.incrementalAlterConfigs(Map.of(
                        resource, List.of(new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET))))
                .all());
        // A broker shows a setting as soon as it begins to apply a change of the metadata. It applies changes one after
        // another, so the setting holds when the broker shows a later change.
        while (!value.equals(get(admin.describeConfigs(List.of(resource)).all())
                .get(resource)
                .get(name)
                .value())) {
            Thread.onSpinWait();
        }
        create("after-a-change-" + NUMBER.incrementAndGet(), 1, Map.of());
    }

    /** Returns the end of each partition of the input. */
    public Map<Integer, Long> ends() {
        return ends(input(), IsolationLevel.READ_UNCOMMITTED);
    }

    /** Returns the end of each partition of a topic for the isolation level. */
    public Map<Integer, Long> ends(String topic, IsolationLevel isolation) {
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        IntStream.range(0, partitionCount(topic))
                .forEach(partition -> latest.put(new TopicPartition(topic, partition), OffsetSpec.latest()));
        Map<Integer, Long> ends = new TreeMap<>();
        get(admin.listOffsets(latest, new ListOffsetsOptions(isolation)).all())
                .forEach((partition, end) -> ends.put(partition.partition(), end.offset()));
        return ends;
    }

    /** A committed row of the output, in a reader's order. */
    public record Row(int partition, String key, JsonNode value) {}

    /** Returns all committed rows, partition by partition, in a reader's order. */
    public List<Row> history() {
        List<Row> rows = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> each : readAll(output())) {
            rows.add(new Row(
                    each.partition(),
                    new String(each.key(), StandardCharsets.UTF_8),
                    parse(new String(each.value(), StandardCharsets.UTF_8))));
        }
        return rows;
    }

    /** The last value of each key in each partition; keys are {@code partition/key}. */
    public Map<String, JsonNode> rows() {
        Map<String, JsonNode> last = new TreeMap<>();
        history().forEach(row -> last.put(row.partition() + "/" + row.key(), row.value()));
        return last;
    }

    /** All committed records of a topic up to its last stable offset. */
    public List<ConsumerRecord<byte[], byte[]>> readAll(String topic) {
        return CommittedRecords.read(clientSettings(), topic);
    }

    /** Waits for an answer of the admin client. */
    public static <T> T get(KafkaFuture<T> future) {
        try {
            return future.get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Closes the rig and deletes its topics, because thousands of trials would fill a broker. */
    @Override
    public void close() {
        producer.close();
        List<String> topics =
                new ArrayList<>(List.of(input(), output(), stateTopic(), JobNames.deadLetterTopic(output())));
        if (job.scope() == Scope.TOPIC) {
            topics.addAll(List.of(JobNames.partialsTopic(job), JobNames.stateTopic(job.totals())));
        }
        admin.deleteTopics(topics);
        admin.close();
        clients.close();
        try {
            deleteAll(staging.folder());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void deleteAll(Path folder) throws IOException {
        try (var paths = Files.walk(folder)) {
            for (Path each : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }
}
