package io.tidemark.demo;

import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.tidemark.embedded.TemporalServer;
import io.tidemark.settings.KafkaSettings;
import io.tidemark.worker.Placement;
import io.tidemark.worker.TidemarkWorker;
import io.tidemark.worker.WorkerModule;
import io.tidemark.worker.WorkerSettings;
import java.nio.file.Path;
import java.time.Duration;

/** A worker in this process, for servers on this machine. */
public final class LocalWorker implements AutoCloseable {

    /** Short, because after Ctrl-C the results of a demo are discarded. */
    private static final Duration DRAIN = Duration.ofMillis(500);

    private final WorkflowServiceStubs service;
    private final WorkflowClient client;
    private final TidemarkWorker worker;

    private LocalWorker(WorkflowServiceStubs service, WorkflowClient client, TidemarkWorker worker) {
        this.service = service;
        this.client = client;
        this.worker = worker;
    }

    /** Starts a worker. Returns when it polls. */
    public static LocalWorker start(TemporalServer temporal, KafkaSettings kafka, Path staging) {
        WorkerSettings defaults = WorkerSettings.defaults();
        WorkerSettings settings = new WorkerSettings(
                defaults.taskQueue(),
                staging,
                defaults.activities(),
                defaults.pollers(),
                DRAIN,
                defaults.stagedFor(),
                defaults.reader(),
                defaults.outputTopics(),
                defaults.weakReplication(),
                Placement.LOCAL);
        WorkflowServiceStubs service = WorkflowServiceStubs.newServiceStubs(WorkflowServiceStubsOptions.newBuilder()
                .setTarget(temporal.target())
                .build());
        try {
            WorkflowClient client = WorkflowClient.newInstance(
                    service,
                    WorkflowClientOptions.newBuilder()
                            .setNamespace(temporal.namespace())
                            .build());
            return new LocalWorker(service, client, TidemarkWorker.start(client, new WorkerModule(settings, kafka)));
        } catch (RuntimeException e) {
            service.shutdownNow();
            throw e;
        }
    }

    /** Returns a client of the same server. */
    public WorkflowClient client() {
        return client;
    }

    @Override
    public void close() {
        worker.close();
        service.shutdownNow();
    }
}
