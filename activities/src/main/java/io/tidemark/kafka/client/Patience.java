package io.tidemark.kafka.client;

import java.time.Duration;

/**
 * How long a step asks again before an answer counts.
 *
 * @param staleLeader for the leader of a partition, whose answer may be older than what others have seen
 * @param lateNews for a topic that should exist, which a broker may not have heard of yet
 * @param state for the next record of a state topic, which an open transaction may hide
 * @param openTransaction for the end of a transaction that is open in the input, where the job waits for it
 */
public record Patience(Duration staleLeader, Duration lateNews, Duration state, Duration openTransaction) {
    /** Outside tests. */
    public static final Patience DEFAULT = new Patience(
            // A leader that wakes hears within a second or so that it is none any more.
            Duration.ofSeconds(5),
            // Brokers hear of a topic within milliseconds, unless they are about to start.
            Duration.ofSeconds(3),
            // Longer than a commit takes, and half of transaction.timeout.ms.
            Duration.ofSeconds(30),
            // The plan is retried, so this is only how often the Web UI says what is waited for.
            Duration.ofSeconds(10));

    /** The same with another wait for the state. */
    public Patience withState(Duration other) {
        return new Patience(staleLeader, lateNews, other, openTransaction);
    }

    /** The same with another wait for open transactions. */
    public Patience withOpenTransaction(Duration other) {
        return new Patience(staleLeader, lateNews, state, other);
    }
}
