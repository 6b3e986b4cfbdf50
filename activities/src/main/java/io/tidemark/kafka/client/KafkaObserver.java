package io.tidemark.kafka.client;

/**
 * Receives what the Kafka clients of a worker did, for its metrics. Called on the thread that did it, so it must be cheap,
 * safe for use by several threads, and must not throw.
 */
public interface KafkaObserver {
    /** Ignores everything. */
    KafkaObserver NONE = new KafkaObserver() {
        @Override
        public void transaction(Ending ending) {}

        @Override
        public void fetched(long millis) {}
    };

    /** How a transaction ended, as its producer saw it. */
    enum Ending {
        /** The broker confirmed the commit. */
        COMMITTED,
        /** The producer aborted it after a failure. */
        ABORTED,
        /** A newer attempt or the broker ended it, and nothing of it is visible. */
        FENCED,
        /** The broker did not answer. The next attempt finds out whether it was committed. */
        UNKNOWN
    }

    /** Called when a transaction that was begun has ended. */
    void transaction(Ending ending);

    /** Called for each answer to a fetch request, with the time between the request and the answer. */
    void fetched(long millis);
}
