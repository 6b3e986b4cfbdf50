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
 * A Kafka broker in this JVM: KRaft, broker and controller in one node, listening on the loopback address only.
 *
 * <p>The broker of the Kafka distribution with its default feature levels ({@code transaction.version=2}) and settings
 * for a small machine: few partitions of internal topics, one replica, no automatic creation of topics, and no
 * retention by time, because sample readings have timestamps of years ago.
 */
public final class EmbeddedKafka implements AutoCloseable {

    private static final String CLIENT_LISTENER = "CLIENT";
    private static final String CONTROLLER_LISTENER = "CONTROLLER";
    private static final String HOST = "127.0.0.1";

    // Another process may take a free port before the server binds it. Each attempt uses new ports.
    private static final int MAX_START_ATTEMPTS = 5;

    private final Builder settings;
    private final Path folder;
    /** Ports by the name of the listener. */
    private final Map<String, Integer> extraPorts = new LinkedHashMap<>();

    private int port;
    private int controllerPort;
    private @Nullable KafkaRaftServer server;

    private EmbeddedKafka(Builder settings) {
        this.settings = settings;
        this.folder = settings.folder != null ? settings.folder : Folders.createTemporary("tidemark-kafka-");
    }

    /** Starts a broker on a free port with a temporary folder. */
    public static EmbeddedKafka startDefault() {
        return builder().start();
    }

    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns {@code host:port} for {@code bootstrap.servers}. It does not change when the broker is stopped and
     * started.
     */
    public String bootstrapServers() {
        return HOST + ":" + port;
    }

    /** Returns the address of an extra listener in this process, {@code host:port}. */
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

    /** Returns the folder of the data of the broker. */
    public Path folder() {
        return folder;
    }

    public synchronized boolean isRunning() {
        return server != null;
    }

    /** Starts a stopped broker on the same port with the same data. Does nothing if it runs. */
    public synchronized void start() {
        if (server != null) {
            return;
        }
        boolean firstStart = port == 0;
        if (firstStart && settings.port != 0 && !Ports.isFree(settings.port)) {
            throw new IllegalStateException("the embedded Kafka broker cannot listen on " + HOST + ":" + settings.port
                    + ": another process uses the port; stop that process or choose another port");
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
                if (!firstStart || settings.port != 0 || tries == MAX_START_ATTEMPTS || !isBindFailure(e)) {
                    throw new IllegalStateException(
                            "the embedded Kafka broker did not start on " + bootstrapServers() + " with data in "
                                    + folder,
                            e);
                }
            }
        }
    }

    /** Shuts the broker down cleanly and keeps its data and port. Does nothing if it does not run. */
    public synchronized void stop() {
        if (server != null) {
            server.shutdown();
            server.awaitShutdown();
            server = null;
        }
    }

    /** Stops the broker and deletes its temporary folder. A folder that was given is kept. */
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
        // By default, a change of metadata, such as a new topic, waits 25 ms for others to share its append.
        properties.put("controller.quorum.append.linger.ms", "0");
        for (String topic : List.of("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")) {
            properties.put(topic + ".num.partitions", "5");
            properties.put(topic + ".replication.factor", "1");
        }
        properties.put("transaction.state.log.min.isr", "1");
        properties.put("share.coordinator.state.topic.min.isr", "1");

        // The default of 128 MiB for the log cleaner is an eighth of the heap of the tests.
        properties.put("log.cleaner.dedupe.buffer.size", "4194304");
        properties.put("num.network.threads", "2");
        properties.put("num.io.threads", "4");
        properties.put("background.threads", "2");
        // By default, the broker adds an index entry every 4 KiB. The index is a mapped file: with thousands of
        // partitions of a few kilobytes, writing its pages kept disk and broker busy for seconds.
        properties.put("log.index.interval.bytes", "65536");

        properties.putAll(settings.properties);
        return properties;
    }

    private int nodeId() {
        return settings.member != null ? settings.member.id() : 1;
    }

    /** Returns a new id for brokers that form one cluster. */
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
     * An extra listener.
     *
     * @param port port on the loopback address; 0 for a free one
     * @param advertised address that clients are told, or null for the address of the listener
     */
    private record ExtraListener(int port, @Nullable String advertised, SecurityProtocol protocol) {}

    /**
     * One of the brokers of a cluster; each of them is also a controller.
     *
     * @param id id of this broker, from 1
     * @param controllerPorts controller ports of all members in the order of their ids, on the loopback address
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

    /** Settings of a broker. All are optional. */
    public static final class Builder {

        private int port;
        private @Nullable Path folder;
        private final Map<String, String> properties = new LinkedHashMap<>();
        private final Map<String, ExtraListener> extraListeners = new LinkedHashMap<>();
        private final Map<String, String> users = new LinkedHashMap<>();
        private @Nullable BrokerCertificate certificate;
        private @Nullable Member member;

        private Builder() {}

        /** Sets the port for clients; 0, the default, means a free port. */
        public Builder port(int port) {
            this.port = port;
            return this;
        }

        /** Sets a folder whose existing data is used and which is kept on close. The default is a temporary folder. */
        public Builder folder(Path folder) {
            this.folder = folder;
            return this;
        }

        /**
         * Makes the broker a member of a cluster of brokers in separate processes. {@link #start} waits until a
         * majority of them runs. Topics have one replica unless {@link #property} sets another number.
         *
         * @param clusterId id of the cluster, from {@link EmbeddedKafka#newClusterId}
         * @param id id of this broker, from 1
         * @param controllerPorts one port for each broker; the same list for all
         */
        public Builder member(String clusterId, int id, List<Integer> controllerPorts) {
            this.member = new Member(clusterId, id, List.copyOf(controllerPorts));
            return this;
        }

        /** Sets a broker property, which overrides the value that this class sets. */
        public Builder property(String name, String value) {
            properties.put(name, value);
            return this;
        }

        /**
         * Adds a plaintext listener, for clients that connect through a proxy.
         *
         * @param name upper-case name of the listener
         * @param port port on the loopback address
         * @param advertised address of the proxy, {@code host:port}, which the broker tells its clients
         */
        public Builder extraListener(String name, int port, String advertised) {
            extraListeners.put(name, new ExtraListener(port, advertised, SecurityProtocol.PLAINTEXT));
            return this;
        }

        /**
         * Adds a listener on a free port ({@link EmbeddedKafka#bootstrapServers(String)}) for clients with TLS, a
         * password or both. The plaintext listener remains, for the broker itself and for the test.
         *
         * @param name upper-case name of the listener
         * @param protocol protocols with TLS need a {@link #certificate}; protocols with SASL accept PLAIN, for each
         *     {@link #user}, and SCRAM-SHA-512, for users that an admin client creates
         */
        public Builder secureListener(String name, SecurityProtocol protocol) {
            extraListeners.put(name, new ExtraListener(0, null, protocol));
            return this;
        }

        /** Sets the certificate for listeners with TLS. */
        public Builder certificate(BrokerCertificate certificate) {
            this.certificate = certificate;
            return this;
        }

        /** Adds a user for SASL listeners, with the mechanism PLAIN. */
        public Builder user(String name, String password) {
            users.put(name, password);
            return this;
        }

        /**
         * Enables ACLs. Clients without a user, which are those of the plaintext listener, may do everything, so that
         * the broker can talk to itself and the test can create ACLs.
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
                    throw new IllegalStateException(
                            "listener " + listener + " has TLS, but the broker has no certificate; call certificate()");
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
         * @throws IllegalStateException if it does not start, for example because the port is in use; the message names
         *     port and folder
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
