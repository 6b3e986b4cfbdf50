package io.tidemark.testkit;

import io.tidemark.embedded.EmbeddedKafka;
import java.util.List;
import java.util.stream.Stream;

/** One broker for all tests of a JVM; every test uses topics of its own. */
public final class SharedBroker {
    /** Ways to the broker on which things can go wrong, each of its own. */
    public static final int PROXIES = 4;

    private SharedBroker() {}

    private static final class Holder {
        private static final List<FaultyProxy> PROXY =
                Stream.generate(FaultyProxy::new).limit(PROXIES).toList();
        private static final EmbeddedKafka BROKER = start();

        private static EmbeddedKafka start() {
            EmbeddedKafka.Builder builder = EmbeddedKafka.builder()
                    // Compaction within a test, not within a coffee.
                    .property("log.cleaner.backoff.ms", "50")
                    // Transactional ids expire within a test, not within a week.
                    .property("transactional.id.expiration.ms", "10000")
                    .property("transaction.remove.expired.transaction.cleanup.interval.ms", "500")
                    // And so do transactions of clients that ask for a short timeout.
                    .property("transaction.abort.timed.out.transaction.cleanup.interval.ms", "200");
            for (int i = 0; i < PROXIES; i++) {
                builder.extraListener(listener(i), 0, PROXY.get(i).address());
            }
            EmbeddedKafka broker = builder.start();
            for (int i = 0; i < PROXIES; i++) {
                PROXY.get(i).to(broker.bootstrapServers(listener(i)));
            }
            Runtime.getRuntime().addShutdownHook(new Thread(broker::close, "close-broker"));
            return broker;
        }

        private static String listener(int proxy) {
            return "PROXIED_" + proxy;
        }
    }

    /**
     * A way to the broker on which things can go wrong; only for clients that ask for it.
     *
     * @param number from 0 to {@link #PROXIES} - 1; what goes wrong on one does not on another
     */
    public static FaultyProxy proxy(int number) {
        get();
        return Holder.PROXY.get(number);
    }

    /** The broker, started on first use. */
    public static EmbeddedKafka get() {
        return Holder.BROKER;
    }
}
