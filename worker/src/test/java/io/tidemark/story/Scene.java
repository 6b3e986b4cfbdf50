package io.tidemark.story;

import com.fasterxml.jackson.databind.JsonNode;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.ApplicationFailure;
import io.temporal.worker.WorkerOptions;
import io.tidemark.check.OutputTopics;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.run.RunSummary;
import io.tidemark.settings.KafkaSettings;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.WorkerMemory;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.SharedBroker;
import io.tidemark.worker.TidemarkWorker;
import io.tidemark.worker.WorkerModule;
import io.tidemark.worker.WorkerSettings;
import io.tidemark.workflow.KafkaBatchWorkflow;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The real Temporal server, one for all stories of a JVM, and a task queue for each story. */
final class Scene {
    /** A worker in this process, with slots for all the partitions that a story has. */
    private static final int ACTIVITIES = 8;

    /** How soon Temporal gives a workflow to another worker; its defaults of 5 s and 10 s are longer than the stories. */
    private static final Duration NOTICED = Duration.ofSeconds(1);

    /** A story that ends does not wait for what it holds. */
    private static final Duration DRAIN = Duration.ofSeconds(1);

    private final String taskQueue;

    /** See {@link DevServer#require}. */
    static void requireServer() {
        DevServer.require();
    }

    Scene() {
        this("story-" + UUID.randomUUID());
    }

    /** A story on a task queue that somebody polls already. */
    Scene(String taskQueue) {
        this.taskQueue = taskQueue;
        requireServer();
    }

    /** See {@link DevServer#answers}. */
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

    /** A worker in this process. */
    TidemarkWorker worker(Path staging) {
        return worker(staging, Checkpoints.NONE);
    }

    /** A worker in this process whose steps pass these checkpoints. */
    TidemarkWorker worker(Path staging, Checkpoints checkpoints) {
        return worker(taskQueue, staging, checkpoints);
    }

    /** A worker in this process that reads one split at a time. */
    TidemarkWorker workerWithOneReader(Path staging, Checkpoints checkpoints) {
        return TidemarkWorker.start(
                client(),
                module(
                        taskQueue,
                        staging,
                        SharedBroker.get().bootstrapServers(),
                        checkpoints,
                        1,
                        WorkerMemory.ofHeap()));
    }

    /** A worker in this process that has so much memory. */
    TidemarkWorker worker(Path staging, Checkpoints checkpoints, WorkerMemory memory) {
        return TidemarkWorker.start(
                client(),
                module(taskQueue, staging, SharedBroker.get().bootstrapServers(), checkpoints, ACTIVITIES, memory));
    }

    /** A worker in this process that gives its steps so long to end when it is stopped. */
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
        WorkerSettings settings = new WorkerSettings(
                taskQueue,
                staging,
                activities,
                2,
                drain,
                WorkerSettings.DEFAULT_STAGED_FOR,
                Rig.READER,
                OutputTopics.ANY);
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
                        // The fewer polls a dead or sleeping worker leaves behind, the less is handed to it in vain.
                        .setMaxConcurrentWorkflowTaskPollers(2)
                        .build();
            }
        };
    }

    /** Starts a run as anybody would: the job as JSON, under any workflow id. */
    WorkflowStub start(JobSpec job) {
        return start(job.toJson());
    }

    WorkflowStub start(JsonNode job) {
        return start(client(), taskQueue, job);
    }

    /** The same on another server. */
    static WorkflowStub start(WorkflowClient client, String taskQueue, JsonNode job) {
        return start(client, options(taskQueue).build(), job);
    }

    static WorkflowStub start(WorkflowClient client, WorkflowOptions options, JsonNode job) {
        WorkflowStub run = client.newUntypedWorkflowStub(KafkaBatchWorkflow.TYPE, options);
        run.start(job);
        return run;
    }

    /** How the stories start their runs. */
    static WorkflowOptions.Builder options(String taskQueue) {
        return WorkflowOptions.newBuilder()
                .setTaskQueue(taskQueue)
                .setWorkflowId("run-" + UUID.randomUUID())
                .setWorkflowTaskTimeout(NOTICED);
    }

    /** A run from start to end. */
    RunSummary run(JobSpec job) {
        return result(start(job));
    }

    /** What a run has done when it ends well. */
    static RunSummary result(WorkflowStub run) {
        try {
            return run.getResult(90, TimeUnit.SECONDS, RunSummary.class);
        } catch (TimeoutException e) {
            throw new AssertionError("the run does not end", e);
        }
    }

    /** Why a run has failed. */
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

    /** The one body that a job can have at a time, or had last. */
    static WorkflowStub body(JobSpec job) {
        return client().newUntypedWorkflowStub(JobNames.workflowId(job.name()));
    }
}
