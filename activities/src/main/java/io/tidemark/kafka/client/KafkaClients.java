package io.tidemark.kafka.client;

import io.tidemark.settings.KafkaSettings;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.ByteBufferDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Makes Kafka clients. What exactly-once needs is set here, over whatever the settings file says. One admin client is
 * shared. Consumers are kept and lent to one user at a time. A transactional producer is never shared or kept: it can be
 * fenced only once.
 */
public final class KafkaClients implements AutoCloseable {
    private static final int MIB = 1024 * 1024;

    /** Settings that {@link ReaderKind#FETCH} would ignore. */
    private static final Set<String> CONSUMER_ONLY = Set.of(
            // Reading from the nearest replica.
            ConsumerConfig.CLIENT_RACK_CONFIG,
            ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG,
            ConsumerConfig.METRIC_REPORTER_CLASSES_CONFIG);

    /** What a consumer asks for; one that reads many partitions asks for {@link #MIB} of each. */
    private static final int FETCH_OF_PARTITION = 4 * MIB;

    private static final int FETCH_OF_ALL = 8 * MIB;

    /** Rows of the largest slice and dead letters of the largest messages fit; a broker's own limit is far lower. */
    public static final int PRODUCER_BUFFER = 64 * MIB;

    /** Beyond so many the buffers of a client, one for each partition, are made smaller. */
    private static final int MANY_PARTITIONS = 100;

    /** All batches of a producer together, while each is within its bounds. */
    private static final int BATCHES = 4 * MIB;

    private static final int SMALLEST_BATCH = MIB / 64;
    private static final int LARGEST_BATCH = MIB / 4;

    private final KafkaSettings settings;
    private final ReaderKind reader;
    private final Patience patience;
    private final ConsumerPool<byte[]> stateConsumers;
    private final ConsumerPool<ByteBuffer> inputConsumers;
    private final ConsumerPool<ByteBuffer> wideInputConsumers;
    private final Map<String, ConsumerGroupMetadata> groups = new ConcurrentHashMap<>();
    private @Nullable Admin admin;
    private @Nullable ConsumerConfig fetchConfig;
    private volatile @Nullable String clusterId;

    /**
     * Clients for one cluster.
     *
     * @param reader how input topics are read; settings that only a consumer knows ask for a consumer
     */
    public KafkaClients(KafkaSettings settings, ReaderKind reader) {
        this(settings, reader, Patience.DEFAULT);
    }

    /** Clients that retry for other times, for tests. */
    public KafkaClients(KafkaSettings settings, ReaderKind reader, Patience patience) {
        this.settings = settings;
        this.patience = patience;
        this.reader =
                settings.consumer().keySet().stream().anyMatch(CONSUMER_ONLY::contains) ? ReaderKind.CONSUMER : reader;
        stateConsumers = new ConsumerPool<>(this::newStateConsumer, System::nanoTime);
        inputConsumers = new ConsumerPool<>(() -> newInputConsumer(FETCH_OF_PARTITION), System::nanoTime);
        wideInputConsumers = new ConsumerPool<>(() -> newInputConsumer(MIB), System::nanoTime);
    }

    /** Clients for one cluster, reading in the fastest way. */
    public KafkaClients(KafkaSettings settings) {
        this(settings, ReaderKind.FETCH);
    }

    /** How long steps ask again. */
    public Patience patience() {
        return patience;
    }

    /** The cluster's bootstrap servers, for messages. */
    public String bootstrapServers() {
        return settings.bootstrapServers();
    }

    /**
     * Kafka's own id of the cluster; asked for once, or null where it has none.
     *
     * @throws io.tidemark.run.TidemarkException when it cannot be reached
     */
    public @Nullable String clusterId() {
        String known = clusterId;
        if (known == null) {
            known = KafkaCalls.get(
                    "id of the cluster at " + bootstrapServers(),
                    admin().describeCluster().clusterId());
            clusterId = known;
        }
        return known;
    }

    /** How input topics are read. */
    public ReaderKind reader() {
        return reader;
    }

    /** About how much memory the reader of so many ranges holds of what it has fetched. */
    public long fetchedBytes(int partitions) {
        // Also where less is asked for at once: a batch that is larger than that comes whole.
        long wanted = (long) partitions * FETCH_OF_PARTITION;
        return reader == ReaderKind.FETCH
                // One response is walked while the next one comes.
                ? 2 * Math.min(FETCH_OF_ALL, wanted)
                : Math.min(ConsumerConfig.DEFAULT_FETCH_MAX_BYTES, wanted);
    }

    public synchronized Admin admin() {
        if (admin == null) {
            admin = Admin.create(adminConfig());
        }
        return admin;
    }

    public Map<String, Object> adminConfig() {
        Map<String, Object> config = settings.common();
        config.put(CommonClientConfigs.CLIENT_ID_CONFIG, "tidemark-admin");
        // Producers do not know it, so it is not among the settings of all clients. It is what ends a call whose answer
        // will never come: an admin client that has nothing else to do does not look at request.timeout.ms.
        config.put(
                CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG,
                settings.consumer().getOrDefault(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, 30_000));
        config.putIfAbsent(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, 15_000);
        // describeConsumerGroups asks for a group of the new protocol first, and sleeps once before it asks for one
        // of ours: 100 ms by default, in each plan and each commit.
        config.putIfAbsent(CommonClientConfigs.RETRY_BACKOFF_MS_CONFIG, 5);
        quiet(config);
        return config;
    }

    /**
     * Lends a consumer for bulk reading that hands over bytes without copying them.
     *
     * @param partitions how many it will read at once; many get less memory each
     */
    public ConsumerPool.Loan<ByteBuffer> inputConsumer(String topic, int partitions) {
        return (partitions > MANY_PARTITIONS ? wideInputConsumers : inputConsumers).lend(topic);
    }

    private Consumer<ByteBuffer, ByteBuffer> newInputConsumer(int fetchBytes) {
        return new KafkaConsumer<>(inputConfig(fetchBytes), new ByteBufferDeserializer(), new ByteBufferDeserializer());
    }

    /** Settings of fetch connections. Checked once, because the check is slow. */
    public synchronized ConsumerConfig fetchConfig() {
        if (fetchConfig == null) {
            // Small enough to be walked while it lies in the processor's cache: ten million records take 1.9 seconds
            // of the processor, and with 4 MiB 2.2.
            Map<String, Object> config = inputConfig(MIB);
            // Two responses are in memory at once: one that is walked and the next.
            config.putIfAbsent(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_OF_ALL);
            config.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteBufferDeserializer.class);
            config.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteBufferDeserializer.class);
            fetchConfig = new ConsumerConfig(config);
        }
        return fetchConfig;
    }

    private Map<String, Object> inputConfig(int fetchBytes) {
        Map<String, Object> config = readerConfig("tidemark-input");
        // Measured (docs/performance.md): fewer, larger fetches; the kernel's own socket buffer is 10 % faster.
        config.putIfAbsent(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, fetchBytes);
        config.putIfAbsent(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5_000);
        config.putIfAbsent(ConsumerConfig.RECEIVE_BUFFER_CONFIG, -1);
        return config;
    }

    /** Lends a consumer for short reads of a state topic. */
    public ConsumerPool.Loan<byte[]> stateConsumer(String topic) {
        return stateConsumers.lend(topic);
    }

    private Consumer<byte[], byte[]> newStateConsumer() {
        Map<String, Object> config = readerConfig("tidemark-state");
        // A record or two of each partition, of thousands of partitions at once.
        config.putIfAbsent(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5_000);
        // By default a response may have 50 MiB.
        config.putIfAbsent(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 4 * MIB);
        return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /**
     * A group's name as a transaction wants it, for a group that nobody joins. Only a consumer can make it, and it never
     * changes.
     */
    public ConsumerGroupMetadata group(String group) {
        return groups.computeIfAbsent(group, name -> {
            Map<String, Object> config = readerConfig("tidemark-group");
            config.put(ConsumerConfig.GROUP_ID_CONFIG, name);
            try (Consumer<byte[], byte[]> consumer =
                    new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                return consumer.groupMetadata();
            }
        });
    }

    private Map<String, Object> readerConfig(String clientId) {
        Map<String, Object> config = settings.consumer();
        config.put(ConsumerConfig.CLIENT_ID_CONFIG, clientId);
        config.remove(ConsumerConfig.GROUP_ID_CONFIG);
        config.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "classic");
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        // Any other reset reads again, or skips, without a word (docs/kafka-facts.md, 5).
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        // The default of 500 ms is what every bounded read would wait at its end.
        config.putIfAbsent(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 5);
        config.putIfAbsent(ConsumerConfig.RETRY_BACKOFF_MS_CONFIG, 5);
        config.putIfAbsent(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 30_000);
        config.putIfAbsent(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, 15_000);
        quiet(config);
        return config;
    }

    /**
     * A new transactional producer; {@code initTransactions} is the caller's first call.
     *
     * @param partitions how many it will write to at once, over all topics; many get less memory each
     */
    public Producer<byte[], byte[]> producer(String transactionalId, int partitions) {
        Map<String, Object> config = producerConfig();
        // Each partition that is written to takes a whole batch, however little it gets.
        int batch = Math.max(SMALLEST_BATCH, Math.min(LARGEST_BATCH, BATCHES / Math.max(1, partitions)));
        config.putIfAbsent(ProducerConfig.BATCH_SIZE_CONFIG, batch);
        config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
        return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private Map<String, Object> producerConfig() {
        Map<String, Object> config = settings.producer();
        config.put(ProducerConfig.CLIENT_ID_CONFIG, "tidemark-output");
        config.put(ProducerConfig.ACKS_CONFIG, "all");
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        // On a topic that was just created the first batch can be refused and the second taken. The first is then out
        // of order until its delivery times out (KAFKA-15591, in 4.4.0 still). One at a time costs nothing.
        config.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
        // The default of 100 ms is what every new producer would sleep before its coordinator is known.
        config.putIfAbsent(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, 5);
        config.putIfAbsent(ProducerConfig.RETRY_BACKOFF_MAX_MS_CONFIG, 100);
        config.putIfAbsent(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 60_000);
        config.putIfAbsent(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000);
        config.putIfAbsent(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 15_000);
        config.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, 15_000);
        config.putIfAbsent(ProducerConfig.COMPRESSION_TYPE_CONFIG, "zstd");
        config.putIfAbsent(ProducerConfig.BUFFER_MEMORY_CONFIG, PRODUCER_BUFFER);
        config.putIfAbsent(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, PRODUCER_BUFFER / 2);
        quiet(config);
        return config;
    }

    /** Nobody looks at the meters of clients that live for a moment; in JMX they cost more than the clients' work. */
    private static void quiet(Map<String, Object> config) {
        config.put("enable.metrics.push", false);
        config.putIfAbsent(CommonClientConfigs.METRIC_REPORTER_CLASSES_CONFIG, "");
    }

    /**
     * What a person should know about the cluster before the first run; also proves that it can be reached.
     *
     * @throws io.tidemark.run.TidemarkException when it cannot
     */
    public List<String> startupWarnings() {
        FinalizedVersionRange version = KafkaCalls.get(
                        "features of the cluster at " + bootstrapServers(),
                        admin().describeFeatures().featureMetadata())
                .finalizedFeatures()
                .get("transaction.version");
        return version != null && version.maxVersionLevel() >= 2
                ? List.of()
                : List.of("the cluster at " + bootstrapServers() + " does not have transaction.version=2 (KIP-890): a"
                        + " transaction of a client that vanished may stay open; raise it with kafka-features.sh");
    }

    /** Closes consumers that nobody has asked for in a while; to be called now and then. */
    public void closeIdle() {
        stateConsumers.closeIdle();
        inputConsumers.closeIdle();
        wideInputConsumers.closeIdle();
    }

    @Override
    public synchronized void close() {
        stateConsumers.close();
        inputConsumers.close();
        wideInputConsumers.close();
        if (admin != null) {
            admin.close(Duration.ofSeconds(5));
            admin = null;
        }
    }
}
