package io.tidemark.cli;

import io.tidemark.settings.KafkaSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of an output topic: committed records only, the last one of each key in each partition, without keys
 * whose last value is null.
 */
public final class OutputReader {
    /** How long the consumer may return nothing before the end of the topic. */
    private static final Duration SILENCE = Duration.ofSeconds(30);

    /** Offsets to go back at first: one fetch from most brokers. */
    private static final long FIRST_BACK = 1_000;

    private OutputReader() {}

    /**
     * A row: the last record of its key.
     *
     * @param partition its partition, the same as that of the records it was made from
     * @param offset its offset in the output topic
     * @param key the key, as UTF-8
     * @param value the value, as UTF-8
     */
    public record Row(int partition, long offset, String key, String value) {}

    /**
     * Rows of a topic.
     *
     * @param read the rows that were read, by key, then partition
     * @param latest those of them that were written last, as many as the limit allows, in the same order
     * @param complete whether all rows of the topic were read
     */
    record Rows(List<Row> read, List<Row> latest, boolean complete) {}

    private record Written(Row row, long time) {}

    private static final Comparator<Row> BY_KEY = Comparator.comparing(Row::key).thenComparing(Row::partition);

    /** Returns all rows of a topic; see {@link #read(KafkaSettings, String, Integer, int)}. */
    public static List<Row> read(KafkaSettings settings, String topic, @Nullable Integer partition) {
        return read(settings, topic, partition, Integer.MAX_VALUE).read();
    }

    /**
     * Reads backwards from the ends that the partitions have now, until each has enough rows. So the time and the memory
     * depend on the limit and not on the size of the topic.
     *
     * @param topic a topic that exists
     * @param partition the only partition to read, or null for all
     * @param limit the number of rows that are enough for each partition: those that were written last
     * @return the rows of all partitions, so {@code read} has more than the limit if there are several partitions
     * @throws KafkaException if the broker does not answer or refuses
     * @throws CliException if the topic or the partition does not exist
     */
    static Rows read(KafkaSettings settings, String topic, @Nullable Integer partition, int limit) {
        int partitions;
        try (Topics topics = new Topics(settings)) {
            partitions = topics.partitions(topic)
                    .orElseThrow(() -> CliException.failed("there is no topic " + topic + " at "
                            + settings.bootstrapServers() + "; the first run of a job creates its output"));
        }
        if (partition != null && partition >= partitions) {
            throw CliException.failed(
                    topic + " has no partition " + partition + ": its partitions are 0 to " + (partitions - 1));
        }
        List<TopicPartition> wanted = IntStream.range(0, partitions)
                .filter(each -> partition == null || each == partition)
                .mapToObj(each -> new TopicPartition(topic, each))
                .toList();
        try (Consumer<byte[], byte[]> consumer = committed(settings)) {
            return last(consumer, wanted, limit);
        }
    }

    /**
     * How long a broker may wait for records, in milliseconds. A consumer of many partitions reads some after others, and the
     * broker answers nothing about the next ones as long as it waits for records behind the end of the last ones. The default
     * is 500, which made 12 s for 5,000 partitions.
     */
    static final int FETCH_WAIT = 10;

    /** Returns a consumer of committed records, which commits no offsets. The caller closes it. */
    static Consumer<byte[], byte[]> committed(KafkaSettings settings) {
        Map<String, Object> consumerSettings = settings.consumer();
        // The default of the Java client also returns records of open and aborted transactions.
        consumerSettings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        consumerSettings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        consumerSettings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        consumerSettings.putIfAbsent(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_WAIT);
        return settings.client(
                () -> new KafkaConsumer<>(consumerSettings, new ByteArrayDeserializer(), new ByteArrayDeserializer()));
    }

    private static Rows last(Consumer<byte[], byte[]> consumer, List<TopicPartition> wanted, int limit) {
        Map<TopicPartition, Long> begins = consumer.beginningOffsets(wanted);
        Map<TopicPartition, Long> ends = consumer.endOffsets(wanted);
        List<Written> rows = new ArrayList<>();
        List<TopicPartition> open = new ArrayList<>(wanted);
        boolean complete = true;
        // Corrections of a row and transaction markers take offsets too, so a first guess may be too short.
        for (long back = Math.max(FIRST_BACK, 2L * limit); !open.isEmpty(); back *= 4) {
            Map<TopicPartition, Long> froms = new HashMap<>();
            for (TopicPartition each : open) {
                froms.put(each, Math.max(begins.getOrDefault(each, 0L), ends.getOrDefault(each, 0L) - back));
            }
            Map<TopicPartition, Map<String, Written>> read = read(consumer, froms, ends);
            for (TopicPartition each : List.copyOf(open)) {
                boolean whole = Objects.equals(froms.get(each), begins.getOrDefault(each, 0L));
                Map<String, Written> found = read.getOrDefault(each, Map.of());
                if (whole || found.size() >= limit) {
                    rows.addAll(found.values());
                    complete &= whole;
                    open.remove(each);
                }
            }
        }
        rows.sort(Comparator.comparingLong(Written::time)
                .thenComparingLong(each -> each.row().offset())
                .reversed());
        return new Rows(
                rows.stream().map(Written::row).sorted(BY_KEY).toList(),
                rows.stream().limit(limit).map(Written::row).sorted(BY_KEY).toList(),
                complete);
    }

    private static Map<TopicPartition, Map<String, Written>> read(
            Consumer<byte[], byte[]> consumer, Map<TopicPartition, Long> froms, Map<TopicPartition, Long> ends) {
        consumer.assign(froms.keySet());
        froms.forEach(consumer::seek);
        Map<TopicPartition, Map<String, Written>> rows = new HashMap<>();
        long heard = System.nanoTime();
        // Positions, not records: transaction markers take offsets too, and are never returned.
        while (!froms.keySet().stream().allMatch(each -> consumer.position(each) >= ends.getOrDefault(each, 0L))) {
            var records = consumer.poll(Duration.ofMillis(500));
            for (ConsumerRecord<byte[], byte[]> each : records) {
                TopicPartition place = new TopicPartition(each.topic(), each.partition());
                if (each.offset() >= ends.getOrDefault(place, 0L)) {
                    continue;
                }
                Map<String, Written> ofPartition = rows.computeIfAbsent(place, key -> new HashMap<>());
                String key = text(each.key());
                if (each.value() == null) {
                    ofPartition.remove(key);
                } else {
                    Row row = new Row(each.partition(), each.offset(), key, text(each.value()));
                    ofPartition.put(key, new Written(row, each.timestamp()));
                }
            }
            if (!records.nextOffsets().isEmpty()) {
                heard = System.nanoTime();
            } else if (System.nanoTime() - heard > SILENCE.toNanos()) {
                throw new TimeoutException("no records for " + SILENCE.toSeconds() + " s before the end of "
                        + froms.keySet().iterator().next().topic());
            }
        }
        return rows;
    }

    private static String text(byte @Nullable [] bytes) {
        return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
    }
}
