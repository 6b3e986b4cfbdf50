package io.tidemark.kafka.client;

import java.time.Duration;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Repeats a request before its answer fails a run for good. Two kinds of wrong answers correct themselves: a broker
 * whose metadata does not contain a new topic yet reports the topic as missing, and a former leader that was frozen
 * answers with old data until it learns of its successor (docs/kafka-facts.md, 25). Not safe for use by several
 * threads.
 */
public final class SecondLook {
    private static final long PAUSE_MILLIS = 100;

    private final Duration limit;
    private long firstBad;
    private boolean waiting;

    /** Creates one that retries for {@code limit} in total over all its requests, from the first bad answer on. */
    public SecondLook(Duration limit) {
        this.limit = limit;
    }

    /** Returns one for requests to partition leaders. */
    public static SecondLook atLeaders(KafkaClients clients) {
        return new SecondLook(clients.retryTimes().staleLeader());
    }

    /** Returns the first good answer, or the last answer once the time is over. */
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
        return System.nanoTime() - firstBad < limit.toNanos();
    }
}
