package io.tidemark.worker;

import io.temporal.client.WorkflowClient;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.run.TidemarkException;
import io.tidemark.stage.StagingArea;
import io.tidemark.workflow.BatchActivities;
import io.tidemark.workflow.TidemarkWorkflows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker in this process. It polls two queues: the one that all workers share, for workflows and activities, and one of
 * its own host, for the activities that need files that are staged here.
 */
public final class TidemarkWorker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TidemarkWorker.class);

    /** Often enough to keep a disk clear of what dead processes leave. */
    private static final Duration SWEEP_EVERY = Duration.ofHours(1);

    /** A client that lies idle goes a few minutes after its last use; when exactly does not matter. */
    private static final Duration CLOSE_IDLE_EVERY = Duration.ofMinutes(1);

    /** After the drain: activities are interrupted and only have to close their clients; the SDK itself takes about five. */
    private static final Duration STOP = Duration.ofSeconds(10);

    private final WorkerSettings settings;
    private final HostId host;
    private final KafkaClients kafka;
    private final WorkerFactory factory;
    private final ScheduledExecutorService housekeeping;

    private TidemarkWorker(
            WorkerSettings settings,
            HostId host,
            KafkaClients kafka,
            WorkerFactory factory,
            ScheduledExecutorService housekeeping) {
        this.settings = settings;
        this.host = host;
        this.kafka = kafka;
        this.factory = factory;
        this.housekeeping = housekeeping;
    }

    /**
     * Starts a worker; when this returns, it polls.
     *
     * @param client the Temporal server and namespace; stays open when the worker is closed
     * @throws UncheckedIOException where the folder of staged files cannot be written
     */
    public static TidemarkWorker start(WorkflowClient client, WorkerModule module) {
        WorkerSettings settings = module.settings();
        HostId host;
        try {
            host = HostId.acquire(settings.staging());
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the folder of staged files " + settings.staging() + " cannot be used: " + e
                            + "; name another with --staging",
                    e);
        }
        String hostQueue = settings.taskQueue() + "/host/" + host.id();
        StagingArea staging = module.stagingArea();
        KafkaClients kafka = module.kafkaClients();
        BatchActivities activities = module.activities(kafka, staging, hostQueue);
        WorkerFactory factory = module.workerFactory(client);
        TidemarkWorker worker = new TidemarkWorker(settings, host, kafka, factory, housekeepingThread());
        try {
            // Asks the server what it can do, so this is where one that does not answer shows.
            Worker shared = factory.newWorker(settings.taskQueue(), module.workerOptions());
            TidemarkWorkflows.register(shared);
            shared.registerActivitiesImplementations(activities);
            factory.newWorker(hostQueue, module.hostWorkerOptions()).registerActivitiesImplementations(activities);
            factory.start();
        } catch (RuntimeException e) {
            worker.close();
            throw e;
        }
        module.kafka()
                .warnings()
                .forEach(warning -> LOG.atWarn().addKeyValue("reason", warning).log("kafka setting left out"));
        LOG.atInfo()
                .addKeyValue("taskQueue", settings.taskQueue())
                .addKeyValue("hostQueue", hostQueue)
                .addKeyValue("kafka", module.kafka().bootstrapServers())
                .addKeyValue("namespace", client.getOptions().getNamespace())
                .addKeyValue("staging", staging.folder())
                .log("worker ready");
        worker.keepHouse(staging);
        return worker;
    }

    /** Lets running activities go on for a while, then interrupts them; whatever is cut off is retried elsewhere. */
    @Override
    public void close() {
        housekeeping.shutdownNow();
        try {
            stopPolling();
        } catch (RuntimeException e) {
            // The SDK takes leave of the server first, and fails where that does not answer; the rest is ours to end.
            LOG.atWarn().addKeyValue("reason", e.getMessage()).log("not stopped cleanly");
        }
        kafka.close();
        try {
            host.close();
        } catch (IOException e) {
            LOG.atWarn().addKeyValue("reason", e.getMessage()).log("host id not released");
        }
    }

    private void stopPolling() {
        factory.shutdown();
        factory.awaitTermination(settings.drain().toMillis(), TimeUnit.MILLISECONDS);
        if (!factory.isTerminated()) {
            LOG.atInfo().addKeyValue("drain", settings.drain()).log("drain over, stopping what still polls or runs");
            factory.shutdownNow();
            factory.awaitTermination(STOP.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void keepHouse(StagingArea staging) {
        var unusedResult = housekeeping.submit(WarmUp::run);
        // Not before the worker polls: a cluster that is down for a moment must not keep it from starting.
        housekeeping.execute(this::checkCluster);
        var unused = housekeeping.scheduleWithFixedDelay(
                () -> sweep(staging), 0, SWEEP_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        var unusedToo = housekeeping.scheduleWithFixedDelay(
                kafka::closeIdle, CLOSE_IDLE_EVERY.toMillis(), CLOSE_IDLE_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void checkCluster() {
        try {
            kafka.startupWarnings()
                    .forEach(warning ->
                            LOG.atWarn().addKeyValue("reason", warning).log("kafka cluster"));
        } catch (TidemarkException e) {
            LOG.atWarn()
                    .addKeyValue("kind", e.kind())
                    .addKeyValue("reason", e.getMessage())
                    .log("kafka not reached");
        }
    }

    private void sweep(StagingArea staging) {
        try {
            staging.sweep(settings.stagedFor());
        } catch (TidemarkException e) {
            LOG.atWarn().addKeyValue("reason", e.getMessage()).log("staged files not swept");
        }
    }

    private static ScheduledExecutorService housekeepingThread() {
        return Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "tidemark-housekeeping");
            thread.setDaemon(true);
            return thread;
        });
    }
}
