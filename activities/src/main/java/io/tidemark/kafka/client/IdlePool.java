package io.tidemark.kafka.client;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps connections that are not in use, with the topic that each was used for. A connection that is taken belongs to
 * its user alone until it is given back. Safe for use by several threads.
 *
 * @param <C> the class of the connections
 */
public final class IdlePool<C> implements AutoCloseable {
    /** More than most workers read with at once. An idle connection costs one socket to each broker and little memory. */
    static final int MAX_IDLE = 16;

    /**
     * Longer than the pause between consecutive runs, shorter than the time after which brokers close idle connections.
     */
    static final Duration MAX_IDLE_TIME = Duration.ofMinutes(5);

    private final Consumer<? super C> closer;
    private final LongSupplier nanoTime;
    /** The connection given back last is taken first, so that the others reach {@link #MAX_IDLE_TIME}. */
    private final Deque<Idle<C>> idle = new ArrayDeque<>();

    private boolean closed;

    private record Idle<C>(C connection, String topic, long since) {}

    /**
     * Creates an empty pool.
     *
     * @param closer closes a connection; throws nothing
     * @param nanoTime {@link System#nanoTime} outside tests
     */
    IdlePool(Consumer<? super C> closer, LongSupplier nanoTime) {
        this.closer = closer;
        this.nanoTime = nanoTime;
    }

    /** Takes a connection that was used for {@code topic}; null if there is none. */
    public synchronized @Nullable C takeUsedFor(String topic) {
        for (Iterator<Idle<C>> each = idle.descendingIterator(); each.hasNext(); ) {
            Idle<C> candidate = each.next();
            if (candidate.topic().equals(topic)) {
                each.remove();
                return candidate.connection();
            }
        }
        return null;
    }

    /** Takes any connection; null if there is none. */
    synchronized @Nullable C takeAny() {
        Idle<C> last = idle.pollLast();
        return last == null ? null : last.connection();
    }

    /**
     * Gives back a connection whose work succeeded. Closes it if the pool is full or closed. The user closes a
     * connection itself after an exception, because its state is then unknown.
     */
    public void giveBack(String topic, C connection) {
        synchronized (this) {
            if (!closed && idle.size() < MAX_IDLE) {
                idle.addLast(new Idle<>(connection, topic, nanoTime.getAsLong()));
                return;
            }
        }
        closer.accept(connection);
    }

    /** Closes the connections that have been idle for longer than {@link #MAX_IDLE_TIME}. */
    void closeIdle() {
        List<C> old = new ArrayList<>();
        synchronized (this) {
            while (!idle.isEmpty() && nanoTime.getAsLong() - idle.getFirst().since() > MAX_IDLE_TIME.toNanos()) {
                old.add(idle.removeFirst().connection());
            }
        }
        old.forEach(closer);
    }

    /** Closes the idle connections. Connections that are given back later are closed at once. */
    @Override
    public void close() {
        List<C> all = new ArrayList<>();
        synchronized (this) {
            closed = true;
            idle.forEach(each -> all.add(each.connection()));
            idle.clear();
        }
        all.forEach(closer);
    }
}
