package io.tidemark.activity;

import io.temporal.activity.ActivityExecutionContext;
import io.temporal.client.ActivityCompletionException;
import io.tidemark.run.ConsumeProgress;
import io.tidemark.run.PartitionRange;
import io.tidemark.step.StepProgress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Sends heartbeats from its own thread, because Kafka's calls can block for longer than the heartbeat timeout. Passes a
 * cancellation on to the step between two units of its work.
 */
final class HeartbeatReporter implements StepProgress, AutoCloseable {
    /**
     * How long {@link #close} waits for the last heartbeat: an unavailable server must not delay a step that is done.
     */
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

    private final Duration closeTimeout;
    private final ActivityExecutionContext context;
    private final String topic;
    private final long planned;
    private final long startNanos = System.nanoTime();
    private final ScheduledExecutorService thread;
    /** Held during a heartbeat, and for ever by {@link #close}. */
    private final ReentrantLock beating = new ReentrantLock();

    private volatile List<PartitionRange> remaining;
    private volatile long records;
    private volatile @Nullable ActivityCompletionException stopped;

    HeartbeatReporter(ActivityExecutionContext context, String topic, List<PartitionRange> ranges) {
        this(context, topic, ranges, CLOSE_TIMEOUT);
    }

    /** The same with another wait for a heartbeat that is under way at the end. */
    HeartbeatReporter(
            ActivityExecutionContext context, String topic, List<PartitionRange> ranges, Duration closeTimeout) {
        this.closeTimeout = closeTimeout;
        this.context = context;
        this.topic = topic;
        this.remaining = ranges;
        this.planned = length(ranges);
        this.thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread heartbeat = new Thread(task, "heartbeat-" + context.getInfo().getActivityType());
            heartbeat.setDaemon(true);
            return heartbeat;
        });
        Duration timeout = context.getInfo().getHeartbeatTimeout();
        long everyMillis = timeout.isZero() ? 5_000 : Math.max(200, timeout.toMillis() / 4);
        // Most activities end before their first heartbeat.
        long firstMillis = Math.min(everyMillis, 500);
        var unused = thread.scheduleAtFixedRate(this::beat, firstMillis, everyMillis, TimeUnit.MILLISECONDS);
    }

    private void beat() {
        if (!beating.tryLock()) {
            return;
        }
        try {
            List<PartitionRange> left = remaining;
            long count = records;
            long millis = Math.max(1, (System.nanoTime() - startNanos) / 1_000_000);
            context.heartbeat(new ConsumeProgress(
                    topic,
                    left.size() > 20 ? left.subList(0, 20) : left,
                    planned - length(left),
                    planned,
                    count,
                    count * 1000 / millis));
        } catch (ActivityCompletionException e) {
            stopped = e;
        } catch (RuntimeException e) {
            // The server cannot be reached; the next heartbeat tries again. If none arrives, Temporal's heartbeat
            // timeout ends the attempt.
        } finally {
            beating.unlock();
        }
    }

    @Override
    public void report(List<PartitionRange> left, long count) {
        remaining = left;
        records = count;
        ActivityCompletionException reason = stopped;
        if (reason != null) {
            throw reason;
        }
    }

    private static long length(List<PartitionRange> ranges) {
        long sum = 0;
        for (PartitionRange each : ranges) {
            sum += each.length();
        }
        return sum;
    }

    @Override
    public void close() {
        thread.shutdown();
        // An interrupted heartbeat logs a long warning, and a heartbeat takes milliseconds, so wait for it. Do not wait
        // for the end of the thread: it first needs its turn on a processor.
        try {
            if (beating.tryLock(closeTimeout.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread.shutdownNow();
    }
}
