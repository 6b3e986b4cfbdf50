package io.tidemark.testkit;

import io.tidemark.embedded.EmbeddedKafka;

/** One broker for all tests of a JVM; every test uses topics of its own. */
public final class SharedBroker {
    private SharedBroker() {}

    private static final class Holder {
        private static final EmbeddedKafka BROKER = start();

        private static EmbeddedKafka start() {
            EmbeddedKafka broker = EmbeddedKafka.builder()
                    // Compaction within a test, not within a coffee.
                    .property("log.cleaner.backoff.ms", "50")
                    // Transactional ids expire within a test, not within a week.
                    .property("transactional.id.expiration.ms", "10000")
                    .property("transaction.remove.expired.transaction.cleanup.interval.ms", "500")
                    // And so do transactions of clients that ask for a short timeout.
                    .property("transaction.abort.timed.out.transaction.cleanup.interval.ms", "200")
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(broker::close, "close-broker"));
            return broker;
        }
    }

    /** The broker, started on first use. */
    public static EmbeddedKafka get() {
        return Holder.BROKER;
    }
}
