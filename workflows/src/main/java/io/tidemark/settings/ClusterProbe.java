package io.tidemark.settings;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.ApiVersions;
import org.apache.kafka.clients.BootstrapConfiguration;
import org.apache.kafka.clients.ClientResponse;
import org.apache.kafka.clients.ClientUtils;
import org.apache.kafka.clients.ManualMetadataUpdater;
import org.apache.kafka.clients.MetadataRecoveryStrategy;
import org.apache.kafka.clients.NetworkClient;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.network.ChannelBuilder;
import org.apache.kafka.common.network.Selector;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.internals.LogContext;
import org.jspecify.annotations.Nullable;

/**
 * Connects to a cluster once and says what keeps a client from using it. Kafka's clients log such causes and report a
 * timeout. A probe sends one metadata request, with the credentials of the settings, to each bootstrap server until one
 * answers; then it checks the addresses that the brokers advertise. Takes at most about 20 s.
 */
public final class ClusterProbe {
    private static final Time TIME = Time.SYSTEM;

    /** For connections and answers. Longer than a TLS handshake and a login between continents. */
    private static final int LIMIT_MILLIS = 10_000;

    private static final int POLL_MILLIS = 50;
    private static final int MAX_NAMED = 3;

    /** What a probe found. */
    public enum Finding {
        /** A client can use the cluster. */
        REACHED(false),
        /** No broker answers. */
        DOWN(false),
        /** A host cannot be resolved. */
        UNKNOWN_HOST(false),
        /** The brokers reject the credentials. */
        NOT_AUTHENTICATED(true),
        /** The settings do not fit the brokers, or the brokers are too old. */
        REFUSED(true);

        private final boolean permanent;

        Finding(boolean permanent) {
            this.permanent = permanent;
        }

        /** True if only a change of the settings or of the brokers' configuration helps. */
        public boolean permanent() {
            return permanent;
        }
    }

    /**
     * The answer of a probe.
     *
     * @param sentence what is wrong, where, and what to do; empty if nothing is
     */
    public record Answer(Finding finding, String sentence) {
        private static final Answer REACHED = new Answer(Finding.REACHED, "");
    }

    private final KafkaSettings settings;
    private final List<Node> servers = new ArrayList<>();
    private @Nullable AuthenticationException refused;
    private @Nullable UnsupportedVersionException tooOld;

    private ClusterProbe(KafkaSettings settings) {
        this.settings = settings;
        for (String server : settings.bootstrapServers().split(",")) {
            int colon = server.lastIndexOf(':');
            String host = server.substring(0, colon).replaceAll("[\\[\\]]", "");
            // Negative ids, as the clients give them to servers whose id is not known yet.
            servers.add(new Node(-1 - servers.size(), host, Integer.parseInt(server.substring(colon + 1))));
        }
    }

    /**
     * Probes the cluster.
     *
     * @throws RejectedSettings if no client can be made from the settings
     */
    public static Answer ask(KafkaSettings settings) {
        try {
            return new ClusterProbe(settings).ask();
        } catch (RejectedSettings e) {
            if (e.temporary()) {
                return new Answer(Finding.DOWN, String.valueOf(e.getMessage()));
            }
            throw e;
        }
    }

    private Answer ask() {
        AdminClientConfig config = settings.client(() -> new AdminClientConfig(settings.common()));
        settings.client(
                () -> new ConsumerConfig(with(settings.consumer(), "deserializer", ByteArrayDeserializer.class)));
        settings.client(() -> new ProducerConfig(with(settings.producer(), "serializer", ByteArraySerializer.class)));
        LogContext log = new LogContext("[tidemark-probe] ");
        try (ChannelBuilder channels = settings.client(() -> ClientUtils.createChannelBuilder(config, TIME, log))) {
            return ask(config, channels, log);
        }
    }

    private static Map<String, Object> with(Map<String, Object> settings, String kind, Class<?> type) {
        settings.put("key." + kind, type);
        settings.put("value." + kind, type);
        return settings;
    }

    private Answer ask(AdminClientConfig config, ChannelBuilder channels, LogContext log) {
        List<Node> known = servers.stream().filter(each -> isKnown(each.host())).toList();
        if (known.isEmpty()) {
            return new Answer(
                    Finding.UNKNOWN_HOST,
                    settings.where("bootstrap.servers") + ": " + addresses(servers) + ": this machine cannot resolve "
                            + (servers.size() == 1 ? "the name" : "any of the names")
                            + "; correct it, or add it to the DNS or to the hosts file of this machine");
        }
        Collection<Node> brokers = brokers(config, channels, log, known);
        if (brokers.isEmpty()) {
            return unanswered(known);
        }
        List<Node> unknown =
                brokers.stream().filter(each -> !isKnown(each.host())).toList();
        if (!unknown.isEmpty()) {
            return new Answer(
                    Finding.UNKNOWN_HOST,
                    advertised(unknown) + ", which this machine cannot resolve. Set advertised.listeners of the brokers"
                            + " to names that are known here, or add the names to the DNS or to the hosts file of this"
                            + " machine");
        }
        return brokers.stream().anyMatch(each -> ListenerProbe.answers(each.host(), each.port()))
                ? Answer.REACHED
                : new Answer(
                        Finding.DOWN,
                        advertised(brokers) + ", where no broker answers this machine. If the brokers run, set"
                                + " advertised.listeners to addresses that this machine can reach");
    }

    private Answer unanswered(List<Node> known) {
        if (refused != null) {
            return new Answer(
                    Finding.NOT_AUTHENTICATED,
                    settings.source() + ": Kafka at " + addresses(known) + " refused the credentials ("
                            + Refusals.reason(refused)
                            + "); check security.protocol and the sasl.* and ssl.* settings");
        }
        if (tooOld != null) {
            return new Answer(
                    Finding.REFUSED,
                    "the brokers at " + addresses(known) + " are too old (" + tooOld.getMessage() + "); upgrade them");
        }
        String protocol = String.valueOf(settings.common().getOrDefault("security.protocol", "PLAINTEXT"));
        for (Node each : known) {
            Optional<ListenerProbe> listener = ListenerProbe.of(each.host(), each.port());
            if (listener.isPresent() && !listener.get().protocol().equals(protocol)) {
                return new Answer(
                        Finding.REFUSED,
                        settings.where("security.protocol") + ": security.protocol is " + protocol + ", but "
                                + addresses(List.of(each)) + " expects "
                                + listener.get().description() + "; write security.protocol="
                                + listener.get().protocol()
                                + (listener.get().mechanisms().isEmpty() ? "" : " and the sasl.* settings")
                                + ", or the port of another listener");
            }
        }
        return new Answer(
                Finding.DOWN,
                "no Kafka broker answers at " + addresses(known) + " (from " + settings.source()
                        + "); start the brokers, or correct bootstrap.servers");
    }

    /** Returns the brokers of the cluster, or nothing if no server answers. */
    private Collection<Node> brokers(
            AdminClientConfig config, ChannelBuilder channels, LogContext log, List<Node> known) {
        try (Metrics metrics = new Metrics();
                Selector selector = new Selector(LIMIT_MILLIS, metrics, TIME, "tidemark-probe", channels, log);
                NetworkClient client = new NetworkClient(
                        selector,
                        new ManualMetadataUpdater(),
                        "tidemark-probe",
                        1,
                        LIMIT_MILLIS,
                        LIMIT_MILLIS,
                        config.getInt(AdminClientConfig.SEND_BUFFER_CONFIG),
                        config.getInt(AdminClientConfig.RECEIVE_BUFFER_CONFIG),
                        LIMIT_MILLIS,
                        LIMIT_MILLIS,
                        LIMIT_MILLIS,
                        TIME,
                        true,
                        new ApiVersions(),
                        log,
                        MetadataRecoveryStrategy.NONE,
                        BootstrapConfiguration.DISABLED,
                        false)) {
            return brokers(client, known);
        }
    }

    private Collection<Node> brokers(NetworkClient client, List<Node> known) {
        List<Node> open = new ArrayList<>(known);
        Set<Node> asked = new HashSet<>();
        long end = TIME.milliseconds() + LIMIT_MILLIS;
        for (long now = TIME.milliseconds(); !open.isEmpty() && now < end; now = TIME.milliseconds()) {
            for (Node each : List.copyOf(open)) {
                if (!asked.contains(each) && client.ready(each, now)) {
                    asked.add(each);
                    client.send(
                            client.newClientRequest(
                                    each.idString(),
                                    MetadataRequest.Builder.forTopicNames(List.of(), false),
                                    now,
                                    true),
                            now);
                } else if (client.connectionFailed(each)) {
                    AuthenticationException failure = client.authenticationException(each);
                    refused = failure == null ? refused : failure;
                    open.remove(each);
                }
            }
            for (ClientResponse each : client.poll(POLL_MILLIS, now)) {
                if (each.responseBody() instanceof MetadataResponse metadata) {
                    return metadata.brokers();
                }
                tooOld = each.versionMismatch() == null ? tooOld : each.versionMismatch();
                open.removeIf(node -> node.idString().equals(each.destination()));
            }
        }
        return List.of();
    }

    private static boolean isKnown(String host) {
        try {
            return InetAddress.getAllByName(host).length > 0;
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static String advertised(Collection<Node> brokers) {
        return brokers.stream()
                        .limit(MAX_NAMED)
                        .map(each -> "broker " + each.id() + " advertises " + addresses(List.of(each)))
                        .collect(Collectors.joining(", "))
                + (brokers.size() > MAX_NAMED ? " and " + (brokers.size() - MAX_NAMED) + " more do so" : "");
    }

    private static String addresses(Collection<Node> nodes) {
        return nodes.stream().map(each -> each.host() + ":" + each.port()).collect(Collectors.joining(","));
    }
}
