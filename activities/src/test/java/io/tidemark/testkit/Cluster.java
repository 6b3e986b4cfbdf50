package io.tidemark.testkit;

import io.tidemark.kafka.client.RetryTimes;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/**
 * The cluster of a rig.
 *
 * @param bootstrapServers for the test's own clients
 * @param product settings of the product's clients, such as another address
 * @param retryTimes how long the product's clients repeat a request
 */
public record Cluster(String bootstrapServers, Map<String, String> product, RetryTimes retryTimes) {
    /** A lone broker is not replaced by another one and knows its topics at once. */
    private static final RetryTimes WITH_A_LONE_BROKER = new RetryTimes(
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            RetryTimes.DEFAULT.state(),
            RetryTimes.DEFAULT.openTransaction());

    /** Clients that repeat requests as long as those of a worker. */
    public Cluster(String bootstrapServers, Map<String, String> product) {
        this(bootstrapServers, product, RetryTimes.DEFAULT);
    }

    /** Returns the broker that most tests share. */
    public static Cluster shared() {
        return at(SharedBroker.get().bootstrapServers()).with(WITH_A_LONE_BROKER);
    }

    /** Returns the same cluster with other retry times. */
    public Cluster with(RetryTimes other) {
        return new Cluster(bootstrapServers, product, other);
    }

    /** The same, with settings of the product's clients. */
    public static Cluster sharedWith(Map<String, String> settings) {
        Cluster shared = shared();
        Map<String, String> product = new HashMap<>(shared.product());
        product.putAll(settings);
        return new Cluster(shared.bootstrapServers(), product, shared.retryTimes());
    }

    /** The same broker; the product reaches it through a proxy of {@link SharedBroker}, with short timeouts. */
    public static Cluster proxied(FaultyProxy proxy) {
        return new Cluster(SharedBroker.get().bootstrapServers(), impatient(proxy.address()));
    }

    /** Returns a cluster whose brokers fail and restart; clients have short timeouts. */
    public static Cluster impatientAt(String bootstrapServers) {
        return new Cluster(bootstrapServers, impatient(bootstrapServers));
    }

    /** Returns a cluster that the product reaches as the test does. */
    public static Cluster at(String bootstrapServers) {
        return new Cluster(bootstrapServers, Map.of("bootstrap.servers", bootstrapServers));
    }

    /** Short timeouts, so that failing requests fail early and a trial is short. */
    private static Map<String, String> impatient(String bootstrapServers) {
        return Map.of(
                "bootstrap.servers", bootstrapServers,
                "request.timeout.ms", "700",
                "delivery.timeout.ms", "1500",
                "max.block.ms", "1500",
                "default.api.timeout.ms", "1500",
                "socket.connection.setup.timeout.ms", "1000",
                "reconnect.backoff.ms", "10",
                "reconnect.backoff.max.ms", "100");
    }

    /** Settings of a plain client of this cluster; a new object. */
    Properties clientSettings() {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", bootstrapServers);
        // Tests create thousands of clients, and each would register some hundred meters.
        settings.put("metric.reporters", "");
        settings.put("enable.metrics.push", "false");
        if (bootstrapServers.contains(",")) {
            // A request to a frozen broker is repeated at another one. The default of 30 s leaves no time for it in a
            // call.
            settings.put("request.timeout.ms", "5000");
        }
        return settings;
    }
}
