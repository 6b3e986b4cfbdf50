package io.tidemark.kafka.client;

import java.time.Duration;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Looks again before an answer ends a run for good. A broker that has not heard of a topic that was just made says that
 * there is none; one that was frozen and replaced meanwhile answers from before, until it hears of it (docs/kafka-facts.md,
 * 25).
 */
public final class SecondLook {
    private static final long PAUSE_MILLIS = 100;

    private final Duration patience;
    private long firstBad;
    private boolean waiting;

    /** One that waits so long in all, however many questions are asked, from the first answer on that is not good. */
    public SecondLook(Duration patience) {
        this.patience = patience;
    }

    /** For questions to the leaders of partitions. */
    public static SecondLook atLeaders(KafkaClients clients) {
        return new SecondLook(clients.patience().staleLeader());
    }

    /** The first answer that is good, or the last one. */
    public <T> T until(Predicate<? super T> good, Supplier<T> question) {
        T answer = question.get();
        while (!good.test(answer) && isTime()) {
            Pause.millis(PAUSE_MILLIS);
            answer = question.get();
        }
        return answer;
    }

    private boolean isTime() {
        if (!waiting) {
            waiting = true;
            firstBad = System.nanoTime();
        }
        return System.nanoTime() - firstBad < patience.toNanos();
    }
}
