package io.tidemark.kafka.client;

import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import io.tidemark.settings.ClusterProbe;
import io.tidemark.settings.KafkaSettings;
import io.tidemark.settings.RejectedSettings;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    /**
     * The buffer of a producer, in bytes. The rows of the largest slice and the largest dead letters fit; a broker's
     * own limit is far lower.
     */
    public static final int PRODUCER_BUFFER = 64 * 1024 * 1024;

    /** A worker can be pointed to another cluster without a restart, by the name service. */
    private static final Duration CLUSTER_ID_AGE = Duration.ofMinutes(1);

    /** A client reads certificates from files when it is created, so the admin client is replaced now and then. */
    private static final Duration ADMIN_AGE = Duration.ofHours(1);

    private static final Logger LOG = LoggerFactory.getLogger(KafkaClients.class);

    private final KafkaSettings settings;
    private final ClientConfigs configs;
    private final LongSupplier nanoTime;
    private final RetryTimes retryTimes;
    private final ConsumerPool<byte[]> stateConsumers;
    private final ConsumerPool<ByteBuffer> inputConsumers;
    private final ConsumerPool<ByteBuffer> wideInputConsumers;
    private final Map<String, ConsumerGroupMetadata> groups = new ConcurrentHashMap<>();
    private final Map<Class<?>, IdlePool<?>> pools = new ConcurrentHashMap<>();
    private final Remembered<@Nullable String> clusterId;
    private volatile ReaderKind reader;
    private volatile KafkaObserver observer = KafkaObserver.NONE;
    private volatile boolean newEnough;
    private @Nullable Admin admin;
    private long adminSince;
    private @Nullable Admin retired;
    private @Nullable ConsumerConfig fetchConfig;

    /**
     * Creates clients for one cluster.
     *
     * @param reader how input topics are read; {@link ReaderKind#CONSUMER} is used instead if the settings contain one
     *     of {@link ClientConfigs#CONSUMER_ONLY}
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
        this.configs = new ClientConfigs(settings);
        this.retryTimes = retryTimes;
        this.nanoTime = nanoTime;
        this.reader = configs.readableByFetch() ? reader : ReaderKind.CONSUMER;
        stateConsumers = new ConsumerPool<>(this::newStateConsumer, nanoTime);
        inputConsumers = new ConsumerPool<>(() -> newInputConsumer(ClientConfigs.FETCH_OF_PARTITION), nanoTime);
        wideInputConsumers = new ConsumerPool<>(() -> newInputConsumer(ClientConfigs.FETCH_OF_MANY), nanoTime);
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

    /** Tells {@code all} what clients do from now on. */
    public void tell(KafkaObserver all) {
        observer = all;
    }

    /** Returns who is told what clients do. */
    public KafkaObserver observer() {
        return observer;
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

    /**
     * Returns when a broker has answered, after at most 35 s.
     *
     * @throws TidemarkException if none does
     */
    public void requireAnswer() {
        KafkaCalls.get(
                "a request to the cluster at " + bootstrapServers(),
                admin().describeCluster().clusterId());
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
        return configs.fetchedBytes(reader, partitions);
    }

    /**
     * Returns how many bytes to request of each leader: together they send at most {@code fetch.max.bytes}, but each at
     * least 64 KiB.
     */
    public int fetchOfLeader(int leaders) {
        return configs.fetchOfLeader(leaders);
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
            BrokerVersions.require(admin(), bootstrapServers(), configs.apiTimeoutMillis());
            newEnough = true;
        }
    }

    public synchronized Admin admin() {
        if (admin == null) {
            admin = settings.client(() -> Admin.create(configs.admin()));
            adminSince = nanoTime.getAsLong();
        }
        return admin;
    }

    /**
     * Returns a new admin client, which has not learnt yet who leads a partition. The caller closes it.
     *
     * @param purpose part of its client id: a JVM warns of two clients with one id
     */
    public Admin newAdmin(String purpose) {
        Map<String, Object> config = new HashMap<>(configs.admin());
        config.merge(CommonClientConfigs.CLIENT_ID_CONFIG, purpose, (id, more) -> id + "-" + more);
        return settings.client(() -> Admin.create(config));
    }

    /**
     * Lends a consumer for bulk reading that hands over bytes without copying them.
     *
     * @param partitions how many partitions it reads at once; with many, the buffer for each is smaller
     */
    public ConsumerPool.Loan<ByteBuffer> inputConsumer(String topic, int partitions) {
        return (partitions > ClientConfigs.MANY_PARTITIONS ? wideInputConsumers : inputConsumers).lend(topic);
    }

    private Consumer<ByteBuffer, ByteBuffer> newInputConsumer(int fetchBytes) {
        return settings.client(() -> new KafkaConsumer<>(
                configs.input(fetchBytes), new ByteBufferDeserializer(), new ByteBufferDeserializer()));
    }

    /** Returns the settings of fetch connections. They are validated once, because that is slow. */
    public synchronized ConsumerConfig fetchConfig() {
        if (fetchConfig == null) {
            fetchConfig = settings.client(() -> new ConsumerConfig(configs.fetch()));
        }
        return fetchConfig;
    }

    /** Lends a consumer for short reads of a state topic. */
    public ConsumerPool.Loan<byte[]> stateConsumer(String topic) {
        return stateConsumers.lend(topic);
    }

    private Consumer<byte[], byte[]> newStateConsumer() {
        return settings.client(
                () -> new KafkaConsumer<>(configs.state(), new ByteArrayDeserializer(), new ByteArrayDeserializer()));
    }

    /**
     * Returns the metadata with which a transaction commits offsets of {@code group}, which has no members. Only a
     * consumer can create it. It never changes, so it is kept.
     */
    public ConsumerGroupMetadata group(String group) {
        return groups.computeIfAbsent(group, name -> {
            try (Consumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                    configs.group(name), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                return consumer.groupMetadata();
            }
        });
    }

    /**
     * Returns a new transactional producer; the caller must call {@code initTransactions} first.
     *
     * @param partitions how many partitions it writes to at once, over all topics; with many, the batch for each is
     *     smaller
     */
    public Producer<byte[], byte[]> producer(String transactionalId, int partitions) {
        return settings.client(() -> new KafkaProducer<>(
                configs.producer(transactionalId, partitions), new ByteArraySerializer(), new ByteArraySerializer()));
    }

    /** Returns the time after which the broker aborts an open transaction of this worker. */
    public Duration transactionTimeout() {
        return configs.transactionTimeout();
    }

    /**
     * Makes one client of each kind, without waiting for Kafka.
     *
     * @throws io.tidemark.settings.RejectedSettings if a client rejects its settings
     */
    public void check() {
        admin();
        newStateConsumer().close();
        newInputConsumer(ClientConfigs.FETCH_OF_MANY).close();
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
        return hangingTransactions().stream().toList();
    }

    /** Returns a sentence if transactions of the cluster can hang, which brokers prevent with transaction.version=2. */
    public Optional<String> hangingTransactions() {
        FinalizedVersionRange version = KafkaCalls.get(
                        "features of the cluster at " + bootstrapServers(),
                        admin().describeFeatures().featureMetadata())
                .finalizedFeatures()
                .get("transaction.version");
        return version != null && version.maxVersionLevel() >= 2
                ? Optional.empty()
                : Optional.of("the cluster at " + bootstrapServers()
                        + " does not have transaction.version=2 (KIP-890): a"
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
