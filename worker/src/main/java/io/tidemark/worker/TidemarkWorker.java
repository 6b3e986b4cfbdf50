package io.tidemark.worker;

import io.temporal.client.WorkflowClient;
import io.temporal.common.WorkerDeploymentVersion;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import io.temporal.worker.WorkerOptions;
import io.tidemark.activity.BatchActivitiesImpl;
import io.tidemark.activity.OpenWork;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.notify.Outbox;
import io.tidemark.run.TidemarkException;
import io.tidemark.settings.BuildInfo;
import io.tidemark.stage.StagingArea;
import io.tidemark.temporal.NamespaceAttributes;
import io.tidemark.trace.Traces;
import io.tidemark.workflow.TidemarkWorkflows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker in this process. It polls two queues: the shared one, for workflows and activities, and the queue of its
 * host, for activities that need the files staged here.
 */
public final class TidemarkWorker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TidemarkWorker.class);

    /** How often files of dead processes are deleted from the staging folder. */
    private static final Duration SWEEP_EVERY = Duration.ofHours(1);

    /** How often clients that have been unused for a few minutes are closed. */
    private static final Duration CLOSE_IDLE_EVERY = Duration.ofMinutes(1);

    /** Time for the stop after the drain. Interrupted activities only close their clients; the SDK takes about 5 s. */
    private static final Duration STOP = Duration.ofSeconds(10);

    /**
     * How long no step of a slice that was read here may run before its run is assumed to have ended. The next step comes
     * within milliseconds, and the first retry of a failed one after a second.
     */
    private static final Duration QUIET = Duration.ofSeconds(3);

    private final WorkerSettings settings;
    private final HostId host;
    private final KafkaClients kafka;
    private final Health health;
    private final OpenWork openWork;
    /** Polls activities of the shared queue: plans, commits and the first reads of slices. */
    private final WorkerFactory sharedActivities;
    /** Polls workflows, and the activities of the host's queue. */
    private final WorkerFactory workflowsAndHost;

    /** Each sends what it still has, when the last step has ended. */
    private final List<Runnable> senders;

    private final ScheduledExecutorService housekeeping;

    private TidemarkWorker(
            WorkerSettings settings,
            HostId host,
            KafkaClients kafka,
            Health health,
            OpenWork openWork,
            WorkerFactory sharedActivities,
            WorkerFactory workflowsAndHost,
            List<Runnable> senders,
            ScheduledExecutorService housekeeping) {
        this.settings = settings;
        this.host = host;
        this.kafka = kafka;
        this.health = health;
        this.openWork = openWork;
        this.sharedActivities = sharedActivities;
        this.workflowsAndHost = workflowsAndHost;
        this.senders = senders;
        this.housekeeping = housekeeping;
    }

    /**
     * Starts a worker. Returns when it polls.
     *
     * @param client client of the Temporal server and namespace; stays open when the worker is closed
     * @throws UncheckedIOException if the folder of staged files cannot be written
     */
    public static TidemarkWorker start(WorkflowClient client, WorkerModule module) {
        WorkerSettings settings = module.settings();
        HostId host;
        try {
            host = HostId.acquire(settings.staging(), settings.placement().hostId());
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the folder of staged files " + settings.staging() + " cannot be used: " + e
                            + "; name another folder with --staging",
                    e);
        }
        WorkerDeploymentVersion version = settings.placement().version();
        String hostQueue = settings.taskQueue() + "/host/" + host.id();
        StagingArea staging = module.stagingArea(host.generation());
        KafkaClients kafka = module.kafkaClients();
        kafka.tell(module.meters().kafka());
        BatchActivitiesImpl activities = module.activities(kafka, staging, hostQueue);
        module.meters().staging(staging);
        module.meters().slots(activities, settings.activities());
        Outbox lineage = module.lineage();
        Traces traces = module.traces();
        WorkerFactory sharedActivities = module.workerFactory(client, lineage, traces);
        WorkerFactory workflowsAndHost = module.workerFactory(client, lineage, traces);
        TidemarkWorker worker = new TidemarkWorker(
                settings,
                host,
                kafka,
                module.health(),
                activities.openWork(),
                sharedActivities,
                workflowsAndHost,
                senders(lineage, traces),
                housekeepingThread());
        try {
            // The first request to the server: throws if it does not answer.
            Worker workflows = workflowsAndHost.newWorker(
                    settings.taskQueue(),
                    // Other activities of this queue are polled by the other factory.
                    WorkerOptions.newBuilder(module.workerOptions())
                            .setLocalActivityWorkerOnly(true)
                            .build());
            TidemarkWorkflows.register(
                    workflows,
                    version != null,
                    module.noticeTypes(),
                    new NamespaceAttributes(
                            client.getWorkflowServiceStubs(),
                            client.getOptions().getNamespace()));
            workflowsAndHost
                    .newWorker(hostQueue, module.hostWorkerOptions())
                    .registerActivitiesImplementations(activities);
            sharedActivities
                    .newWorker(settings.taskQueue(), module.workerOptions())
                    .registerActivitiesImplementations(activities, module.notices());
            workflowsAndHost.start();
            sharedActivities.start();
        } catch (RuntimeException e) {
            worker.close();
            throw e;
        }
        module.kafka()
                .warnings()
                .forEach(warning -> LOG.atWarn().addKeyValue("reason", warning).log("kafka setting ignored"));
        List<String> aggregates = module.aggregates().names();
        if (!aggregates.isEmpty()) {
            LOG.atInfo().addKeyValue("aggregates", aggregates).log("plugins loaded");
        }
        LOG.atInfo()
                .addKeyValue("version", BuildInfo.current().text())
                .addKeyValue("taskQueue", settings.taskQueue())
                .addKeyValue("hostQueue", hostQueue)
                .addKeyValue("kafka", module.kafka().bootstrapServers())
                .addKeyValue("namespace", client.getOptions().getNamespace())
                .addKeyValue("staging", staging.folder())
                .addKeyValue("deploymentVersion", version == null ? "none" : version.toCanonicalString())
                .log("worker ready");
        worker.startHousekeeping(staging);
        module.health().probe(kafka::requireAnswer, staging::requireWritable);
        module.health().polling(true);
        return worker;
    }

    /**
     * Takes no new slices, gives those that were read here the drain time to be written, then interrupts the activities
     * that still run. Temporal retries interrupted activities on another worker.
     */
    @Override
    public void close() {
        health.polling(false);
        health.close();
        housekeeping.shutdownNow();
        long begun = System.nanoTime();
        attempt(sharedActivities::shutdown);
        awaitOpenWork();
        attempt(workflowsAndHost::shutdown);
        attempt(() -> awaitEnd(begun));
        senders.forEach(TidemarkWorker::attempt);
        kafka.close();
        try {
            host.close();
        } catch (IOException e) {
            LOG.atWarn().addKeyValue("reason", e.getMessage()).log("host id not released");
        }
    }

    /**
     * Runs a part of the stop. The SDK first tells the server that the worker stops, and throws if the server does not
     * answer; the rest must be stopped nevertheless.
     */
    private static void attempt(Runnable stop) {
        try {
            stop.run();
        } catch (RuntimeException e) {
            LOG.atWarn().addKeyValue("reason", e.getMessage()).log("worker did not stop cleanly");
        }
    }

    private void awaitEnd(long begun) {
        List<WorkerFactory> both = List.of(sharedActivities, workflowsAndHost);
        both.forEach(each -> each.awaitTermination(left(settings.drain(), begun), TimeUnit.MILLISECONDS));
        if (!both.stream().allMatch(WorkerFactory::isTerminated)) {
            LOG.atInfo()
                    .addKeyValue("drain", settings.drain())
                    .log("drain time over, interrupting the activities that still run");
            both.forEach(WorkerFactory::shutdownNow);
            long stopBegun = System.nanoTime();
            both.forEach(each -> each.awaitTermination(left(STOP, stopBegun), TimeUnit.MILLISECONDS));
        }
    }

    private void awaitOpenWork() {
        try {
            if (!openWork.await(settings.drain(), QUIET)) {
                LOG.atInfo().log("stopping before all slices that were read here are written");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static List<Runnable> senders(@Nullable Outbox lineage, @Nullable Traces traces) {
        List<Runnable> senders = new ArrayList<>();
        if (lineage != null) {
            senders.add(lineage::close);
        }
        if (traces != null) {
            senders.add(traces::close);
        }
        return senders;
    }

    private static long left(Duration time, long begun) {
        return Math.max(0, time.minusNanos(System.nanoTime() - begun).toMillis());
    }

    private void startHousekeeping(StagingArea staging) {
        var unusedResult = housekeeping.submit(WarmUp::run);
        // Not before the worker polls, so that a short outage of Kafka does not keep it from starting.
        housekeeping.execute(this::checkCluster);
        var unused = housekeeping.scheduleWithFixedDelay(
                () -> sweep(staging), 0, SWEEP_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        var unusedToo = housekeeping.scheduleWithFixedDelay(
                this::everyMinute, CLOSE_IDLE_EVERY.toMillis(), CLOSE_IDLE_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void everyMinute() {
        kafka.closeIdle();
        health.housekeeping();
    }

    private void checkCluster() {
        try {
            kafka.startupWarnings()
                    .forEach(warning ->
                            LOG.atWarn().addKeyValue("reason", warning).log("kafka cluster check"));
        } catch (TidemarkException e) {
            LOG.atWarn()
                    .addKeyValue("kind", e.kind())
                    .addKeyValue("reason", e.getMessage())
                    .log("kafka not reachable; runs fail until it is");
        }
    }

    private void sweep(StagingArea staging) {
        try {
            staging.sweep(settings.stagedFor());
        } catch (TidemarkException e) {
            LOG.atWarn().addKeyValue("reason", e.getMessage()).log("old staged files not deleted");
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
