package io.tidemark.testkit;

import io.tidemark.embedded.EmbeddedKafka;

/** One broker for all tests of a JVM; every test uses topics of its own. */
public final class SharedBroker {
    private SharedBroker() {}

    private static final String PROXIED = "PROXIED";

    private static final class Holder {
        private static final FaultyProxy PROXY = new FaultyProxy();
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
                    .extraListener(PROXIED, 0, PROXY.address())
                    .start();
            PROXY.to(broker.bootstrapServers(PROXIED));
            Runtime.getRuntime().addShutdownHook(new Thread(broker::close, "close-broker"));
            return broker;
        }
    }

    /** A way to the broker on which things can go wrong; only for clients that ask for it. */
    public static FaultyProxy proxy() {
        get();
        return Holder.PROXY;
    }

    /** The broker, started on first use. */
    public static EmbeddedKafka get() {
        return Holder.BROKER;
    }
}
