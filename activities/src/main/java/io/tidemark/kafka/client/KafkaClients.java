package io.tidemark.kafka.client;

import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import io.tidemark.settings.ClusterProbe;
import io.tidemark.settings.KafkaSettings;
import io.tidemark.settings.RejectedSettings;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes Kafka clients. The settings that exactly-once needs override the settings file. One admin client is shared.
 * Consumers are pooled and lent to one user at a time. A transactional producer is never shared or pooled, because each
 * attempt must fence the older ones with {@code initTransactions}, once. Safe for use by several threads.
 */
public final class KafkaClients implements AutoCloseable {
    private static final int MIB = 1024 * 1024;

    /** Settings that {@link ReaderKind#FETCH} would ignore. */
    private static final Set<String> CONSUMER_ONLY = Set.of(
            // Reading from the nearest replica.
            ConsumerConfig.CLIENT_RACK_CONFIG,
            ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG,
            ConsumerConfig.METRIC_REPORTER_CLASSES_CONFIG);

    /** How many bytes a consumer requests of each partition; with many partitions it is {@link #MIB}. */
    private static final int FETCH_OF_PARTITION = 4 * MIB;

    private static final int FETCH_OF_ALL = 8 * MIB;

    /** Smaller requests save nothing. */
    private static final int MIN_FETCH = 64 * 1024;

    /**
     * The buffer of a producer, in bytes. The rows of the largest slice and the largest dead letters fit; a broker's
     * own limit is far lower.
     */
    public static final int PRODUCER_BUFFER = 64 * MIB;

    /** With more partitions than this, a client uses a smaller buffer for each of them. */
    private static final int MANY_PARTITIONS = 100;

    /**
     * Size of all batches of a producer together, in bytes, as far as {@link #SMALLEST_BATCH} and {@link
     * #LARGEST_BATCH} allow.
     */
    private static final int BATCHES = 4 * MIB;

    private static final int SMALLEST_BATCH = MIB / 64;
    private static final int LARGEST_BATCH = MIB / 4;

    /** A worker can be pointed to another cluster without a restart, by the name service. */
    private static final Duration CLUSTER_ID_AGE = Duration.ofMinutes(1);

    /** A client reads certificates from files when it is created, so the admin client is replaced now and then. */
    private static final Duration ADMIN_AGE = Duration.ofHours(1);

    private static final Logger LOG = LoggerFactory.getLogger(KafkaClients.class);

    private final KafkaSettings settings;
    private final LongSupplier nanoTime;
    private final RetryTimes retryTimes;
    private final ConsumerPool<byte[]> stateConsumers;
    private final ConsumerPool<ByteBuffer> inputConsumers;
    private final ConsumerPool<ByteBuffer> wideInputConsumers;
    private final Map<String, ConsumerGroupMetadata> groups = new ConcurrentHashMap<>();
    private final Map<Class<?>, IdlePool<?>> pools = new ConcurrentHashMap<>();
    private final Remembered<@Nullable String> clusterId;
    private volatile ReaderKind reader;
    private volatile boolean newEnough;
    private @Nullable Admin admin;
    private long adminSince;
    private @Nullable Admin retired;
    private @Nullable ConsumerConfig fetchConfig;

    /**
     * Creates clients for one cluster.
     *
     * @param reader how input topics are read; {@link ReaderKind#CONSUMER} is used instead if the settings contain one
     *     of {@link #CONSUMER_ONLY}
     */
    public KafkaClients(KafkaSettings settings, ReaderKind reader) {
        this(settings, reader, RetryTimes.DEFAULT);
    }

    /** Clients that retry for other times, for tests. */
    public KafkaClients(KafkaSettings settings, ReaderKind reader, RetryTimes retryTimes) {
        this(settings, reader, retryTimes, System::nanoTime);
    }

    KafkaClients(KafkaSettings settings, ReaderKind reader, RetryTimes retryTimes, LongSupplier nanoTime) {
        this.settings = settings;
        this.retryTimes = retryTimes;
        this.nanoTime = nanoTime;
        this.reader =
                settings.consumer().keySet().stream().anyMatch(CONSUMER_ONLY::contains) ? ReaderKind.CONSUMER : reader;
        stateConsumers = new ConsumerPool<>(this::newStateConsumer, nanoTime);
        inputConsumers = new ConsumerPool<>(() -> newInputConsumer(FETCH_OF_PARTITION), nanoTime);
        wideInputConsumers = new ConsumerPool<>(() -> newInputConsumer(MIB), nanoTime);
        clusterId = new Remembered<>(
                () -> KafkaCalls.get(
                        "id of the cluster at " + bootstrapServers(),
                        admin().describeCluster().clusterId()),
                CLUSTER_ID_AGE,
                nanoTime);
    }

    /** Creates clients for one cluster that read with {@link ReaderKind#FETCH}. */
    public KafkaClients(KafkaSettings settings) {
        this(settings, ReaderKind.FETCH);
    }

    /** Returns how long steps repeat a request. */
    public RetryTimes retryTimes() {
        return retryTimes;
    }

    /** Returns the cluster's bootstrap servers, for messages. */
    public String bootstrapServers() {
        return settings.bootstrapServers();
    }

    /**
     * Returns Kafka's id of the cluster, or null if the cluster has none. It is requested at most once a minute.
     *
     * @throws TidemarkException if the cluster cannot be reached
     */
    public @Nullable String clusterId() {
        return clusterId.get();
    }

    /** Returns how input topics are read. */
    public ReaderKind reader() {
        return reader;
    }

    /** Reads input topics with {@link ReaderKind#CONSUMER} from now on: the client lacks classes that the other needs. */
    public void readWithConsumer(LinkageError missing) {
        if (reader == ReaderKind.FETCH) {
            reader = ReaderKind.CONSUMER;
            LOG.atWarn()
                    .addKeyValue("reason", missing.toString())
                    .log(
                            "this version of kafka-clients lacks what the fast reader needs; inputs are read by a consumer,"
                                    + " which takes twice the time");
        }
    }

    /** Returns about how many bytes of fetched records a reader of {@code partitions} ranges holds in memory. */
    public long fetchedBytes(int partitions) {
        if (reader == ReaderKind.CONSUMER) {
            // It holds one response for each partition, from whatever broker, until its records have been returned.
            return (long) partitions
                    * number(
                            ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
                            partitions > MANY_PARTITIONS ? MIB : FETCH_OF_PARTITION);
        }
        // An upper bound also for smaller requests: a broker sends a batch that is larger than the request whole.
        long wanted = (long) partitions
                * Math.max(FETCH_OF_PARTITION, number(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, MIB));
        // The leaders share fetch.max.bytes. Of each leader, one response is processed while the next one is received.
        long most =
                Math.max(number(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_OF_ALL), (long) partitions * MIN_FETCH);
        return 2 * Math.min(most, wanted);
    }

    /**
     * Returns how many bytes to request of each leader: together they send at most {@code fetch.max.bytes}, but each at
     * least 64 KiB.
     */
    public int fetchOfLeader(int leaders) {
        return (int)
                Math.max(MIN_FETCH, number(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_OF_ALL) / Math.max(1, leaders));
    }

    /** Returns a setting of consumers in the settings file, or the default. */
    private long number(String name, int preset) {
        Object set = settings.consumer().get(name);
        try {
            return set == null ? preset : Long.parseLong(set.toString().strip());
        } catch (NumberFormatException e) {
            // The client itself refuses it with a better message.
            return preset;
        }
    }

    /**
     * Returns the pool of idle connections of a class that other packages define. It is closed with these clients.
     *
     * @param kind its {@code close} must not wait for a broker
     */
    @SuppressWarnings("unchecked") // each class is mapped to a pool of its own objects
    public <C extends AutoCloseable> IdlePool<C> idle(Class<C> kind) {
        return (IdlePool<C>) pools.computeIfAbsent(kind, unused -> new IdlePool<C>(KafkaClients::close, nanoTime));
    }

    private static void close(AutoCloseable connection) {
        try {
            connection.close();
        } catch (Exception e) {
            LOG.atDebug().setCause(e).log("connection not closed cleanly");
        }
    }

    /**
     * Requires that the brokers are at least Kafka {@value BrokerVersions#LEAST}. They are asked until they are.
     *
     * @throws io.tidemark.run.TidemarkException REFUSED_BY_KAFKA with the ids of older brokers
     */
    public void requireBrokerVersions() {
        if (!newEnough) {
            BrokerVersions.require(admin(), bootstrapServers(), (int)
                    number(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, 30_000));
            newEnough = true;
        }
    }

    public synchronized Admin admin() {
        if (admin == null) {
            admin = settings.client(() -> Admin.create(adminConfig()));
            adminSince = nanoTime.getAsLong();
        }
        return admin;
    }

    public Map<String, Object> adminConfig() {
        Map<String, Object> config = settings.common();
        config.put(CommonClientConfigs.CLIENT_ID_CONFIG, "tidemark-admin");
        // Producers do not know this setting, so it is not among the common ones. It ends a call that gets no answer:
        // an idle admin client does not check request.timeout.ms.
        config.put(
                CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG,
                settings.consumer().getOrDefault(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, 30_000));
        config.putIfAbsent(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, 15_000);
        // describeConsumerGroups first asks for a group of the new protocol, and waits retry.backoff.ms before it asks
        // for a classic one: 100 ms by default, in each plan and each commit.
        config.putIfAbsent(CommonClientConfigs.RETRY_BACKOFF_MS_CONFIG, 5);
        quiet(config);
        return config;
    }

    /**
     * Lends a consumer for bulk reading that hands over bytes without copying them.
     *
     * @param partitions how many partitions it reads at once; with many, the buffer for each is smaller
     */
    public ConsumerPool.Loan<ByteBuffer> inputConsumer(String topic, int partitions) {
        return (partitions > MANY_PARTITIONS ? wideInputConsumers : inputConsumers).lend(topic);
    }

    private Consumer<ByteBuffer, ByteBuffer> newInputConsumer(int fetchBytes) {
        return settings.client(() -> new KafkaConsumer<>(
                inputConfig(fetchBytes), new ByteBufferDeserializer(), new ByteBufferDeserializer()));
    }

    /** Returns the settings of fetch connections. They are validated once, because that is slow. */
    public synchronized ConsumerConfig fetchConfig() {
        if (fetchConfig == null) {
            // 1 MiB fits into the processor's cache while it is processed: ten million records take 1.9 s of CPU time,
            // with 4 MiB 2.2 s.
            Map<String, Object> config = inputConfig(MIB);
            // Two responses are in memory at once: the one being processed and the next one.
            config.putIfAbsent(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_OF_ALL);
            config.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteBufferDeserializer.class);
            config.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteBufferDeserializer.class);
            fetchConfig = settings.client(() -> new ConsumerConfig(config));
        }
        return fetchConfig;
    }

    private Map<String, Object> inputConfig(int fetchBytes) {
        Map<String, Object> config = readerConfig("tidemark-input");
        // Brokers before 3.8 cancel the read of a tiered segment after this time, so that a shorter one never returns
        // its records (KIP-1018). A range ends where records exist, so its reader does not wait for new ones.
        config.putIfAbsent(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 500);
        // Measured (docs/performance.md): fewer and larger fetches; the kernel's default socket buffer is 10 % faster.
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
        // Every bounded read waits this long at its end. The default is 500 ms. Brokers do not tier compacted topics.
        config.putIfAbsent(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 5);
        // A state topic is read one or two records per partition, from thousands of partitions at once.
        config.putIfAbsent(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5_000);
        // The default is 50 MiB per response.
        config.putIfAbsent(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 4 * MIB);
        return settings.client(
                () -> new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer()));
    }

    /**
     * Returns the metadata with which a transaction commits offsets of {@code group}, which has no members. Only a
     * consumer can create it. It never changes, so it is kept.
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
        // Any other value silently reads records again or skips them (docs/kafka-facts.md, 5).
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        config.putIfAbsent(ConsumerConfig.RETRY_BACKOFF_MS_CONFIG, 5);
        config.putIfAbsent(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 30_000);
        config.putIfAbsent(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, 15_000);
        quiet(config);
        return config;
    }

    /**
     * Returns a new transactional producer; the caller must call {@code initTransactions} first.
     *
     * @param partitions how many partitions it writes to at once, over all topics; with many, the batch for each is
     *     smaller
     */
    public Producer<byte[], byte[]> producer(String transactionalId, int partitions) {
        Map<String, Object> config = producerConfig();
        // The producer allocates a whole batch for each partition, however few records it gets.
        int batch = Math.max(SMALLEST_BATCH, Math.min(LARGEST_BATCH, BATCHES / Math.max(1, partitions)));
        config.putIfAbsent(ProducerConfig.BATCH_SIZE_CONFIG, batch);
        config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
        return settings.client(() -> new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer()));
    }

    /** Returns the time after which the broker aborts an open transaction of this worker. */
    public Duration transactionTimeout() {
        Object millis = producerConfig().get(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG);
        return Duration.ofMillis(Long.parseLong(String.valueOf(millis).strip()));
    }

    private Map<String, Object> producerConfig() {
        Map<String, Object> config = settings.producer();
        config.put(ProducerConfig.CLIENT_ID_CONFIG, "tidemark-output");
        config.put(ProducerConfig.ACKS_CONFIG, "all");
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        // On a topic that was just created, the broker can reject the first batch and accept the second one. The first
        // is then out of order until its delivery times out (KAFKA-15591, not fixed in 4.4.0). One request at a time
        // costs nothing here.
        config.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
        // Every new producer waits this long before it knows its coordinator. The default is 100 ms.
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

    /** Turns off metrics of short-lived clients: registering them in JMX costs more than the clients' work. */
    private static void quiet(Map<String, Object> config) {
        config.put("enable.metrics.push", false);
        config.putIfAbsent(CommonClientConfigs.METRIC_REPORTER_CLASSES_CONFIG, "");
    }

    /**
     * Makes one client of each kind, without waiting for Kafka.
     *
     * @throws io.tidemark.settings.RejectedSettings if a client rejects its settings
     */
    public void check() {
        admin();
        newStateConsumer().close();
        newInputConsumer(MIB).close();
        producer("tidemark/check", 1).close(Duration.ZERO);
    }

    /**
     * Returns the failure with its cause in the message, if Kafka did not answer and a probe of the cluster finds out why. A
     * cause that lasts until somebody changes the settings is not retried.
     */
    public TidemarkException explain(TidemarkException failure) {
        if (failure.kind() != FailureKind.KAFKA_UNAVAILABLE) {
            return failure;
        }
        ClusterProbe.Answer answer;
        try {
            answer = ClusterProbe.ask(settings);
        } catch (RejectedSettings e) {
            return new TidemarkException(FailureKind.REFUSED_BY_KAFKA, String.valueOf(e.getMessage()), failure);
        }
        return switch (answer.finding()) {
            case REACHED -> failure;
            case NOT_AUTHENTICATED -> explained(FailureKind.NOT_AUTHENTICATED, answer, failure);
            case REFUSED -> explained(FailureKind.REFUSED_BY_KAFKA, answer, failure);
            case DOWN, UNKNOWN_HOST -> explained(FailureKind.KAFKA_UNAVAILABLE, answer, failure);
        };
    }

    private static TidemarkException explained(
            FailureKind kind, ClusterProbe.Answer answer, TidemarkException failure) {
        return new TidemarkException(kind, answer.sentence() + " (" + failure.getMessage() + ")", failure);
    }

    /**
     * Returns warnings about the cluster for the log at start. Also verifies that the cluster can be reached.
     *
     * @throws TidemarkException if it cannot
     */
    public List<String> startupWarnings() {
        requireBrokerVersions();
        FinalizedVersionRange version = KafkaCalls.get(
                        "features of the cluster at " + bootstrapServers(),
                        admin().describeFeatures().featureMetadata())
                .finalizedFeatures()
                .get("transaction.version");
        return version != null && version.maxVersionLevel() >= 2
                ? List.of()
                : List.of("the cluster at " + bootstrapServers() + " does not have transaction.version=2 (KIP-890): a"
                        + " transaction can stay open forever after its producer has died; upgrade it: kafka-features.sh"
                        + " --bootstrap-server " + bootstrapServers() + " upgrade --feature transaction.version=2");
    }

    /**
     * Closes consumers and connections that have been idle for 5 minutes, and replaces an admin client that is older
     * than an hour. The worker calls this periodically, at intervals that are longer than any call of an admin client.
     */
    public void closeIdle() {
        stateConsumers.closeIdle();
        inputConsumers.closeIdle();
        wideInputConsumers.closeIdle();
        pools.values().forEach(IdlePool::closeIdle);
        renewAdmin();
    }

    private synchronized void renewAdmin() {
        if (retired != null) {
            // No step has used it since the last time.
            retired.close(Duration.ZERO);
            retired = null;
        }
        if (admin != null && nanoTime.getAsLong() - adminSince > ADMIN_AGE.toNanos()) {
            retired = admin;
            admin = null;
        }
    }

    @Override
    public synchronized void close() {
        stateConsumers.close();
        inputConsumers.close();
        wideInputConsumers.close();
        pools.values().forEach(IdlePool::close);
        for (Admin each : Arrays.asList(retired, admin)) {
            if (each != null) {
                each.close(Duration.ofSeconds(5));
            }
        }
        retired = null;
        admin = null;
    }
}
