package io.tidemark.kafka;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Consumers of one kind, kept between uses because a new one costs ten times what a kept one does. Each is lent to one
 * user at a time. Safe for use by many threads.
 */
final class ConsumerPool<T> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConsumerPool.class);

    /** More than most workers read at once; each that lies idle is a connection and little else. */
    static final int MOST_IDLE = 16;

    /** Longer than the pause between two runs that follow one another, shorter than brokers keep idle connections. */
    static final Duration LONGEST_IDLE = Duration.ofMinutes(5);

    private final Supplier<Consumer<T, T>> maker;
    private final LongSupplier nanoTime;
    /** The last one returned is the first one lent, so that the others grow old. */
    private final Deque<Idle<T>> idle = new ArrayDeque<>();

    private boolean closed;

    private record Idle<T>(Consumer<T, T> consumer, long since) {}

    /** A pool; {@code nanoTime} is {@link System#nanoTime} outside tests. */
    ConsumerPool(Supplier<Consumer<T, T>> maker, LongSupplier nanoTime) {
        this.maker = maker;
        this.nanoTime = nanoTime;
    }

    /** Lends a consumer without an assignment. */
    Loan<T> lend() {
        Consumer<T, T> kept;
        synchronized (this) {
            Idle<T> last = idle.pollLast();
            kept = last == null ? null : last.consumer();
        }
        return new Loan<>(this, kept == null ? maker.get() : kept);
    }

    /**
     * A consumer on loan. Who gets to the end of its work calls {@link #done}; without that, {@link #close} gives the
     * consumer up, because nobody knows what an exception has left in it.
     */
    static final class Loan<T> implements AutoCloseable {
        private final ConsumerPool<T> pool;
        private final Consumer<T, T> consumer;
        private boolean done;

        private Loan(ConsumerPool<T> pool, Consumer<T, T> consumer) {
            this.pool = pool;
            this.consumer = consumer;
        }

        Consumer<T, T> consumer() {
            return consumer;
        }

        /** Nothing went wrong: the consumer is fit for the next user. */
        void done() {
            done = true;
        }

        @Override
        public void close() {
            if (done) {
                pool.takeBack(consumer);
            } else {
                giveUp(consumer);
            }
        }
    }

    private void takeBack(Consumer<T, T> consumer) {
        try {
            // With the assignment go positions, pauses, and whatever was fetched and not handed out.
            consumer.unsubscribe();
        } catch (KafkaException e) {
            giveUp(consumer);
            return;
        }
        synchronized (this) {
            if (!closed && idle.size() < MOST_IDLE) {
                idle.addLast(new Idle<>(consumer, nanoTime.getAsLong()));
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
