package io.tidemark.cli;

import io.tidemark.row.RowHeader;
import io.tidemark.settings.KafkaSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/** Looks at the newest records of an input, as a plan does, to find rows that a Tidemark job wrote. */
final class InputRows {
    /** A job writes rows to every partition of its output that gets records. */
    private static final int MAX_PARTITIONS = 4;

    /** Offsets that are read at the end of each partition: a marker is the last one, and compaction leaves gaps. */
    private static final long LOOK_BACK = 100;

    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private InputRows() {}

    /**
     * A row in an input.
     *
     * @param job the job that wrote it
     */
    record Row(int partition, long offset, String job) {}

    /**
     * Returns one of the newest records if it is a row of a Tidemark job. Returns empty also if they cannot be read within
     * 5 s.
     *
     * @throws KafkaException if the broker refuses, for example because the permission Read is missing
     */
    static Optional<Row> find(KafkaSettings settings, String topic, int partitions) {
        try (Consumer<byte[], byte[]> consumer = OutputReader.committed(settings)) {
            var all = IntStream.range(0, partitions)
                    .mapToObj(each -> new TopicPartition(topic, each))
                    .toList();
            Map<TopicPartition, Long> begins = consumer.beginningOffsets(all);
            Map<TopicPartition, Long> ends = new HashMap<>();
            consumer.endOffsets(all).entrySet().stream()
                    .filter(each -> each.getValue() > begins.getOrDefault(each.getKey(), 0L))
                    .limit(MAX_PARTITIONS)
                    .forEach(each -> ends.put(each.getKey(), each.getValue()));
            consumer.assign(ends.keySet());
            ends.forEach((partition, end) -> consumer.seek(partition, Math.max(0, end - LOOK_BACK)));
            return find(consumer, ends);
        }
    }

    private static Optional<Row> find(Consumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
        long begun = System.nanoTime();
        while (!ends.entrySet().stream().allMatch(each -> consumer.position(each.getKey()) >= each.getValue())
                && System.nanoTime() - begun < TIMEOUT.toNanos()) {
            for (ConsumerRecord<byte[], byte[]> each : consumer.poll(POLL)) {
                Header header = each.headers().lastHeader(RowHeader.NAME);
                // Any producer can send a header of this name, also without a value.
                if (header != null && header.value() != null) {
                    return Optional.of(new Row(each.partition(), each.offset(), RowHeader.job(header.value())));
                }
            }
        }
        return Optional.empty();
    }
}
