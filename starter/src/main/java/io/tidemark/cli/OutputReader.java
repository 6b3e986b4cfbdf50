package io.tidemark.cli;

import io.tidemark.settings.KafkaSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
     * Reads up to the ends that the partitions have now; holds all rows in memory.
     *
     * @param topic a topic that exists
     * @param partition the only partition to read, or null for all
     * @return the rows by key, then partition
     * @throws KafkaException if the broker does not answer or refuses
     * @throws CliException if the topic or the partition does not exist
     */
    public static List<Row> read(KafkaSettings settings, String topic, @Nullable Integer partition) {
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
        Map<String, Object> consumerSettings = settings.consumer();
        // The default of the Java client also returns records of open and aborted transactions.
        consumerSettings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        consumerSettings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        consumerSettings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        try (Consumer<byte[], byte[]> consumer = settings.client(() ->
                new KafkaConsumer<>(consumerSettings, new ByteArrayDeserializer(), new ByteArrayDeserializer()))) {
            consumer.assign(wanted);
            consumer.seekToBeginning(wanted);
            return last(consumer, wanted);
        }
    }

    private static List<Row> last(Consumer<byte[], byte[]> consumer, List<TopicPartition> wanted) {
        record Place(int partition, String key) {}
        Map<TopicPartition, Long> ends = consumer.endOffsets(wanted);
        Map<Place, Row> rows = new HashMap<>();
        long heard = System.nanoTime();
        // Positions, not records: transaction markers take offsets too, and are never returned.
        while (!wanted.stream().allMatch(each -> consumer.position(each) >= ends.getOrDefault(each, 0L))) {
            var records = consumer.poll(Duration.ofMillis(500));
            for (ConsumerRecord<byte[], byte[]> each : records) {
                if (each.offset() >= ends.getOrDefault(new TopicPartition(each.topic(), each.partition()), 0L)) {
                    continue;
                }
                Place place = new Place(each.partition(), text(each.key()));
                if (each.value() == null) {
                    rows.remove(place);
                } else {
                    rows.put(place, new Row(each.partition(), each.offset(), place.key(), text(each.value())));
                }
            }
            if (!records.nextOffsets().isEmpty()) {
                heard = System.nanoTime();
            } else if (System.nanoTime() - heard > SILENCE.toNanos()) {
                throw new TimeoutException("no records for " + SILENCE.toSeconds() + " s before the end of "
                        + wanted.get(0).topic());
            }
        }
        List<Row> sorted = new ArrayList<>(rows.values());
        sorted.sort(Comparator.comparing(Row::key).thenComparing(Row::partition));
        return sorted;
    }

    private static String text(byte @Nullable [] bytes) {
        return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
    }
}
