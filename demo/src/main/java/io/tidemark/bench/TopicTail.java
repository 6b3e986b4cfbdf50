package io.tidemark.bench;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads the committed records of a topic with one partition, as they arrive. */
final class TopicTail implements AutoCloseable {
    private final TopicPartition partition;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<String, Integer> live = new HashMap<>();

    TopicTail(Map<String, Object> settings, String topic) {
        settings.put("isolation.level", "read_committed");
        settings.put("auto.offset.reset", "earliest");
        partition = new TopicPartition(topic, 0);
        consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        consumer.assign(List.of(partition));
    }

    /** Returns the records since the last call. */
    List<ConsumerRecord<byte[], byte[]>> read() {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        long end = end();
        while (consumer.position(partition) < end) {
            consumer.poll(Duration.ofSeconds(1)).forEach(records::add);
        }
        return records;
    }

    /** Skips the records that are there. */
    void skip() {
        consumer.seek(partition, end());
    }

    private long end() {
        return consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
    }

    /** Reads the records since the last call, and remembers the length of the last record of each key. */
    void measure() {
        long end = end();
        while (consumer.position(partition) < end) {
            for (ConsumerRecord<byte[], byte[]> each : consumer.poll(Duration.ofSeconds(1))) {
                String key = text(each.key());
                if (each.value() == null) {
                    live.remove(key);
                } else {
                    live.put(key, each.key().length + each.value().length);
                }
            }
        }
    }

    /** Returns the bytes that compaction keeps: key and value of the last record of each key. */
    long liveBytes() {
        return live.values().stream().mapToLong(Integer::longValue).sum();
    }

    /** Returns the bytes of the last record of a key. */
    long bytes(String key) {
        return live.getOrDefault(key, 0);
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        consumer.close();
    }
}
