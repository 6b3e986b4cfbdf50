package io.tidemark.embedded;

import java.io.OutputStream;
import java.io.PrintStream;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.security.plain.PlainLoginModule;
import org.apache.kafka.common.security.scram.ScramLoginModule;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.MetadataVersion;
import org.jspecify.annotations.Nullable;

/**
 * One Kafka broker in this JVM: KRaft, broker and controller in one node, listening on the loopback address only.
 *
 * <p>It is the broker of the Kafka distribution with its default feature levels ({@code transaction.version=2}), only
 * small: few partitions for the internal topics, one replica, no topics made by accident, and no retention by time, since
 * sample readings bear the times of years ago.
 */
public final class EmbeddedKafka implements AutoCloseable {

    private static final String CLIENT_LISTENER = "CLIENT";
    private static final String CONTROLLER_LISTENER = "CONTROLLER";
    private static final String HOST = "127.0.0.1";

    // Another process may take a free port between our look and the bind; each try takes new ports.
    private static final int START_TRIES = 5;

    private final Builder settings;
    private final Path folder;
    /** By the listener's name. */
    private final Map<String, Integer> extraPorts = new LinkedHashMap<>();

    private int port;
    private int controllerPort;
    private @Nullable KafkaRaftServer server;

    private EmbeddedKafka(Builder settings) {
        this.settings = settings;
        this.folder = settings.folder != null ? settings.folder : Folders.createTemporary("tidemark-kafka-");
    }

    /** A broker on a free port with a temporary folder. */
    public static EmbeddedKafka startDefault() {
        return builder().start();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** {@code host:port} for {@code bootstrap.servers}; stays the same over {@link #stop} and {@link #start}. */
    public String bootstrapServers() {
        return HOST + ":" + port;
    }

    /** {@code host:port} of an extra listener, as this process reaches it. */
    public String bootstrapServers(String listener) {
        Integer found = extraPorts.get(listener);
        if (found == null) {
            throw new IllegalArgumentException(
                    "the embedded Kafka broker has no listener " + listener + "; it has " + extraPorts.keySet());
        }
        return HOST + ":" + found;
    }

    public int port() {
        return port;
    }

    /** Where the broker keeps its data. */
    public Path folder() {
        return folder;
    }

    public synchronized boolean isRunning() {
        return server != null;
    }

    /** Starts a stopped broker on the same port with the data it had; does nothing where it runs. */
    public synchronized void start() {
        if (server != null) {
            return;
        }
        boolean firstStart = port == 0;
        if (firstStart && settings.port != 0 && !Ports.isFree(settings.port)) {
            throw new IllegalStateException("the embedded Kafka broker cannot listen on " + HOST + ":" + settings.port
                    + ": another process does; stop that one or choose another port");
        }
        for (int tries = 1; ; tries++) {
            if (firstStart) {
                port = settings.port != 0 ? settings.port : Ports.free();
                controllerPort = settings.member != null ? settings.member.controllerPort() : Ports.free();
                settings.extraListeners.forEach(
                        (name, listener) -> extraPorts.put(name, listener.port != 0 ? listener.port : Ports.free()));
            }
            try {
                server = startServer();
                return;
            } catch (RuntimeException e) {
                if (!firstStart || settings.port != 0 || tries == START_TRIES || !isBindFailure(e)) {
                    throw new IllegalStateException(
                            "the embedded Kafka broker did not start on " + bootstrapServers() + " with data in "
                                    + folder,
                            e);
                }
            }
        }
    }

    /** Shuts the broker down in an orderly way and keeps its data and port; does nothing where it is down. */
    public synchronized void stop() {
        if (server != null) {
            server.shutdown();
            server.awaitShutdown();
            server = null;
        }
    }

    /** Stops the broker and deletes its folder, unless the folder was given. */
    @Override
    public synchronized void close() {
        stop();
        if (settings.folder == null) {
            Folders.delete(folder);
        }
    }

    private KafkaRaftServer startServer() {
        Path data = folder.resolve("data");
        formatOnce(data);
        KafkaRaftServer starting = new KafkaRaftServer(KafkaConfig.fromProps(properties(data)), Time.SYSTEM);
        try {
            starting.startup();
            return starting;
        } catch (RuntimeException e) {
            starting.shutdown();
            throw e;
        }
    }

    private void formatOnce(Path data) {
        if (Files.exists(data.resolve("meta.properties"))) {
            return;
        }
        try {
            new Formatter()
                    .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false))
                    .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
                    .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
                    .setNodeId(nodeId())
                    .setClusterId(settings.member != null ? settings.member.clusterId() : newClusterId())
                    .setControllerListenerName(CONTROLLER_LISTENER)
                    .addDirectory(data.toString())
                    .setMetadataLogDirectory(data.toString())
                    .run();
        } catch (Exception e) {
            throw new IllegalStateException("cannot format the embedded Kafka broker's storage in " + data, e);
        }
    }

    private Properties properties(Path data) {
        List<String> listeners = new ArrayList<>();
        List<String> advertised = new ArrayList<>();
        List<String> protocols = new ArrayList<>();
        listeners.add(CLIENT_LISTENER + "://" + HOST + ":" + port);
        listeners.add(CONTROLLER_LISTENER + "://" + HOST + ":" + controllerPort);
        advertised.add(CLIENT_LISTENER + "://" + HOST + ":" + port);
        protocols.add(CLIENT_LISTENER + ":PLAINTEXT");
        protocols.add(CONTROLLER_LISTENER + ":PLAINTEXT");
        Properties properties = new Properties();
        settings.extraListeners.forEach((name, listener) -> {
            listeners.add(name + "://" + bootstrapServers(name));
            advertised.add(name + "://" + (listener.advertised != null ? listener.advertised : bootstrapServers(name)));
            protocols.add(name + ":" + listener.protocol);
            properties.putAll(settings.security(name, listener.protocol));
        });

        properties.put("process.roles", "broker,controller");
        properties.put("node.id", Integer.toString(nodeId()));
        properties.put(
                "controller.quorum.voters",
                settings.member != null ? settings.member.voters() : nodeId() + "@" + HOST + ":" + controllerPort);
        properties.put("controller.listener.names", CONTROLLER_LISTENER);
        properties.put("inter.broker.listener.name", CLIENT_LISTENER);
        properties.put("listeners", String.join(",", listeners));
        properties.put("advertised.listeners", String.join(",", advertised));
        properties.put("listener.security.protocol.map", String.join(",", protocols));
        properties.put("log.dirs", data.toString());

        properties.put("auto.create.topics.enable", "false");
        properties.put("log.retention.ms", "-1");
        properties.put("group.initial.rebalance.delay.ms", "0");
        // A new topic, as any change of metadata, waits 25 ms by default for others that may come with it.
        properties.put("controller.quorum.append.linger.ms", "0");
        for (String topic : List.of("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")) {
            properties.put(topic + ".num.partitions", "5");
            properties.put(topic + ".replication.factor", "1");
        }
        properties.put("transaction.state.log.min.isr", "1");
        properties.put("share.coordinator.state.topic.min.isr", "1");

        // A laptop's broker: its default of 128 MiB for the cleaner alone is an eighth of the tests' heap.
        properties.put("log.cleaner.dedupe.buffer.size", "4194304");
        properties.put("num.network.threads", "2");
        properties.put("num.io.threads", "4");
        properties.put("background.threads", "2");
        // By default every 4 KiB of a partition touch a page of its index, which is a file in memory: thousands of
        // partitions that get a few kilobytes each kept the disk, and the broker, busy for seconds.
        properties.put("log.index.interval.bytes", "65536");

        properties.putAll(settings.properties);
        return properties;
    }

    private int nodeId() {
        return settings.member != null ? settings.member.id() : 1;
    }

    /** An id for several brokers that are to be one cluster. */
    public static String newClusterId() {
        return Uuid.randomUuid().toString();
    }

    private static boolean isBindFailure(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof BindException) {
                return true;
            }
        }
        return false;
    }

    /**
     * One more listener.
     *
     * @param port where it listens; 0 for a free one
     * @param advertised what clients are told, or null for where it listens
     */
    private record ExtraListener(int port, @Nullable String advertised, SecurityProtocol protocol) {}

    /**
     * One of several brokers of a cluster, each of them a controller as well.
     *
     * @param id its own, from 1 on
     * @param controllerPorts of all members by their order, on the loopback address
     */
    private record Member(String clusterId, int id, List<Integer> controllerPorts) {
        int controllerPort() {
            return controllerPorts.get(id - 1);
        }

        String voters() {
            List<String> voters = new ArrayList<>();
            for (int port : controllerPorts) {
                voters.add(voters.size() + 1 + "@" + HOST + ":" + port);
            }
            return String.join(",", voters);
        }
    }

    /** Settings of a broker; each may be left out. */
    public static final class Builder {

        private int port;
        private @Nullable Path folder;
        private final Map<String, String> properties = new LinkedHashMap<>();
        private final Map<String, ExtraListener> extraListeners = new LinkedHashMap<>();
        private final Map<String, String> users = new LinkedHashMap<>();
        private @Nullable BrokerCertificate certificate;
        private @Nullable Member member;

        private Builder() {}

        /** The port for clients; 0, the default, takes a free one. */
        public Builder port(int port) {
            this.port = port;
            return this;
        }

        /** A folder whose data is kept on close and taken up where it has data; by default a temporary one. */
        public Builder folder(Path folder) {
            this.folder = folder;
            return this;
        }

        /**
         * Makes it one of several brokers, each of them in a process of its own; {@link #start} waits for most of them.
         * Topics have one replica until {@link #property} says otherwise.
         *
         * @param clusterId the same for all, from {@link EmbeddedKafka#newClusterId}
         * @param id of this one, from 1 on
         * @param controllerPorts one for each broker, the same list for all
         */
        public Builder member(String clusterId, int id, List<Integer> controllerPorts) {
            this.member = new Member(clusterId, id, List.copyOf(controllerPorts));
            return this;
        }

        /** One more broker property, or another value for one set here; it wins. */
        public Builder property(String name, String value) {
            properties.put(name, value);
            return this;
        }

        /**
         * One more plaintext listener, for clients that come through a proxy.
         *
         * @param name upper-case name of the listener
         * @param port where it listens on the loopback address
         * @param advertised {@code host:port} that the broker tells those clients: the proxy's
         */
        public Builder extraListener(String name, int port, String advertised) {
            extraListeners.put(name, new ExtraListener(port, advertised, SecurityProtocol.PLAINTEXT));
            return this;
        }

        /**
         * One more listener, on a free port ({@link EmbeddedKafka#bootstrapServers(String)}), for clients that come with
         * TLS or a password, or both. The plaintext listener stays, for the broker's own use and the test's.
         *
         * @param name upper-case name of the listener
         * @param protocol those with TLS need a {@link #certificate}; those with SASL take PLAIN, for {@link #user}s, and
         *     SCRAM-SHA-512, for those that an admin client adds
         */
        public Builder secureListener(String name, SecurityProtocol protocol) {
            extraListeners.put(name, new ExtraListener(0, null, protocol));
            return this;
        }

        /** What the broker shows to clients that come with TLS. */
        public Builder certificate(BrokerCertificate certificate) {
            this.certificate = certificate;
            return this;
        }

        /** Somebody who may come to a SASL listener with the mechanism PLAIN. */
        public Builder user(String name, String password) {
            users.put(name, password);
            return this;
        }

        /**
         * Lets users do only what ACLs allow. Whoever comes without a name, as to the plaintext listener, may do everything,
         * so that the broker can talk to itself and the test can make ACLs.
         */
        public Builder authorizer() {
            property("authorizer.class.name", StandardAuthorizer.class.getName());
            return property("super.users", KafkaPrincipal.ANONYMOUS.toString());
        }

        private Map<String, String> security(String listener, SecurityProtocol protocol) {
            String prefix = "listener.name." + listener.toLowerCase(Locale.ROOT) + ".";
            Map<String, String> made = new LinkedHashMap<>();
            if (protocol == SecurityProtocol.SSL || protocol == SecurityProtocol.SASL_SSL) {
                if (certificate == null) {
                    throw new IllegalStateException("listener " + listener + " has TLS, and the broker no certificate");
                }
                made.put(prefix + "ssl.keystore.type", "PKCS12");
                made.put(
                        prefix + "ssl.keystore.location", certificate.keyStore().toString());
                made.put(prefix + "ssl.keystore.password", certificate.password());
                made.put(prefix + "ssl.key.password", certificate.password());
            }
            if (protocol == SecurityProtocol.SASL_PLAINTEXT || protocol == SecurityProtocol.SASL_SSL) {
                StringBuilder plain = new StringBuilder(PlainLoginModule.class.getName()).append(" required");
                users.forEach((name, password) -> plain.append(" user_")
                        .append(name)
                        .append("=\"")
                        .append(password)
                        .append('"'));
                made.put(prefix + "sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-512");
                made.put(prefix + "plain.sasl.jaas.config", plain + ";");
                made.put(prefix + "scram-sha-512.sasl.jaas.config", ScramLoginModule.class.getName() + " required;");
            }
            return made;
        }

        /**
         * Starts the broker and returns when clients can use it.
         *
         * @throws IllegalStateException where it does not start, such as on a port in use; names port and folder
         */
        public EmbeddedKafka start() {
            EmbeddedKafka kafka = new EmbeddedKafka(this);
            try {
                kafka.start();
                return kafka;
            } catch (RuntimeException | Error e) {
                kafka.close();
                throw e;
            }
        }
    }
}
