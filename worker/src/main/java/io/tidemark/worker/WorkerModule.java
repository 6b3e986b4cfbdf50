package io.tidemark.worker;

import io.temporal.client.WorkflowClient;
import io.temporal.worker.WorkerFactory;
import io.temporal.worker.WorkerOptions;
import io.tidemark.activity.BatchActivitiesImpl;
import io.tidemark.kafka.KafkaClients;
import io.tidemark.pipeline.Checkpoints;
import io.tidemark.pipeline.WorkerMemory;
import io.tidemark.settings.KafkaSettings;
import io.tidemark.stage.StagingArea;
import io.tidemark.workflow.BatchActivities;
import java.time.Clock;
import java.time.Duration;

/** Makes every object of a worker, each in a method that a test can override. */
public class WorkerModule {
    /** Four groups of fifty slices, more than a worker is handed; a thread that waits costs little. */
    private static final int HOST_SLOTS = 200;

    private final WorkerSettings settings;
    private final KafkaSettings kafka;

    /** A worker of these settings, for one Kafka cluster. */
    public WorkerModule(WorkerSettings settings, KafkaSettings kafka) {
        this.settings = settings;
        this.kafka = kafka;
    }

    /** How the worker works. */
    public final WorkerSettings settings() {
        return settings;
    }

    /** How it reaches Kafka. */
    public final KafkaSettings kafka() {
        return kafka;
    }

    /** Where steps can be stopped: nowhere. */
    protected Checkpoints checkpoints() {
        return Checkpoints.NONE;
    }

    /** What all steps at work may take together. */
    protected WorkerMemory memory() {
        return WorkerMemory.ofHeap();
    }

    /** The wall clock. */
    protected Clock clock() {
        return Clock.systemUTC();
    }

    /** How often the Temporal SDK's metrics are brought up to date: as often as Prometheus asks. */
    protected Duration reportEvery() {
        return Duration.ofSeconds(10);
    }

    /** Clients of the cluster. */
    protected KafkaClients kafkaClients() {
        return new KafkaClients(kafka, settings.reader());
    }

    /** The folder in which activities leave files for one another. */
    protected StagingArea stagingArea() {
        return new StagingArea(settings.staging());
    }

    /** The activities, for both queues. */
    protected BatchActivities activities(KafkaClients clients, StagingArea staging, String hostQueue) {
        return new BatchActivitiesImpl(
                clients,
                staging,
                hostQueue,
                settings.activities(),
                memory(),
                settings.outputTopics(),
                clock(),
                checkpoints());
    }

    /** What starts and stops the two pollers together. */
    protected WorkerFactory workerFactory(WorkflowClient client) {
        return WorkerFactory.newInstance(client);
    }

    /**
     * The host's own queue: everything in it is taken at once, and waits in the process for its turn. What waits in a
     * queue sends no heartbeats, and a host that leaves its queue unanswered counts as dead.
     */
    protected WorkerOptions hostWorkerOptions() {
        return WorkerOptions.newBuilder(workerOptions())
                .setMaxConcurrentActivityExecutionSize(HOST_SLOTS)
                .build();
    }

    /** Slots and pollers of the shared queue. */
    protected WorkerOptions workerOptions() {
        return WorkerOptions.newBuilder()
                .setMaxConcurrentActivityExecutionSize(settings.activities())
                .setMaxConcurrentActivityTaskPollers(settings.pollers())
                // Else a worker that drains cuts its steps off at their next heartbeat, and their work is done again.
                .setAllowActivityHeartbeatDuringShutdown(true)
                .build();
    }
}
