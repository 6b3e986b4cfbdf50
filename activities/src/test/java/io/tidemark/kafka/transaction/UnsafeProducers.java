package io.tidemark.kafka.transaction;

import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Producers of weaker protocols, for the tests that show what goes wrong with them. */
public final class UnsafeProducers {
    private UnsafeProducers() {}

    /** Returns a producer that writes without transactions: nothing fences it, and nothing aborts its writes. */
    public static FencingProducer withoutTransactions(Properties client) {
        return new FencingProducer(
                "none",
                new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer()),
                new TransactionTimer(Duration.ofMinutes(1), System::nanoTime, Optional::empty)) {
            @Override
            public void fence() {}

            @Override
            void begin() {}

            @Override
            void commit() {
                flush();
            }
        };
    }
}
