package io.tidemark.testkit;

import io.tidemark.embedded.EmbeddedKafka;
import io.tidemark.embedded.Ports;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.awaitility.Awaitility;

/** A broker in its own process, which a test can kill, freeze and restart on its data. */
public final class BrokerProcess implements AutoCloseable {
    private static final String READY = "ready";
    private static final Duration MEMBERS_TIMEOUT = Duration.ofSeconds(30);

    private final Path folder;
    private final int port = Ports.free();
    private final List<String> arguments;
    private Process process;

    private BrokerProcess(Path folder, List<String> member, Map<String, String> properties) {
        this.folder = folder;
        this.arguments = new ArrayList<>(member);
        properties.forEach((name, value) -> arguments.add(name + "=" + value));
        this.process = launch();
    }

    /** Returns a single-broker cluster with its data in {@code folder}. */
    public static BrokerProcess single(Path folder) {
        BrokerProcess broker = new BrokerProcess(folder, List.of("", "1", ""), Map.of());
        broker.awaitReady();
        return broker;
    }

    /** Returns a cluster with three replicas of everything, two of which must be in sync. */
    public static List<BrokerProcess> cluster(Path folder, int brokers) {
        String id = EmbeddedKafka.newClusterId();
        List<String> controllers = new ArrayList<>();
        for (int i = 0; i < brokers; i++) {
            controllers.add(String.valueOf(Ports.free()));
        }
        Map<String, String> properties = Map.ofEntries(
                Map.entry("default.replication.factor", "3"),
                Map.entry("min.insync.replicas", "2"),
                Map.entry("offsets.topic.replication.factor", "3"),
                Map.entry("transaction.state.log.replication.factor", "3"),
                Map.entry("transaction.state.log.min.isr", "2"),
                Map.entry("share.coordinator.state.topic.replication.factor", "3"),
                // The controller notices a killed broker within seconds.
                Map.entry("broker.session.timeout.ms", "2000"),
                Map.entry("broker.heartbeat.interval.ms", "200"),
                Map.entry("controller.quorum.fetch.timeout.ms", "1000"),
                Map.entry("controller.quorum.election.timeout.ms", "500"),
                Map.entry("replica.lag.time.max.ms", "2000"),
                // Requests to a frozen broker time out quickly.
                Map.entry("request.timeout.ms", "2000"));
        List<BrokerProcess> all = new ArrayList<>();
        for (int i = 1; i <= brokers; i++) {
            all.add(new BrokerProcess(
                    folder.resolve("broker-" + i),
                    List.of(id, String.valueOf(i), String.join(",", controllers)),
                    properties));
        }
        // A broker is only ready when a majority of them runs.
        all.forEach(BrokerProcess::awaitReady);
        return all;
    }

    /** Returns {@code host:port}, which stays the same after a restart. */
    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    /** Returns the bootstrap servers of all brokers. */
    public static String all(List<BrokerProcess> brokers) {
        return brokers.stream().map(BrokerProcess::bootstrapServers).collect(Collectors.joining(","));
    }

    /** Waits until {@code members} brokers are in the cluster, as its other members see it. */
    public static void await(List<BrokerProcess> brokers, int members) {
        if (brokers.isEmpty()) {
            return;
        }
        try (Admin admin = admin(brokers)) {
            Awaitility.await(members + " brokers are in the cluster")
                    .atMost(MEMBERS_TIMEOUT)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> admin.describeCluster().nodes().get().size() == members);
        }
    }

    /**
     * Waits until all replicas of all partitions are in sync. On a busy machine a replica can fall out of sync for a moment;
     * if the leader is frozen then, its partition has no leader until it is thawed.
     */
    public static void awaitInSync(List<BrokerProcess> brokers) {
        try (Admin admin = admin(brokers)) {
            Awaitility.await("all replicas are in sync")
                    .atMost(MEMBERS_TIMEOUT)
                    .pollInterval(Duration.ofMillis(50))
                    // Another trial may have deleted a topic meanwhile.
                    .ignoreExceptionsInstanceOf(ExecutionException.class)
                    .until(() -> {
                        Set<String> topics = admin.listTopics(new ListTopicsOptions().listInternal(true))
                                .names()
                                .get();
                        return admin.describeTopics(topics).allTopicNames().get().values().stream()
                                .flatMap(each -> each.partitions().stream())
                                .allMatch(each ->
                                        each.isr().size() == each.replicas().size());
                    });
        }
    }

    private static Admin admin(List<BrokerProcess> brokers) {
        return Admin.create(
                Map.of("bootstrap.servers", all(brokers), "request.timeout.ms", 500, "retry.backoff.ms", 50));
    }

    /** Kills the process with SIGKILL. */
    public void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** See {@link Signals#freeze}. */
    public void freeze() {
        Signals.freeze(process);
    }

    /** See {@link Signals#thaw}. */
    public void thaw() {
        Signals.thaw(process);
    }

    /** Restarts the broker on the same data and port, and waits until it is ready. */
    public void start() {
        process = launch();
        awaitReady();
    }

    private Process launch() {
        try {
            Files.createDirectories(folder);
            List<String> command = new ArrayList<>(List.of(
                    ProcessHandle.current().info().command().orElse("java"),
                    "-Xmx256m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UnlockDiagnosticVMOptions",
                    "-XX:-BytecodeVerificationRemote",
                    "-cp",
                    System.getProperty("java.class.path"),
                    BrokerProcess.class.getName(),
                    folder.toString(),
                    String.valueOf(port)));
            command.addAll(arguments);
            return new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.appendTo(
                            folder.resolve("broker.log").toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitReady() {
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        try {
            String line;
            do {
                line = out.readLine();
                if (line == null) {
                    throw new AssertionError("the broker ended before it was ready; its log:\n"
                            + Files.readString(folder.resolve("broker.log")));
                }
            } while (!line.equals(READY));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        kill();
    }

    /**
     * Runs the broker. Arguments: folder, port, the cluster's id or nothing, its own id, ports of controllers,
     * properties.
     */
    @SuppressWarnings("SystemOut") // Its parent reads the line.
    public static void main(String[] arguments) throws IOException {
        EmbeddedKafka.Builder builder =
                EmbeddedKafka.builder().folder(Path.of(arguments[0])).port(Integer.parseInt(arguments[1]));
        if (!arguments[2].isEmpty()) {
            builder.member(
                    arguments[2],
                    Integer.parseInt(arguments[3]),
                    Arrays.stream(arguments[4].split(",")).map(Integer::valueOf).toList());
        }
        for (String each : Arrays.asList(arguments).subList(5, arguments.length)) {
            int equals = each.indexOf('=');
            builder.property(each.substring(0, equals), each.substring(equals + 1));
        }
        builder.start();
        System.out.println(READY);
        while (System.in.read() != -1) {
            // The process ends with its parent.
        }
        Runtime.getRuntime().halt(0);
    }
}
