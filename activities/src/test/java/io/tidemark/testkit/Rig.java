package io.tidemark.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.JobCodec;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.ReaderKind;
import io.tidemark.kafka.client.RetryTimes;
import io.tidemark.kafka.state.StateTopic;
import io.tidemark.plan.Planner;
import io.tidemark.run.CommitResult;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.RunPlan;
import io.tidemark.run.SliceRef;
import io.tidemark.run.Staged;
import io.tidemark.settings.KafkaSettings;
import io.tidemark.stage.StagedLostException;
import io.tidemark.stage.StagingArea;
import io.tidemark.state.PartitionProgress;
import io.tidemark.step.AggregateStep;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.CommitStep;
import io.tidemark.step.ConsumeStep;
import io.tidemark.step.ProduceStep;
import io.tidemark.step.StepProgress;
import io.tidemark.step.WorkerMemory;
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
import java.util.UUID;
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
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * A job with its own topics and input, and a driver that executes the steps of a run one by one, as the workflow does
 * but without Temporal. So a test can stop between any two steps, or inside one.
 */
public final class Rig implements AutoCloseable {
    /** The reader that all tests use; {@code -Dtidemark.reader=consumer} selects the other one. */
    public static final ReaderKind READER =
            ReaderKind.valueOf(System.getProperty("tidemark.reader", "fetch").toUpperCase(Locale.ROOT));

    private static final Duration PATIENCE = Duration.ofSeconds(30);
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

    /**
     * The cluster of a rig.
     *
     * @param bootstrapServers for the test's own clients
     * @param product settings of the product's clients, such as another address
     * @param retryTimes how long the product's clients repeat a request
     */
    public record Cluster(String bootstrapServers, Map<String, String> product, RetryTimes retryTimes) {
        /** A lone broker is not replaced by another one and knows its topics at once. */
        private static final RetryTimes WITH_A_LONE_BROKER = new RetryTimes(
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                RetryTimes.DEFAULT.state(),
                RetryTimes.DEFAULT.openTransaction());

        /** Clients that repeat requests as long as those of a worker. */
        public Cluster(String bootstrapServers, Map<String, String> product) {
            this(bootstrapServers, product, RetryTimes.DEFAULT);
        }

        /** Returns the broker that most tests share. */
        static Cluster shared() {
            return at(SharedBroker.get().bootstrapServers()).with(WITH_A_LONE_BROKER);
        }

        /** Returns the same cluster with other retry times. */
        public Cluster with(RetryTimes other) {
            return new Cluster(bootstrapServers, product, other);
        }

        /** The same, with settings of the product's clients. */
        public static Cluster sharedWith(Map<String, String> settings) {
            Cluster shared = shared();
            Map<String, String> product = new HashMap<>(shared.product());
            product.putAll(settings);
            return new Cluster(shared.bootstrapServers(), product, shared.retryTimes());
        }

        /** The same broker; the product reaches it through a proxy of {@link SharedBroker}, with short timeouts. */
        public static Cluster proxied(FaultyProxy proxy) {
            return new Cluster(SharedBroker.get().bootstrapServers(), impatient(proxy.address()));
        }

        /** Returns a cluster whose brokers fail and restart; clients have short timeouts. */
        public static Cluster impatientAt(String bootstrapServers) {
            return new Cluster(bootstrapServers, impatient(bootstrapServers));
        }

        /** Returns a cluster that the product reaches as the test does. */
        public static Cluster at(String bootstrapServers) {
            return new Cluster(bootstrapServers, Map.of("bootstrap.servers", bootstrapServers));
        }

        /** Short timeouts, so that failing requests fail early and a trial is short. */
        private static Map<String, String> impatient(String bootstrapServers) {
            return Map.of(
                    "bootstrap.servers", bootstrapServers,
                    "request.timeout.ms", "700",
                    "delivery.timeout.ms", "1500",
                    "max.block.ms", "1500",
                    "default.api.timeout.ms", "1500",
                    "socket.connection.setup.timeout.ms", "1000",
                    "reconnect.backoff.ms", "10",
                    "reconnect.backoff.max.ms", "100");
        }
    }

    private Rig(Cluster cluster, JobSpec job, Admin admin, StagingArea staging) {
        this.cluster = cluster;
        this.job = job;
        this.clients = new KafkaClients(KafkaSettings.of(cluster.product()), READER, cluster.retryTimes());
        this.admin = admin;
        this.staging = staging;
        this.producer = new KafkaProducer<>(writerSettings(), new ByteArraySerializer(), new ByteArraySerializer());
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
        Admin admin = Admin.create(client(cluster));
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
        return client(Cluster.shared());
    }

    private static Properties client(Cluster cluster) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", cluster.bootstrapServers());
        // Tests create thousands of clients, and each would register some hundred meters.
        settings.put("metric.reporters", "");
        settings.put("enable.metrics.push", "false");
        return settings;
    }

    /** Settings of a plain client of the cluster that this rig is in; a new object. */
    public Properties clientSettings() {
        return client(cluster);
    }

    /** The same for other producers. */
    Properties writerSettings() {
        Properties settings = clientSettings();
        // With more requests in flight, a batch to a new topic can stay out of order forever (KAFKA-15591).
        settings.put("max.in.flight.requests.per.connection", "1");
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
        return JobNames.stateTopic(job.name());
    }

    public String group() {
        return JobNames.group(job.name());
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
        pending.add(producer.send(new ProducerRecord<>(input(), partition, null, value)));
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
    public Run newRun() {
        return new Run(job, Checkpoints.NONE);
    }

    public Run newRun(Checkpoints checkpoints) {
        return new Run(job, checkpoints);
    }

    public Run newRun(JobSpec changed, Checkpoints checkpoints) {
        return new Run(changed, checkpoints);
    }

    /** A whole run: plan, every slice, commit. */
    public Run runAll() {
        return newRun().all();
    }

    /** The steps of one run. */
    public final class Run {
        private final JobSpec runJob;
        private final String runId = UUID.randomUUID().toString();
        private final Checkpoints checkpoints;
        private StagingArea stagingArea = staging;
        private WorkerMemory memory = WorkerMemory.ofHeap();
        private ProduceStep produceStep;
        private @Nullable RunPlan plan;
        private final List<PartitionVerdict> verdicts = new ArrayList<>();

        Run(JobSpec runJob, Checkpoints checkpoints) {
            this.runJob = runJob;
            this.checkpoints = checkpoints;
            this.produceStep = new ProduceStep(clients, staging, memory, checkpoints);
        }

        /** Uses another produce step: a mutant. */
        public Run producingWith(ProduceStep step) {
            this.produceStep = step;
            return this;
        }

        /** Continues on another machine: with another folder for staged files. */
        public Run stagingIn(StagingArea other) {
            this.stagingArea = other;
            this.produceStep = new ProduceStep(clients, other, memory, checkpoints);
            return this;
        }

        /** Continues in a worker with this memory. */
        public Run within(WorkerMemory other) {
            this.memory = other;
            this.produceStep = new ProduceStep(clients, stagingArea, memory, checkpoints);
            return this;
        }

        public String runId() {
            return runId;
        }

        public RunPlan plan() {
            RunPlan made = new Planner(clients, checkpoints).plan(runJob, runId);
            plan = made;
            return made;
        }

        private RunPlan planned() {
            return plan == null ? plan() : plan;
        }

        public List<PartitionVerdict> verdicts() {
            return verdicts;
        }

        public SliceRef slice(int slice) {
            return new SliceRef(runJob, runId, planned().identity(), slice);
        }

        /** The plan's ranges by slice. */
        public Map<Integer, List<PartitionRange>> slices() {
            Map<Integer, List<PartitionRange>> slices = new TreeMap<>();
            for (PartitionRange each : planned().ranges()) {
                slices.computeIfAbsent(runJob.sliceOf(each.partition()), s -> new ArrayList<>())
                        .add(each);
            }
            return slices;
        }

        public Staged consume(int slice, int split, List<PartitionRange> ranges) {
            return new ConsumeStep(clients, stagingArea, "host", memory, checkpoints)
                    .consume(slice(slice), split, ranges, StepProgress.NONE);
        }

        public Staged aggregate(int slice, List<Staged> partials) throws StagedLostException {
            return new AggregateStep(stagingArea, memory, checkpoints)
                    .aggregate(slice(slice), partials, StepProgress.NONE);
        }

        public List<PartitionVerdict> produce(int slice, Staged delta) {
            List<PartitionVerdict> made =
                    produceStep.produce(slice(slice), delta, StepProgress.NONE).verdicts();
            verdicts.addAll(made);
            return made;
        }

        /** Runs consume, aggregate and produce for these ranges. */
        public List<PartitionVerdict> chain(int slice, List<PartitionRange> ranges) {
            try {
                return produce(slice, aggregate(slice, List.of(consume(slice, 0, ranges))));
            } catch (StagedLostException e) {
                throw new AssertionError(e);
            }
        }

        /** Runs consume and aggregate only. */
        public Staged delta(int slice) {
            try {
                List<PartitionRange> ranges = slices().getOrDefault(slice, List.of());
                return aggregate(slice, List.of(consume(slice, 0, ranges)));
            } catch (StagedLostException e) {
                throw new AssertionError(e);
            }
        }

        public CommitResult commit() {
            return new CommitStep(clients, stagingArea, checkpoints)
                    .commit(runJob, runId, planned().identity());
        }

        /** Runs all steps. */
        public Run all() {
            plan();
            slices().forEach(this::chain);
            commit();
            return this;
        }
    }

    /** The stored progress. */
    public Map<Integer, PartitionProgress> progress() {
        awaitMarkers(admin);
        return new StateTopic(clients, stateTopic()).readStable(partitions());
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
        return get(admin.listTransactions().all()).stream()
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

    /** Changes a setting of a topic. */
    public void configure(String topic, String name, String value) {
        get(admin.incrementalAlterConfigs(Map.of(
                        new ConfigResource(ConfigResource.Type.TOPIC, topic),
                        List.of(new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET))))
                .all());
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

    /** All committed records of a topic of the shared broker up to its last stable offset. */
    public static List<ConsumerRecord<byte[], byte[]>> readCommitted(String topic) {
        return readCommitted(client(), topic);
    }

    /** All committed records of a topic up to its last stable offset. */
    public List<ConsumerRecord<byte[], byte[]>> readAll(String topic) {
        return readCommitted(clientSettings(), topic);
    }

    /** The same for a client with these settings. */
    public static List<ConsumerRecord<byte[], byte[]>> readCommitted(Properties settings, String topic) {
        try (Admin admin = Admin.create(settings)) {
            awaitMarkers(admin);
        }
        settings.put("isolation.level", "read_committed");
        settings.put("auto.offset.reset", "none");
        settings.put("fetch.max.wait.ms", "10");
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(each -> new TopicPartition(topic, each.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (!ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue())) {
                consumer.poll(Duration.ofMillis(50)).forEach(records::add);
            }
        }
        return records;
    }

    /**
     * Waits until all ended transactions have their markers: the response to a commit comes before they are written,
     * and until then the last stable offset hides the transaction's records. Open transactions stay open.
     */
    private static void awaitMarkers(Admin admin) {
        ListTransactionsOptions ending = new ListTransactionsOptions()
                .filterStates(Set.of(TransactionState.PREPARE_COMMIT, TransactionState.PREPARE_ABORT));
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        Collection<TransactionListing> left =
                new ArrayList<>(get(admin.listTransactions(ending).all()));
        while (!left.isEmpty()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("these transactions were ended, and their markers are not written: " + left);
            }
            // Transactions that end meanwhile belong to other tests.
            left.retainAll(get(admin.listTransactions(ending).all()));
        }
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
        admin.deleteTopics(List.of(input(), output(), stateTopic(), JobNames.deadLetterTopic(output())));
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
