package io.tidemark.bench;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * Means by partition and day with exactly-once Kafka Streams, as an expert would write it: no repartitioning, an
 * in-memory store with cache and changelog, rows at the end of transactions rather than for each record. The keys of its
 * rows start with the partition, because two partitions have separate rows of a day. Reads to the
 * current end of the topic, commits, writes "committed" to standard output, and ends when its standard input does.
 */
final class StreamsProcess {

    private static final String STORE = "days";
    private static final String THREADS = "2";

    /** The default commit interval of exactly-once. */
    private static final Duration EMIT_EVERY = Duration.ofMillis(100);

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("dd/MM/yyyy HH:mm:ss", Locale.ROOT);
    private static final ObjectMapper JSON = new ObjectMapper();

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Reading(String datetime, double voltage) {}

    record Total(long count, double sum) {}

    private StreamsProcess() {}

    /** Starts the process. It needs the Kafka clients of its own version in front of the class path. */
    static ChildJvm start(String heap, String... arguments) {
        String clients = System.getProperty("tidemark.streams.clients", "");
        if (!Files.exists(Path.of(clients))) {
            throw new IllegalStateException("the Kafka clients for Kafka Streams are not at '" + clients
                    + "'; start the bench with ./tidemark bench, which sets tidemark.streams.clients");
        }
        return ChildJvm.start(StreamsProcess.class, List.of(clients), heap, arguments);
    }

    /** Arguments: bootstrap servers, application id, input topic, output topic. */
    @SuppressWarnings("SystemOut") // The parent process reads the line.
    public static void main(String[] arguments) throws Exception {
        AtomicLong left = new AtomicLong(records(arguments[0], arguments[2]));
        CountDownLatch done = new CountDownLatch(1);
        StreamsBuilder builder = new StreamsBuilder();
        builder.addStateStore(
                Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(STORE), Serdes.String(), new TotalSerde())
                        .withCachingEnabled());
        builder.stream(arguments[2], Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()))
                .process(() -> new Days(left, done), STORE)
                .to(arguments[3], Produced.with(Serdes.String(), Serdes.String()));
        KafkaStreams streams = new KafkaStreams(builder.build(), settings(arguments[0], arguments[1]));
        streams.setUncaughtExceptionHandler(failure -> {
            failure.printStackTrace();
            Runtime.getRuntime().halt(1);
            throw new AssertionError(failure);
        });
        streams.start();
        done.await();
        // Commits the rest.
        streams.close();
        System.out.println("committed");
        ChildJvm.endWithTheParent();
    }

    private static Properties settings(String bootstrapServers, String application) {
        Properties settings = new Properties();
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, application);
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, THREADS);
        settings.put("auto.offset.reset", "earliest");
        return settings;
    }

    private static long records(String bootstrapServers, String topic) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            int partitions = requireNonNull(admin.describeTopics(List.of(topic))
                            .allTopicNames()
                            .get()
                            .get(topic))
                    .partitions()
                    .size();
            Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
            IntStream.range(0, partitions)
                    .forEach(each -> ends.put(new TopicPartition(topic, each), OffsetSpec.latest()));
            return admin.listOffsets(ends).all().get().values().stream()
                    .mapToLong(each -> each.offset())
                    .sum();
        }
    }

    /** Adds the readings of one partition to the totals of their days, and forwards changed days. */
    @SuppressWarnings("NullAway.Init") // Kafka Streams calls init first.
    private static final class Days implements Processor<byte[], byte[], String, String> {
        private final AtomicLong left;
        private final CountDownLatch done;
        private final Set<String> changed = new HashSet<>();
        private ProcessorContext<String, String> context;
        private KeyValueStore<String, Total> totals;
        private long unforwarded;

        Days(AtomicLong left, CountDownLatch done) {
            this.left = left;
            this.done = done;
        }

        @Override
        public void init(ProcessorContext<String, String> context) {
            this.context = context;
            totals = context.getStateStore(STORE);
            context.schedule(EMIT_EVERY, PunctuationType.WALL_CLOCK_TIME, this::forward);
        }

        @Override
        public void process(Record<byte[], byte[]> record) {
            try {
                Reading reading = JSON.readValue(record.value(), Reading.class);
                String day = LocalDate.from(LocalDateTime.parse(reading.datetime(), TIME))
                        .toString();
                Total before = totals.get(day);
                totals.put(
                        day,
                        before == null
                                ? new Total(1, reading.voltage())
                                : new Total(before.count() + 1, before.sum() + reading.voltage()));
                changed.add(day);
                unforwarded++;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void forward(long now) {
            for (String day : changed) {
                Total total = totals.get(day);
                context.forward(new Record<>(
                        context.taskId().partition() + "/" + day,
                        "{\"date\":\"" + day + "\",\"count\":" + total.count() + ",\"voltage\":"
                                + total.sum() / total.count() + "}",
                        now));
            }
            changed.clear();
            if (left.addAndGet(-unforwarded) == 0) {
                done.countDown();
            }
            unforwarded = 0;
        }
    }

    /** Serializes a total as 16 bytes. */
    private static final class TotalSerde implements Serde<Total> {
        @Override
        public Serializer<Total> serializer() {
            return (topic, total) -> total == null
                    ? null
                    : ByteBuffer.allocate(16)
                            .putLong(total.count())
                            .putDouble(total.sum())
                            .array();
        }

        @Override
        public Deserializer<Total> deserializer() {
            return (topic, bytes) -> {
                if (bytes == null) {
                    return null;
                }
                ByteBuffer buffer = ByteBuffer.wrap(bytes);
                return new Total(buffer.getLong(), buffer.getDouble());
            };
        }
    }
}
