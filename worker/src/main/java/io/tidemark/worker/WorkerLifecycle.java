package io.tidemark.worker;

import com.uber.m3.tally.RootScopeBuilder;
import com.uber.m3.tally.Scope;
import io.grpc.StatusRuntimeException;
import io.temporal.client.WorkflowClient;
import io.temporal.common.reporter.MicrometerClientStatsReporter;
import io.temporal.envconfig.ClientConfigProfile;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.metrics.Meters;
import io.tidemark.settings.BuildInfo;
import io.tidemark.settings.ClusterProbe;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the parts of a worker process in order, and stops them in reverse order. */
final class WorkerLifecycle implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerLifecycle.class);

    /** Long enough for a Temporal server that is started at the same time as the worker. */
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(30);

    private final Deque<AutoCloseable> started = new ArrayDeque<>();
    private final CountDownLatch stop = new CountDownLatch(1);
    private final CountDownLatch stopped = new CountDownLatch(1);

    private WorkerLifecycle() {}

    /**
     * Starts the health server if there is a port for it, waits until Kafka is reached, connects to Temporal, and starts the
     * worker.
     *
     * @param temporal where the Temporal server is
     * @param healthPort the port, 0 for any free port, or null for no health server
     * @throws IllegalArgumentException if no Kafka client can be made from the settings
     * @throws IOException if the port or the folder of staged files cannot be used, the
     *     brokers reject the settings, or Temporal does not answer within 30 s
     */
    static WorkerLifecycle start(WorkerModule module, ClientConfigProfile temporal, @Nullable Integer healthPort)
            throws IOException {
        WorkerLifecycle worker = new WorkerLifecycle();
        try {
            worker.startAll(module, temporal, healthPort);
        } catch (IOException | RuntimeException e) {
            worker.close();
            throw e;
        }
        return worker;
    }

    private void startAll(WorkerModule module, ClientConfigProfile profile, @Nullable Integer healthPort)
            throws IOException {
        Meters meters = module.meters();
        BuildInfo build = BuildInfo.current();
        meters.process(build.version(), build.revision());
        started.push(meters);
        Health health = module.health();
        if (healthPort != null) {
            started.push(HealthServer.start(healthPort, health, meters::scrape));
        }
        try (KafkaClients clients = module.kafkaClients()) {
            new KafkaStart(
                            () -> ClusterProbe.ask(module.kafka()),
                            System::nanoTime,
                            pause -> Thread.sleep(pause.toMillis()))
                    .await();
            clients.check();
        }
        Scope scope = new RootScopeBuilder()
                .reporter(new MicrometerClientStatsReporter(meters.registry()))
                .reportEvery(
                        com.uber.m3.util.Duration.ofMillis(module.reportEvery().toMillis()));
        started.push(scope);
        WorkflowServiceStubs service = connect(profile, scope, health);
        started.push(service::shutdownNow);
        WorkflowClient client = WorkflowClient.newInstance(service, profile.toWorkflowClientOptions());
        started.push(TidemarkWorker.start(client, module));
        Runtime.getRuntime().addShutdownHook(new Thread(this::stopAndWait, "tidemark-stop"));
    }

    /** Waits until the process is asked to stop. */
    void awaitStop() throws InterruptedException {
        stop.await();
    }

    @Override
    public void close() {
        for (AutoCloseable each : started) {
            try {
                each.close();
            } catch (Exception e) {
                LOG.atWarn().setCause(e).log("a part of the worker did not stop cleanly");
            }
        }
        started.clear();
        stopped.countDown();
    }

    /** Blocks the shutdown hook until the worker has stopped, because the process ends when its hooks have. */
    private void stopAndWait() {
        stop.countDown();
        try {
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static WorkflowServiceStubs connect(ClientConfigProfile profile, Scope scope, Health health)
            throws IOException {
        WorkflowServiceStubsOptions options = WorkflowServiceStubsOptions.newBuilder(
                        profile.toWorkflowServiceStubsOptions())
                .setMetricsScope(scope)
                .addGrpcClientInterceptor(health.watchPolls())
                .validateAndBuildWithDefaults();
        WorkflowServiceStubs service = WorkflowServiceStubs.newServiceStubs(options);
        try {
            service.connect(CONNECT_TIMEOUT);
            return service;
        } catch (StatusRuntimeException | IllegalStateException e) {
            service.shutdownNow();
            throw new IOException(
                    "no Temporal server answers at " + options.getTarget() + " (" + e.getMessage()
                            + "). Start one with: temporal server start-dev; or name another with --address or"
                            + " TEMPORAL_ADDRESS",
                    e);
        }
    }
}
