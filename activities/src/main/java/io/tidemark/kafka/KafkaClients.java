package io.tidemark.kafka;

import io.tidemark.settings.KafkaSettings;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
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
 * shared; consumers and producers belong to whoever asked. A transactional producer is never shared or kept: it can be
 * fenced only once.
 */
public final class KafkaClients implements AutoCloseable {
    private static final int MIB = 1024 * 1024;

    /** Rows of the largest slice and dead letters of the largest messages fit; a broker's own limit is far lower. */
    private static final int PRODUCER_BUFFER = 64 * MIB;

    private final KafkaSettings settings;
    private @Nullable Admin admin;

    /** Clients for one cluster. */
    public KafkaClients(KafkaSettings settings) {
        this.settings = settings;
    }

    /** The cluster's bootstrap servers, for messages. */
    public String bootstrapServers() {
        return settings.bootstrapServers();
    }

    synchronized Admin admin() {
        if (admin == null) {
            Map<String, Object> config = settings.common();
            config.put(CommonClientConfigs.CLIENT_ID_CONFIG, "tidemark-admin");
            config.put(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, 30_000);
            config.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, 15_000);
            // describeConsumerGroups asks for a group of the new protocol first, and sleeps once before it asks for one
            // of ours: 100 ms by default, in each plan and each commit.
            config.putIfAbsent(CommonClientConfigs.RETRY_BACKOFF_MS_CONFIG, 5);
            config.put("enable.metrics.push", false);
            admin = Admin.create(config);
        }
        return admin;
    }

    /**
     * A consumer for bulk reading that hands over bytes without copying them.
     *
     * @param partitions how many it will read at once; many get less memory each
     */
    Consumer<ByteBuffer, ByteBuffer> inputConsumer(int partitions) {
        Map<String, Object> config = readerConfig("tidemark-input");
        // Measured (docs/performance.md): fewer, larger fetches; the kernel's own socket buffer is 10 % faster.
        config.putIfAbsent(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, partitions > 100 ? MIB : 4 * MIB);
        config.putIfAbsent(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5_000);
        config.putIfAbsent(ConsumerConfig.RECEIVE_BUFFER_CONFIG, -1);
        return new KafkaConsumer<>(config, new ByteBufferDeserializer(), new ByteBufferDeserializer());
    }

    /** A consumer for short reads of the state topic. */
    Consumer<byte[], byte[]> stateConsumer() {
        return new KafkaConsumer<>(
                readerConfig("tidemark-state"), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** A consumer that only lends its group's name to a transaction; it never joins the group. */
    Consumer<byte[], byte[]> groupConsumer(String group) {
        Map<String, Object> config = readerConfig("tidemark-group");
        config.put(ConsumerConfig.GROUP_ID_CONFIG, group);
        return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
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
        config.put("enable.metrics.push", false);
        return config;
    }

    /** A new transactional producer; {@code initTransactions} is the caller's first call. */
    Producer<byte[], byte[]> producer(String transactionalId) {
        Map<String, Object> config = producerConfig();
        config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
        return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private Map<String, Object> producerConfig() {
        Map<String, Object> config = settings.producer();
        config.put(ProducerConfig.CLIENT_ID_CONFIG, "tidemark-output");
        config.put(ProducerConfig.ACKS_CONFIG, "all");
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        // On a topic that was just created the first batch can be refused and the second taken; the first is then out
        // of
        // order until its delivery times out (KAFKA-15591, in 4.4.0 still). One at a time, and larger, costs nothing.
        config.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
        config.putIfAbsent(ProducerConfig.BATCH_SIZE_CONFIG, MIB / 4);
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
        config.put("enable.metrics.push", false);
        return config;
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

    @Override
    public synchronized void close() {
        if (admin != null) {
            admin.close(Duration.ofSeconds(5));
            admin = null;
        }
    }
}
