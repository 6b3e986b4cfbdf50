package io.tidemark.kafka.client;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Consumers of one kind, kept between uses because a new one costs ten times what a kept one does. Each is lent to one
 * user at a time. Safe for use by many threads.
 */
public final class ConsumerPool<T> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConsumerPool.class);

    /** More than most workers read at once; each that lies idle is a connection and little else. */
    static final int MOST_IDLE = 16;

    /** Longer than the pause between two runs that follow one another, shorter than brokers keep idle connections. */
    static final Duration LONGEST_IDLE = Duration.ofMinutes(5);

    /** Of a topic; a consumer that is not polled does not miss it. */
    private static final int NO_PARTITION = Integer.MAX_VALUE;

    private final Supplier<Consumer<T, T>> maker;
    private final LongSupplier nanoTime;
    /** The last one returned is the first one lent, so that the others grow old. */
    private final Deque<Idle<T>> idle = new ArrayDeque<>();

    private boolean closed;

    private record Idle<T>(Consumer<T, T> consumer, String topic, long since) {}

    /** A pool; {@code nanoTime} is {@link System#nanoTime} outside tests. */
    ConsumerPool(Supplier<Consumer<T, T>> maker, LongSupplier nanoTime) {
        this.maker = maker;
        this.nanoTime = nanoTime;
    }

    /**
     * Lends a consumer to be assigned to partitions of a topic; one that was lent for it before, if there is one, knows its
     * partitions: to ask for those of a topic with thousands takes longer than to read a few of them.
     */
    Loan<T> lend(String topic) {
        Consumer<T, T> kept = kept(topic);
        return new Loan<>(this, topic, kept == null ? maker.get() : kept);
    }

    private synchronized @Nullable Consumer<T, T> kept(String topic) {
        for (Iterator<Idle<T>> each = idle.descendingIterator(); each.hasNext(); ) {
            Idle<T> candidate = each.next();
            if (candidate.topic().equals(topic)) {
                each.remove();
                return candidate.consumer();
            }
        }
        Idle<T> last = idle.pollLast();
        return last == null ? null : last.consumer();
    }

    /**
     * A consumer on loan. Who gets to the end of its work calls {@link #done}; without that, {@link #close} gives the
     * consumer up, because nobody knows what an exception has left in it.
     */
    public static final class Loan<T> implements AutoCloseable {
        private final ConsumerPool<T> pool;
        private final String topic;
        private final Consumer<T, T> consumer;
        private boolean done;

        private Loan(ConsumerPool<T> pool, String topic, Consumer<T, T> consumer) {
            this.pool = pool;
            this.topic = topic;
            this.consumer = consumer;
        }

        public Consumer<T, T> consumer() {
            return consumer;
        }

        /** Nothing went wrong: the consumer is fit for the next user. */
        public void done() {
            done = true;
        }

        @Override
        public void close() {
            if (done) {
                pool.takeBack(topic, consumer);
            } else {
                giveUp(consumer);
            }
        }
    }

    private void takeBack(String topic, Consumer<T, T> consumer) {
        try {
            // With the partitions go positions, pauses, and whatever was fetched and not handed out. The topic stays,
            // and
            // with it what is known of it: a consumer of nothing would ask anew.
            consumer.assign(List.of(new TopicPartition(topic, NO_PARTITION)));
        } catch (KafkaException e) {
            giveUp(consumer);
            return;
        }
        synchronized (this) {
            if (!closed && idle.size() < MOST_IDLE) {
                idle.addLast(new Idle<>(consumer, topic, nanoTime.getAsLong()));
                return;
            }
        }
        giveUp(consumer);
    }

    /** Closes consumers that nobody has asked for in a while. */
    void closeIdle() {
        List<Consumer<T, T>> old = new ArrayList<>();
        synchronized (this) {
            while (!idle.isEmpty() && nanoTime.getAsLong() - idle.getFirst().since() > LONGEST_IDLE.toNanos()) {
                old.add(idle.removeFirst().consumer());
            }
        }
        old.forEach(ConsumerPool::giveUp);
    }

    /** Closes what lies idle, and from now on whatever is returned. */
    @Override
    public void close() {
        List<Consumer<T, T>> all = new ArrayList<>();
        synchronized (this) {
            closed = true;
            idle.forEach(each -> all.add(each.consumer()));
            idle.clear();
        }
        all.forEach(ConsumerPool::giveUp);
    }

    /** Without waiting for a broker: there is no group to leave and no offset to commit. */
    private static void giveUp(Consumer<?, ?> consumer) {
        try {
            consumer.close(CloseOptions.timeout(Duration.ZERO));
        } catch (KafkaException e) {
            // It was of no more use to anybody, and what happened before it is the failure to tell.
            LOG.atDebug().setCause(e).log("consumer not closed cleanly");
        }
    }
}
