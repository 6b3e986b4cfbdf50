package io.tidemark.notify;

import io.tidemark.notify.PostObserver.Outcome;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Posts JSON in the background, in its order. What cannot be posted in time, or does not fit into the queue, is dropped: no
 * caller ever waits. Safe for use by several threads.
 */
public final class Outbox implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);

    /** About 2 KB each. A worker makes two for each run. */
    private static final int MOST_WAITING = 1_000;

    /** Pauses between the attempts for one body: about a minute, in which the queue takes more. */
    private static final int[] PAUSES_MILLIS = {500, 2_000, 8_000, 20_000, 30_000};

    /** Time for what waits when the worker stops. */
    private static final Duration FLUSH = Duration.ofSeconds(2);

    private final URI url;
    private final int[] pausesMillis;
    private final PostObserver observer;
    private final HttpPost post = new HttpPost();
    private final BlockingQueue<byte[]> waiting;
    private final Thread sender = new Thread(this::sendAll, "tidemark-outbox");
    private volatile boolean closing;

    /**
     * Starts an outbox.
     *
     * @param url an http or https URL
     */
    public Outbox(URI url, PostObserver observer) {
        this(url, observer, MOST_WAITING, PAUSES_MILLIS);
    }

    Outbox(URI url, PostObserver observer, int mostWaiting, int[] pausesMillis) {
        this.url = url;
        this.observer = observer;
        this.pausesMillis = pausesMillis;
        waiting = new LinkedBlockingQueue<>(mostWaiting);
        sender.setDaemon(true);
        sender.start();
    }

    /** Takes a body to post. Returns at once. */
    public void put(byte[] json) {
        if (closing || !waiting.offer(json)) {
            drop("the queue is full");
        }
    }

    private void sendAll() {
        try {
            while (true) {
                // Wakes up now and then to see that it should end.
                byte[] next = waiting.poll(200, TimeUnit.MILLISECONDS);
                if (next != null) {
                    send(next);
                } else if (closing) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            // The worker has stopped.
        }
    }

    private void send(byte[] json) throws InterruptedException {
        for (int attempt = 0; ; attempt++) {
            String problem = attempt(json);
            if (problem == null) {
                observer.posted(Outcome.DELIVERED);
                return;
            }
            if (closing || attempt == pausesMillis.length) {
                drop(problem);
                return;
            }
            observer.posted(Outcome.RETRIED);
            Thread.sleep(pausesMillis[attempt]);
        }
    }

    private @Nullable String attempt(byte[] json) throws InterruptedException {
        try {
            return post.post(url, "application/json", Map.of(), json);
        } catch (RuntimeException e) {
            // Not one event may end the thread.
            return e.toString();
        }
    }

    private void drop(String problem) {
        observer.posted(Outcome.DROPPED);
        LOG.atWarn().addKeyValue("reason", problem).log("event dropped");
    }

    /** Posts what waits, for at most two seconds. */
    @Override
    public void close() {
        closing = true;
        try {
            sender.join(FLUSH.toMillis());
            sender.interrupt();
            sender.join(FLUSH.toMillis());
        } catch (InterruptedException e) {
            sender.interrupt();
            Thread.currentThread().interrupt();
        }
        waiting.forEach(each -> observer.posted(Outcome.DROPPED));
    }
}
