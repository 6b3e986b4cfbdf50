package io.tidemark.worker;

import io.tidemark.settings.ClusterProbe.Answer;
import io.tidemark.settings.ClusterProbe.Finding;
import io.tidemark.settings.RejectedSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps a worker from saying that it is ready before it has reached Kafka once. */
final class KafkaStart {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaStart.class);

    /** Pause between two probes, which take up to 20 s themselves if brokers do not answer. */
    static final Duration PAUSE = Duration.ofSeconds(5);

    /**
     * How long a host may be unknown. The name of a container exists only while it runs, so a worker that is started with
     * its brokers must wait a moment.
     */
    static final Duration UNKNOWN_HOST = Duration.ofSeconds(30);

    private final Supplier<Answer> probe;
    private final LongSupplier nanoTime;
    private final Waiting waiting;

    /** Waits between two probes. */
    @FunctionalInterface
    interface Waiting {
        void pause(Duration time) throws InterruptedException;
    }

    /** Makes a start; {@code nanoTime} and {@code waiting} are the system's outside tests. */
    KafkaStart(Supplier<Answer> probe, LongSupplier nanoTime, Waiting waiting) {
        this.probe = probe;
        this.nanoTime = nanoTime;
        this.waiting = waiting;
    }

    /**
     * Returns when Kafka was reached. Waits without a limit for a cluster that is down.
     *
     * @throws RejectedSettings if no client can be made from the settings
     * @throws IOException if waiting does not help: the brokers reject the credentials, the settings do not fit the brokers,
     *     or a host is still unknown after 30 s
     */
    void await() throws IOException {
        long begun = nanoTime.getAsLong();
        while (true) {
            Answer answer = probe.get();
            if (answer.finding() == Finding.REACHED) {
                return;
            }
            boolean unknownForLong =
                    answer.finding() == Finding.UNKNOWN_HOST && nanoTime.getAsLong() - begun >= UNKNOWN_HOST.toNanos();
            if (answer.finding().permanent() || unknownForLong) {
                throw new IOException(answer.sentence());
            }
            LOG.atWarn()
                    .addKeyValue("reason", answer.sentence())
                    .addKeyValue("retryIn", PAUSE)
                    .log("kafka not reached, worker not ready");
            try {
                waiting.pause(PAUSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while waiting for Kafka", e);
            }
        }
    }
}
