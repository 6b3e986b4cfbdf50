package io.tidemark.embedded;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Producers of tests and benches, which write to topics that were just created.
 *
 * <p>They have one request in flight. With more, a new partition may refuse the first request because its leader has not
 * started, and accept the second. The first one is then retried as out of order until {@code delivery.timeout.ms}, two
 * minutes by default, and its records are dropped (KAFKA-15591, still so in Kafka 4.4.0). On a busy machine that happened
 * to one in ten new topics.
 */
public final class Producers {
    private Producers() {}

    /** Returns a producer of keys and values as they are. {@code settings} need no serializers. */
    public static KafkaProducer<byte[], byte[]> ofBytes(Map<?, ?> settings) {
        return of(settings, new ByteArraySerializer());
    }

    /** Returns a producer of texts in UTF-8. {@code settings} need no serializers. */
    public static KafkaProducer<String, String> ofStrings(Map<?, ?> settings) {
        return of(settings, new StringSerializer());
    }

    private static <T> KafkaProducer<T, T> of(Map<?, ?> settings, Serializer<T> serializer) {
        Map<String, Object> all = new HashMap<>();
        settings.forEach((name, value) -> all.put((String) name, value));
        all.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
        return new KafkaProducer<>(all, serializer, serializer);
    }
}
