package io.tidemark.kafka.client;

import java.time.Duration;

/**
 * How long a step repeats a request before it accepts the answer.
 *
 * @param staleLeader for an answer of a partition leader, which may have been replaced without knowing it
 * @param newTopic for a topic that should exist, which a broker may not know yet
 * @param state for the next record of a state topic, which an open transaction may hide
 * @param openTransaction for the end of an open transaction in the input, in a job that waits for it
 */
public record RetryTimes(Duration staleLeader, Duration newTopic, Duration state, Duration openTransaction) {
    /** The times of a worker. Tests use others. */
    public static final RetryTimes DEFAULT = new RetryTimes(
            // A former leader learns of its successor within about a second after it resumes.
            Duration.ofSeconds(5),
            // Brokers learn of a new topic within milliseconds, or later while they start.
            Duration.ofSeconds(3),
            // Longer than a commit takes, and half of transaction.timeout.ms.
            Duration.ofSeconds(30),
            // The plan is retried, so this only determines how often the Web UI shows the reason.
            Duration.ofSeconds(10));

    /** Returns the same times with another one for the state. */
    public RetryTimes withState(Duration other) {
        return new RetryTimes(staleLeader, newTopic, other, openTransaction);
    }

    /** Returns the same times with another one for open transactions. */
    public RetryTimes withOpenTransaction(Duration other) {
        return new RetryTimes(staleLeader, newTopic, state, other);
    }
}
