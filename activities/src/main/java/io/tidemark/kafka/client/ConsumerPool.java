package io.tidemark.kafka.client;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pool of consumers of one kind. A new consumer costs ten times as much as a pooled one. Each consumer is lent to one
 * user at a time. Safe for use by several threads.
 */
public final class ConsumerPool<T> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConsumerPool.class);

    /** A partition number that no topic has. An idle consumer stays assigned to it and is never polled. */
    private static final int NO_PARTITION = Integer.MAX_VALUE;
    /**
     * A consumer that was assigned this many partitions is not kept. Kafka's client 4.4.0 keeps the names of metrics of each
     * partition that it ever had until it is closed, in {@code MetricsLedger}: some three kilobytes.
     */
    static final int MOST_ASSIGNED = 512;

    private final Supplier<Consumer<T, T>> maker;
    private final IdlePool<Kept<T>> idle;

    /** A consumer, and how many partitions it was assigned so far. */
    private static final class Kept<T> {
        final Consumer<T, T> consumer;
        int assigned;

        Kept(Consumer<T, T> consumer) {
            this.consumer = consumer;
        }
    }

    /** Creates an empty pool; {@code nanoTime} is {@link System#nanoTime} outside tests. */
    ConsumerPool(Supplier<Consumer<T, T>> maker, LongSupplier nanoTime) {
        this.maker = maker;
        this.idle = new IdlePool<>(each -> giveUp(each.consumer), nanoTime);
    }

    /**
     * Lends a consumer for partitions of {@code topic}. A consumer that was used for this topic before is preferred,
     * because it already has the topic's metadata: to fetch the metadata of thousands of partitions takes longer than
     * to read a few of them.
     */
    Loan<T> lend(String topic) {
        Kept<T> kept = idle.takeUsedFor(topic);
        if (kept == null) {
            kept = idle.takeAny();
        }
        return new Loan<>(this, topic, kept == null ? new Kept<>(maker.get()) : kept);
    }

    /**
     * A consumer on loan. The user calls {@link #done} when its work succeeded. Otherwise {@link #close} closes the
     * consumer, because its state after an exception is unknown.
     */
    public static final class Loan<T> implements AutoCloseable {
        private final ConsumerPool<T> pool;
        private final String topic;
        private final Kept<T> kept;
        private boolean done;

        private Loan(ConsumerPool<T> pool, String topic, Kept<T> kept) {
            this.pool = pool;
            this.topic = topic;
            this.kept = kept;
        }

        /** The consumer. Partitions are assigned by {@link #assign} only. */
        public Consumer<T, T> consumer() {
            return kept.consumer;
        }

        /** Assigns partitions to the consumer, in place of those that it has. */
        public void assign(Collection<TopicPartition> partitions) {
            kept.assigned += partitions.size();
            kept.consumer.assign(partitions);
        }

        /** Returns the consumer to the pool on {@link #close}: nothing went wrong. */
        public void done() {
            done = true;
        }

        @Override
        public void close() {
            if (done) {
                pool.takeBack(topic, kept);
            } else {
                giveUp(kept.consumer);
            }
        }
    }

    private void takeBack(String topic, Kept<T> kept) {
        if (kept.assigned >= MOST_ASSIGNED) {
            giveUp(kept.consumer);
            return;
        }
        try {
            // A new assignment drops positions, pauses and fetched records. A partition of the same topic keeps the
            // topic's metadata; with an empty assignment the consumer would fetch it again.
            kept.consumer.assign(List.of(new TopicPartition(topic, NO_PARTITION)));
        } catch (KafkaException e) {
            giveUp(kept.consumer);
            return;
        }
        idle.giveBack(topic, kept);
    }

    /** Closes the consumers that have been idle for 5 minutes. */
    void closeIdle() {
        idle.closeIdle();
    }

    /** Closes the idle consumers. Consumers that are returned later are closed at once. */
    @Override
    public void close() {
        idle.close();
    }

    /** Closes a consumer without waiting for a broker: there is no group to leave and no offset to commit. */
    private static void giveUp(Consumer<?, ?> consumer) {
        try {
            consumer.close(CloseOptions.timeout(Duration.ZERO));
        } catch (KafkaException e) {
            // Only logged: an earlier failure is the one to report.
            LOG.atDebug().setCause(e).log("consumer not closed cleanly");
        }
    }
}
