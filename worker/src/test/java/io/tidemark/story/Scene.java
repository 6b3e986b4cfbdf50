package io.tidemark.story;

import com.fasterxml.jackson.databind.JsonNode;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.ApplicationFailure;
import io.temporal.worker.WorkerOptions;
import io.tidemark.check.OutputTopics;
import io.tidemark.check.WeakReplication;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.run.RunSummary;
import io.tidemark.settings.KafkaSettings;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.WorkerMemory;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.SharedBroker;
import io.tidemark.testkit.Workload;
import io.tidemark.worker.Placement;
import io.tidemark.worker.TidemarkWorker;
import io.tidemark.worker.WorkerModule;
import io.tidemark.worker.WorkerSettings;
import io.tidemark.workflow.KafkaBatchWorkflow;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The real Temporal server, shared by all tests of a JVM, with a task queue for each test. */
final class Scene {
    /** Enough slots for all partitions of a test. */
    private static final int ACTIVITIES = 8;

    /**
     * The time after which Temporal gives a workflow to another worker. The defaults of 5 s and 10 s are longer than
     * the tests.
     */
    private static final Duration NOTICED = Duration.ofSeconds(1);

    /** The drain time: a test that ends does not wait for the steps that it holds. */
    private static final Duration DRAIN = Duration.ofSeconds(1);

    /** Far more than a run takes, because a machine that others keep busy may run it fifty times as slowly. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final String taskQueue;

    /** Starts a server if needed; see {@link DevServer#require}. */
    static void requireServer() {
        DevServer.require();
    }

    Scene() {
        this("story-" + UUID.randomUUID());
    }

    /** Makes a scene on a task queue that a worker already polls. */
    Scene(String taskQueue) {
        this.taskQueue = taskQueue;
        requireServer();
    }

    /** Returns whether the server works; see {@link DevServer#answers}. */
    static boolean answers() {
        return DevServer.answers();
    }

    static String temporal() {
        return DevServer.target();
    }

    static WorkflowClient client() {
        return DevServer.client();
    }

    String taskQueue() {
        return taskQueue;
    }

    /** Starts a worker in this process. */
    TidemarkWorker worker(Path staging) {
        return worker(staging, Checkpoints.NONE);
    }

    /** Starts a worker in this process whose steps pass these checkpoints. */
    TidemarkWorker worker(Path staging, Checkpoints checkpoints) {
        return worker(taskQueue, staging, checkpoints);
    }

    /** Starts a worker in this process that reads one split at a time. */
    TidemarkWorker workerWithOneReader(Path staging, Checkpoints checkpoints) {
        return workerWithOneReader(client(), staging, checkpoints);
    }

    /** Starts a worker of another server in this process that reads one split at a time. */
    TidemarkWorker workerWithOneReader(WorkflowClient client, Path staging, Checkpoints checkpoints) {
        return TidemarkWorker.start(
                client,
                module(
                        taskQueue,
                        staging,
                        SharedBroker.get().bootstrapServers(),
                        checkpoints,
                        1,
                        WorkerMemory.ofHeap()));
    }

    /** Starts a worker in this process with this amount of memory for its steps. */
    TidemarkWorker worker(Path staging, Checkpoints checkpoints, WorkerMemory memory) {
        return TidemarkWorker.start(
                client(),
                module(taskQueue, staging, SharedBroker.get().bootstrapServers(), checkpoints, ACTIVITIES, memory));
    }

    /** Starts a worker in this process with this drain time. */
    TidemarkWorker worker(Path staging, Checkpoints checkpoints, Duration drain) {
        return TidemarkWorker.start(
                client(),
                module(
                        taskQueue,
                        staging,
                        SharedBroker.get().bootstrapServers(),
                        checkpoints,
                        ACTIVITIES,
                        WorkerMemory.ofHeap(),
                        drain));
    }

    /** Starts a worker in this process with this host id and version. */
    TidemarkWorker worker(Path staging, Checkpoints checkpoints, Placement placement) {
        return TidemarkWorker.start(
                client(),
                module(
                        settings(taskQueue, staging, ACTIVITIES, DRAIN).withPlacement(placement),
                        SharedBroker.get().bootstrapServers(),
                        checkpoints,
                        WorkerMemory.ofHeap()));
    }

    static TidemarkWorker worker(String taskQueue, Path staging, Checkpoints checkpoints) {
        return TidemarkWorker.start(
                client(), module(taskQueue, staging, SharedBroker.get().bootstrapServers(), checkpoints));
    }

    static WorkerModule module(String taskQueue, Path staging, String kafka, Checkpoints checkpoints) {
        return module(taskQueue, staging, kafka, checkpoints, ACTIVITIES, WorkerMemory.ofHeap());
    }

    private static WorkerModule module(
            String taskQueue,
            Path staging,
            String kafka,
            Checkpoints checkpoints,
            int activities,
            WorkerMemory memory) {
        return module(taskQueue, staging, kafka, checkpoints, activities, memory, DRAIN);
    }

    private static WorkerModule module(
            String taskQueue,
            Path staging,
            String kafka,
            Checkpoints checkpoints,
            int activities,
            WorkerMemory memory,
            Duration drain) {
        return module(settings(taskQueue, staging, activities, drain), kafka, checkpoints, memory);
    }

    private static WorkerSettings settings(String taskQueue, Path staging, int activities, Duration drain) {
        return new WorkerSettings(
                taskQueue,
                staging,
                activities,
                2,
                drain,
                WorkerSettings.DEFAULT_STAGED_FOR,
                Rig.READER,
                OutputTopics.ANY,
                WeakReplication.WARN,
                Placement.LOCAL);
    }

    private static WorkerModule module(
            WorkerSettings settings, String kafka, Checkpoints checkpoints, WorkerMemory memory) {
        return new WorkerModule(settings, KafkaSettings.of(Map.of("bootstrap.servers", kafka))) {
            @Override
            protected Checkpoints checkpoints() {
                return checkpoints;
            }

            @Override
            protected WorkerMemory memory() {
                return memory;
            }

            @Override
            protected WorkerOptions workerOptions() {
                return WorkerOptions.newBuilder(super.workerOptions())
                        .setStickyQueueScheduleToStartTimeout(NOTICED)
                        // A server hands tasks to the polls of a dead or frozen worker, so keep their number low.
                        .setMaxConcurrentWorkflowTaskPollers(2)
                        .build();
            }
        };
    }

    /** Starts a run as an operator does: the job as JSON, under any workflow id. */
    WorkflowStub start(JobSpec job) {
        return start(job.toJson());
    }

    WorkflowStub start(JsonNode job) {
        return start(client(), taskQueue, job);
    }

    /** Starts a run on another server. */
    static WorkflowStub start(WorkflowClient client, String taskQueue, JsonNode job) {
        return start(client, options(taskQueue).build(), job);
    }

    /** Starts the next run of a workload, with its nominal time. */
    WorkflowStub start(Workload workload) {
        return start(client(), taskQueue, workload);
    }

    /** The same on another server. */
    static WorkflowStub start(WorkflowClient client, String taskQueue, Workload workload) {
        return start(client, options(taskQueue).build(), workload);
    }

    /** The same with these options. */
    static WorkflowStub start(WorkflowClient client, WorkflowOptions options, Workload workload) {
        WorkflowStub run = client.newUntypedWorkflowStub(KafkaBatchWorkflow.TYPE, options);
        Instant nominal = workload.nextRun();
        run.start(workload.rig().job().toJson(), nominal == null ? null : nominal.toString());
        return run;
    }

    static WorkflowStub start(WorkflowClient client, WorkflowOptions options, JsonNode job) {
        WorkflowStub run = client.newUntypedWorkflowStub(KafkaBatchWorkflow.TYPE, options);
        run.start(job);
        return run;
    }

    /** Returns the options with which tests start runs. */
    static WorkflowOptions.Builder options(String taskQueue) {
        return WorkflowOptions.newBuilder()
                .setTaskQueue(taskQueue)
                .setWorkflowId("run-" + UUID.randomUUID())
                .setWorkflowTaskTimeout(NOTICED);
    }

    /** Starts a run and waits for its success. */
    RunSummary run(JobSpec job) {
        return result(start(job));
    }

    /** The same for the next run of a workload. */
    RunSummary run(Workload workload) {
        return result(start(workload));
    }

    /** Returns the summary of a run that succeeds. */
    static RunSummary result(WorkflowStub run) {
        try {
            return run.getResult(PATIENCE.toSeconds(), TimeUnit.SECONDS, RunSummary.class);
        } catch (TimeoutException e) {
            throw new AssertionError("the run does not succeed", e);
        }
    }

    /** Returns the failure of a run that fails. */
    static ApplicationFailure failure(WorkflowStub run) {
        try {
            throw new AssertionError("the run has not failed: " + result(run));
        } catch (WorkflowFailedException e) {
            if (e.getCause() instanceof ApplicationFailure failure) {
                return failure;
            }
            throw new AssertionError("the run has not failed by itself", e);
        }
    }

    static RunSummary status(WorkflowStub run) {
        return run.query("status", RunSummary.class);
    }

    /** Returns the current or last body of the job. */
    static WorkflowStub body(JobSpec job) {
        return client().newUntypedWorkflowStub(JobNames.workflowId(job.name()));
    }
}
