package io.tidemark.kafka.transaction;

import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Producers of weaker protocols, for the tests that show what goes wrong with them. */
public final class UnsafeProducers {
    private UnsafeProducers() {}

    /** Returns a producer that writes without transactions: nothing fences it, and nothing aborts its writes. */
    public static FencingProducer withoutTransactions(Properties client) {
        return of(new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer()));
    }

    /** The same with another producer of Kafka. */
    public static FencingProducer of(Producer<byte[], byte[]> kafka) {
        return new FencingProducer(
                "none",
                kafka,
                new TransactionTimer(Duration.ofMinutes(1), System::nanoTime, Optional::empty)) {
            @Override
            public void fence() {}

            @Override
            public void begin() {}

            @Override
            public void commit() {
                flush();
            }
        };
    }
}
