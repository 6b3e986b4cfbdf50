package io.tidemark.cli;

import io.tidemark.settings.KafkaSettings;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** Repeatable sample records, ordered by time. The record at an index depends only on the settings and the index. */
public interface SampleRecords {
    /** Returns the number of records; indexes go from 0 to one below. */
    long size();

    /** Returns the key of the record at {@code index}. */
    byte[] key(long index);

    /** Returns the value of the record at {@code index}; null for a record without a value. */
    byte @Nullable [] value(long index);

    /**
     * Writes the records from {@code fromIndex} to one below {@code toIndex} and waits until all are acknowledged. The key
     * determines the partition.
     *
     * @throws KafkaException if a record could not be delivered
     */
    // The callback gets the same error as the future, so that the futures need not be kept.
    @SuppressWarnings("FutureReturnValueIgnored")
    default void write(KafkaSettings settings, String topic, long fromIndex, long toIndex) {
        Map<String, Object> producerSettings = settings.producer();
        producerSettings.put(ProducerConfig.ACKS_CONFIG, "all");
        producerSettings.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, "20");
        producerSettings.putIfAbsent(ProducerConfig.BATCH_SIZE_CONFIG, "131072");
        // While the leader of a new topic starts, requests in flight can overtake each other, and the first one is then
        // retried as out of order until delivery.timeout.ms (KAFKA-15591).
        producerSettings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, "1");
        AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        try (Producer<byte[], byte @Nullable []> producer = settings.client(
                () -> new KafkaProducer<>(producerSettings, new ByteArraySerializer(), new ByteArraySerializer()))) {
            for (long i = fromIndex; i < toIndex && failure.get() == null; i++) {
                producer.send(new ProducerRecord<>(topic, key(i), value(i)), (metadata, thrown) -> {
                    if (thrown != null) {
                        failure.compareAndSet(null, thrown);
                    }
                });
            }
            producer.flush();
        }
        Exception thrown = failure.get();
        if (thrown != null) {
            throw new KafkaException(
                    "a record for " + topic + " could not be delivered: " + thrown.getMessage(), thrown);
        }
    }

    /** Returns the output of Vigna's SplitMix64 at a position, so that a record does not depend on those before it. */
    static long random(long seed, long position) {
        long z = seed + (position + 1) * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
