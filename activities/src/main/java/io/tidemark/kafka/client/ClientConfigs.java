package io.tidemark.kafka.client;

import io.tidemark.settings.KafkaSettings;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteBufferDeserializer;

/**
 * The settings of each kind of client. What exactly-once needs overrides the settings file; the file overrides the
 * defaults here. Safe for use by several threads.
 */
final class ClientConfigs {
    private static final int MIB = 1024 * 1024;

    /** Settings that {@link ReaderKind#FETCH} would ignore. */
    static final Set<String> CONSUMER_ONLY = Set.of(
            // Reading from the nearest replica.
            ConsumerConfig.CLIENT_RACK_CONFIG,
            ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG,
            ConsumerConfig.METRIC_REPORTER_CLASSES_CONFIG);

    /** How many bytes a consumer requests of each partition; with many partitions {@link #FETCH_OF_MANY}. */
    static final int FETCH_OF_PARTITION = 4 * MIB;

    static final int FETCH_OF_MANY = MIB;

    private static final int FETCH_OF_ALL = 8 * MIB;

    /** Smaller requests save nothing. */
    private static final int MIN_FETCH = 64 * 1024;

    /**
     * Size of all batches of a producer together, in bytes, as far as {@link #SMALLEST_BATCH} and {@link
     * #LARGEST_BATCH} allow.
     */
    private static final int BATCHES = 4 * MIB;

    private static final int SMALLEST_BATCH = MIB / 64;
    private static final int LARGEST_BATCH = MIB / 4;

    /** With more partitions than this, a client uses a smaller buffer for each of them. */
    static final int MANY_PARTITIONS = 100;

    /**
     * The first wait before a request is repeated, in milliseconds; the waits after it double up to {@code
     * retry.backoff.max.ms}. Every new producer waits this long before it knows a coordinator. The default is 100 ms.
     */
    private static final int FIRST_BACKOFF = 1;

    private final KafkaSettings settings;

    ClientConfigs(KafkaSettings settings) {
        this.settings = settings;
    }

    /** Returns false if the settings contain one of {@link #CONSUMER_ONLY}. */
    boolean readableByFetch() {
        return settings.consumer().keySet().stream().noneMatch(CONSUMER_ONLY::contains);
    }

    /** Returns about how many bytes of fetched records a reader of {@code partitions} ranges holds in memory. */
    long fetchedBytes(ReaderKind reader, int partitions) {
        if (reader == ReaderKind.CONSUMER) {
            // It holds one response for each partition, from whatever broker, until its records have been returned.
            return (long) partitions
                    * number(
                            ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
                            partitions > MANY_PARTITIONS ? FETCH_OF_MANY : FETCH_OF_PARTITION);
        }
        // An upper bound also for smaller requests: a broker sends a batch that is larger than the request whole.
        long wanted = (long) partitions
                * Math.max(FETCH_OF_PARTITION, number(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, MIB));
        // The leaders share fetch.max.bytes. Of each leader, one response is processed while the next one is received.
        long most =
                Math.max(number(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_OF_ALL), (long) partitions * MIN_FETCH);
        return 2 * Math.min(most, wanted);
    }

    /** Returns how many bytes to request of each leader; see {@link KafkaClients#fetchOfLeader}. */
    int fetchOfLeader(int leaders) {
        return (int)
                Math.max(MIN_FETCH, number(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_OF_ALL) / Math.max(1, leaders));
    }

    /** Returns the timeout of a call of an admin client, in milliseconds. */
    int apiTimeoutMillis() {
        return (int) number(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, 30_000);
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

    /** Returns the settings of an admin client. */
    Map<String, Object> admin() {
        Map<String, Object> config = settings.common();
        config.put(CommonClientConfigs.CLIENT_ID_CONFIG, "tidemark-admin");
        // Producers do not know this setting, so it is not among the common ones. It ends a call that gets no answer:
        // an idle admin client does not check request.timeout.ms.
        config.put(
                CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG,
                settings.consumer().getOrDefault(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, 30_000));
        config.putIfAbsent(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, 15_000);
        config.putIfAbsent(CommonClientConfigs.RETRY_BACKOFF_MS_CONFIG, FIRST_BACKOFF);
        quiet(config);
        return config;
    }

    /**
     * Returns the settings of a consumer for bulk reading.
     *
     * @param fetchBytes how many bytes it requests of each partition, unless the settings file says otherwise
     */
    Map<String, Object> input(int fetchBytes) {
        Map<String, Object> config = reader("tidemark-input");
        // Brokers before 3.8 cancel the read of a tiered segment after this time, so that a shorter one never returns
        // its records (KIP-1018). A range ends where records exist, so its reader does not wait for new ones.
        config.putIfAbsent(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 500);
        // Measured (docs/performance.md): fewer and larger fetches; the kernel's default socket buffer is 10 % faster.
        config.putIfAbsent(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, fetchBytes);
        config.putIfAbsent(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5_000);
        config.putIfAbsent(ConsumerConfig.RECEIVE_BUFFER_CONFIG, -1);
        return config;
    }

    /** Returns the settings of a fetch connection. */
    Map<String, Object> fetch() {
        // 1 MiB fits into the processor's cache while it is processed: ten million records take 1.9 s of CPU time, with
        // 4 MiB 2.2 s.
        Map<String, Object> config = input(MIB);
        // Two responses are in memory at once: the one being processed and the next one.
        config.putIfAbsent(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_OF_ALL);
        config.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteBufferDeserializer.class);
        config.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteBufferDeserializer.class);
        return config;
    }

    /** Returns the settings of a consumer for short reads of a state topic. */
    Map<String, Object> state() {
        Map<String, Object> config = reader("tidemark-state");
        // Every bounded read waits this long at its end. The default is 500 ms. Brokers do not tier compacted topics.
        config.putIfAbsent(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 5);
        // A state topic is read one or two records per partition, from thousands of partitions at once.
        config.putIfAbsent(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5_000);
        // The default is 50 MiB per response.
        config.putIfAbsent(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 4 * MIB);
        return config;
    }

    /** Returns the settings of a consumer that never reads, but has the id of a group. */
    Map<String, Object> group(String group) {
        Map<String, Object> config = reader("tidemark-group");
        config.put(ConsumerConfig.GROUP_ID_CONFIG, group);
        return config;
    }

    private Map<String, Object> reader(String clientId) {
        Map<String, Object> config = settings.consumer();
        config.put(ConsumerConfig.CLIENT_ID_CONFIG, clientId);
        config.remove(ConsumerConfig.GROUP_ID_CONFIG);
        config.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "classic");
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        // Any other value silently reads records again or skips them (docs/kafka-facts.md, 5).
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        config.putIfAbsent(ConsumerConfig.RETRY_BACKOFF_MS_CONFIG, FIRST_BACKOFF);
        config.putIfAbsent(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 30_000);
        config.putIfAbsent(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, 15_000);
        quiet(config);
        return config;
    }

    /**
     * Returns the settings of a transactional producer.
     *
     * @param partitions how many partitions it writes to at once, over all topics
     */
    Map<String, Object> producer(String transactionalId, int partitions) {
        Map<String, Object> config = producer();
        // The producer allocates a whole batch for each partition, however few records it gets.
        int batch = Math.max(SMALLEST_BATCH, Math.min(LARGEST_BATCH, BATCHES / Math.max(1, partitions)));
        config.putIfAbsent(ProducerConfig.BATCH_SIZE_CONFIG, batch);
        config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
        return config;
    }

    /** Returns the time after which the broker aborts an open transaction. */
    Duration transactionTimeout() {
        Object millis = producer().get(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG);
        return Duration.ofMillis(Long.parseLong(String.valueOf(millis).strip()));
    }

    private Map<String, Object> producer() {
        Map<String, Object> config = settings.producer();
        config.put(ProducerConfig.CLIENT_ID_CONFIG, "tidemark-output");
        config.put(ProducerConfig.ACKS_CONFIG, "all");
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        // On a topic that was just created, the broker can reject the first batch and accept the second one. The first
        // is then out of order until its delivery times out (KAFKA-15591, not fixed in 4.4.0). One request at a time
        // costs nothing here.
        config.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
        config.putIfAbsent(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, FIRST_BACKOFF);
        config.putIfAbsent(ProducerConfig.RETRY_BACKOFF_MAX_MS_CONFIG, 100);
        config.putIfAbsent(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 60_000);
        config.putIfAbsent(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000);
        config.putIfAbsent(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 15_000);
        config.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, 15_000);
        config.putIfAbsent(ProducerConfig.COMPRESSION_TYPE_CONFIG, "zstd");
        config.putIfAbsent(ProducerConfig.BUFFER_MEMORY_CONFIG, KafkaClients.PRODUCER_BUFFER);
        config.putIfAbsent(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, KafkaClients.PRODUCER_BUFFER / 2);
        quiet(config);
        return config;
    }

    /** Turns off metrics of short-lived clients: registering them in JMX costs more than the clients' work. */
    private static void quiet(Map<String, Object> config) {
        config.put("enable.metrics.push", false);
        config.putIfAbsent(CommonClientConfigs.METRIC_REPORTER_CLASSES_CONFIG, "");
    }
}
