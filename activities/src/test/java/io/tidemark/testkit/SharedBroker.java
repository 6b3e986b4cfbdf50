package io.tidemark.testkit;

import io.tidemark.embedded.EmbeddedKafka;
import java.util.List;
import java.util.stream.Stream;

/** One broker for all tests of a JVM; every test uses topics of its own. */
public final class SharedBroker {
    /** Proxies to the broker; each test that injects faults uses its own. */
    public static final int PROXIES = 4;

    private SharedBroker() {}

    private static final class Holder {
        private static final List<FaultyProxy> PROXY =
                Stream.generate(FaultyProxy::new).limit(PROXIES).toList();
        private static final EmbeddedKafka BROKER = start();

        private static EmbeddedKafka start() {
            EmbeddedKafka.Builder builder = EmbeddedKafka.builder()
                    // Compaction runs within the duration of a test.
                    .property("log.cleaner.backoff.ms", "50")
                    // Transactional ids expire within the duration of a test.
                    .property("transactional.id.expiration.ms", "10000")
                    .property("transaction.remove.expired.transaction.cleanup.interval.ms", "500")
                    // So do transactions of clients with a short timeout.
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
     * Returns a proxy to the broker, for clients that connect to it.
     *
     * @param number from 0 to {@link #PROXIES} - 1; a fault of one proxy does not affect the others
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
