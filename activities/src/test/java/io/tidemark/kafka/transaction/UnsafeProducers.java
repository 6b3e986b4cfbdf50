package io.tidemark.kafka.transaction;

import io.tidemark.embedded.Producers;
import io.tidemark.job.JobNames;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.run.SliceRef;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.testkit.Crash;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.clients.producer.Producer;
import org.jspecify.annotations.Nullable;

/** Producers of weaker protocols, for the tests that show what goes wrong with them. */
public final class UnsafeProducers {
    private UnsafeProducers() {}

    /** Returns a producer that writes without transactions: nothing fences it, and nothing aborts its writes. */
    public static FencingProducer withoutTransactions(Properties client) {
        return of(Producers.ofBytes(client));
    }

    /** The same with another producer of Kafka. */
    public static FencingProducer of(Producer<byte[], byte[]> kafka) {
        return new FencingProducer(
                "none", kafka, new TransactionTimer(Duration.ofMinutes(1), System::nanoTime, Optional::empty)) {
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

    /** Returns a producer that sends the rows of closed windows to a topic where no reader of rows looks. */
    public static FencingProducer withoutFinalRows(KafkaClients clients, SliceRef slice) {
        return new FencingProducer(clients, JobNames.sliceTransactionalId(slice.job(), slice.slice()), 2) {
            @Override
            public void send(
                    String topic,
                    int partition,
                    byte @Nullable [] key,
                    byte @Nullable [] value,
                    Map<String, byte[]> headers) {
                boolean isFinal = headers.containsKey("tidemark.final");
                super.send(isFinal ? JobNames.deadLetterTopic(topic) : topic, partition, key, value, headers);
            }
        };
    }

    /** Returns a producer that commits what it has sent so far and then dies, when a record for {@code topic} comes. */
    public static FencingProducer dyingBefore(String topic, KafkaClients clients, String id, int partitions) {
        return new FencingProducer(clients, id, partitions) {
            @Override
            public void send(
                    String to,
                    int partition,
                    byte @Nullable [] key,
                    byte @Nullable [] value,
                    Map<String, byte[]> headers) {
                if (to.equals(topic)) {
                    flush();
                    commit();
                    throw Crash.now(Point.PLAN_IN_REGISTRATION);
                }
                super.send(to, partition, key, value, headers);
            }
        };
    }
}
