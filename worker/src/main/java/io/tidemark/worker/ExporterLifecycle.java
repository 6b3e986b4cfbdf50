package io.tidemark.worker;

import io.temporal.client.WorkflowClient;
import io.temporal.envconfig.ClientConfigProfile;
import io.temporal.serviceclient.RpcRetryOptions;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.tidemark.exporter.Exporter;
import io.tidemark.exporter.KafkaCluster;
import io.tidemark.exporter.TemporalServer;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.metrics.SnapshotMeters;
import io.tidemark.settings.KafkaSettings;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the parts of an exporter process in order, and stops them in reverse order. */
final class ExporterLifecycle implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ExporterLifecycle.class);

    /** How long no refresh may end before the process counts as stuck: if no server answers, one takes a few minutes. */
    private static final Duration STUCK = Duration.ofMinutes(15);

    /** How long a question to Temporal is repeated. By default a minute, in which the values of Kafka grow old. */
    private static final Duration RETRY = Duration.ofSeconds(10);

    private final Deque<AutoCloseable> started = new ArrayDeque<>();
    private int port;
    private volatile boolean collected;

    private ExporterLifecycle() {}

    /**
     * Starts an exporter. Servers that do not answer do not keep it from starting: it says so in its metrics.
     *
     * @param port the port, 0 for any free port
     * @throws IllegalArgumentException if no Kafka client can be made from the settings
     * @throws IOException if the port cannot be used
     */
    static ExporterLifecycle start(
            KafkaSettings kafka, ClientConfigProfile temporal, Exporter.Options options, Duration interval, int port)
            throws IOException {
        ExporterLifecycle exporter = new ExporterLifecycle();
        try {
            exporter.startAll(kafka, temporal, options, interval, port);
        } catch (IOException | RuntimeException e) {
            exporter.close();
            throw e;
        }
        return exporter;
    }

    private void startAll(
            KafkaSettings kafka, ClientConfigProfile temporal, Exporter.Options options, Duration interval, int wanted)
            throws IOException {
        KafkaClients clients = new KafkaClients(kafka);
        started.push(clients);
        // Rejects wrong settings at once, without waiting for Kafka.
        clients.admin();
        WorkflowServiceStubs service = WorkflowServiceStubs.newServiceStubs(WorkflowServiceStubsOptions.newBuilder(
                        temporal.toWorkflowServiceStubsOptions())
                .setRpcRetryOptions(
                        RpcRetryOptions.newBuilder().setExpiration(RETRY).validateBuildWithDefaults())
                .validateAndBuildWithDefaults());
        started.push(service::shutdownNow);
        SnapshotMeters meters = new SnapshotMeters();
        started.push(meters);
        Exporter exporter = new Exporter(
                new TemporalServer(
                        WorkflowClient.newInstance(service, temporal.toWorkflowClientOptions()), options.prefix()),
                new KafkaCluster(clients),
                options,
                meters,
                Clock.systemUTC());
        Sign refreshed = new Sign("refreshing", STUCK, System::nanoTime);
        HealthServer server = HealthServer.start(
                "--port",
                wanted,
                () -> problems(refreshed),
                () -> collected ? problems(refreshed) : List.of("nothing collected yet"),
                meters::scrape);
        started.push(server);
        port = server.port();
        ScheduledExecutorService refreshes = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "tidemark-refresh");
            thread.setDaemon(true);
            return thread;
        });
        started.push(() -> {
            refreshes.shutdownNow();
            var unused = refreshes.awaitTermination(5, TimeUnit.SECONDS);
        });
        var unused = refreshes.scheduleWithFixedDelay(
                () -> refresh(exporter, refreshed), 0, interval.toMillis(), TimeUnit.MILLISECONDS);
        LOG.atInfo()
                .addKeyValue("port", port)
                .addKeyValue("kafka", kafka.bootstrapServers())
                .addKeyValue("namespace", String.valueOf(temporal.getNamespace()))
                .log("exporter ready");
    }

    private void refresh(Exporter exporter, Sign refreshed) {
        try {
            exporter.refresh();
            refreshed.seen();
            collected = true;
        } catch (RuntimeException e) {
            // The next refresh would not take place.
            refreshed.failed(String.valueOf(e.getMessage()));
            LOG.atWarn().setCause(e).log("refresh failed");
        }
    }

    private static List<String> problems(Sign sign) {
        return Stream.of(sign).map(Sign::problem).filter(Objects::nonNull).toList();
    }

    /** Returns the port of the HTTP server. */
    int port() {
        return port;
    }

    @Override
    public void close() {
        for (AutoCloseable each : started) {
            try {
                each.close();
            } catch (Exception e) {
                LOG.atWarn().setCause(e).log("a part of the exporter did not stop cleanly");
            }
        }
    }
}
