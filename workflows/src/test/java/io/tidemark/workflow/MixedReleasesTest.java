package io.tidemark.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temporal.api.enums.v1.EventType;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.ApplicationFailure;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import io.temporal.worker.WorkerOptions;
import io.tidemark.job.JobSpec;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.RunSummary;
import io.tidemark.testkit.NewerRelease;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Workers of two releases poll the same queue, as during a rolling update, and a job has a field that only the newer
 * release knows. The worker of {@link WorkflowScene} is the older one.
 */
@Timeout(60)
class MixedReleasesTest extends WorkflowScene {
    private @Nullable WorkerFactory newer;

    @AfterEach
    void stopNewer() {
        if (newer != null) {
            newer.shutdownNow();
        }
    }

    @Test
    void aJobThatANewerCommandLineAcceptedWaitsForANewerWorker() {
        kafka.append(0, 10);
        WorkflowStub run = startAccepted(Duration.ZERO);
        awaitFailedTask("run");

        startNewer();

        assertThat(run.getResult(RunSummary.class).done()).isEqualTo(1);
    }

    @Test
    void aJobThatNoWorkerAcceptsWithinARollingUpdateFailsTheRun() {
        // Without a delay the failed task would be repeated in real time: the server does not skip time then.
        ApplicationFailure failure = failure(startAccepted(KafkaBatchWorkflowImpl.ROLLING_UPDATE));

        assertThat(failure.getType()).isEqualTo("INVALID_JOB");
        assertThat(failure.getOriginalMessage())
                .contains(NewerRelease.FIELD + ": is not a known field", "no worker did within 10m", "update them");
    }

    @Test
    void aBodyThatAnOlderWorkerCannotReadWaitsForANewerOne() {
        kafka.append(0, 10);
        WorkflowStub body = NewerRelease.client(client)
                .newUntypedWorkflowStub(
                        BatchRunWorkflow.TYPE, impatient(Jobs.BODY).build());
        body.start(JobSpec.fromJson(Jobs.voltage()));
        awaitFailedTask(Jobs.BODY);

        startNewer();

        assertThat(body.getResult(RunSummary.class).done()).isEqualTo(1);
    }

    @Test
    void aGroupThatAnOlderWorkerCannotReadWaitsForANewerOne() {
        kafka.append(0, 10);
        JobSpec job = JobSpec.fromJson(Jobs.voltage());
        SliceGroup group = new SliceGroup(
                job,
                "run-id",
                FakeKafka.IDENTITY,
                List.of(new PartitionRange(0, 0, 10)),
                temporal.currentTimeMillis() + Duration.ofHours(1).toMillis(),
                0,
                true,
                0,
                0,
                null);
        WorkflowStub child = NewerRelease.client(client)
                .newUntypedWorkflowStub(
                        PartitionGroupWorkflow.TYPE, impatient("group").build());
        child.start(group);
        awaitFailedTask("group");

        startNewer();

        assertThat(child.getResult(RunSummary.class).done()).isEqualTo(1);
    }

    @Test
    void anActivityThatAnOlderWorkerCannotReadIsRetriedOnANewerOne() {
        kafka.append(0, 10);
        String queue = "workflows-of-the-newer";
        WorkerFactory workflows = newerFactory();
        newer = workflows;
        TidemarkWorkflows.register(workflows.newWorker(
                queue,
                WorkerOptions.newBuilder().setLocalActivityWorkerOnly(true).build()));
        workflows.start();
        // The older worker of the same queue has activities only.
        WorkerFactory older = WorkerFactory.newInstance(client);
        older.newWorker(queue).registerActivitiesImplementations(kafka);
        older.start();
        WorkflowStub run = NewerRelease.client(client)
                .newUntypedWorkflowStub(
                        KafkaBatchWorkflow.TYPE,
                        options("run").setTaskQueue(queue).build());
        run.start(Jobs.voltage());
        await().ignoreExceptions().until(() -> attempts(Jobs.BODY) > 1);
        WorkerFactory activities = newerFactory();
        try {
            activities.newWorker(queue).registerActivitiesImplementations(kafka);
            activities.newWorker(HOST_QUEUE).registerActivitiesImplementations(kafka);
            activities.start();

            assertThat(run.getResult(RunSummary.class).done()).isEqualTo(1);
        } finally {
            activities.shutdownNow();
            older.shutdownNow();
        }
    }

    /** Temporal gives a failed task to the next worker after this time, 10 s by default. */
    private WorkflowOptions.Builder impatient(String workflowId) {
        return options(workflowId).setWorkflowTaskTimeout(Duration.ofSeconds(1));
    }

    private WorkflowStub startAccepted(Duration delay) {
        WorkflowStub run = client.newUntypedWorkflowStub(
                KafkaBatchWorkflow.TYPE,
                impatient("run")
                        .setMemo(Map.of(KafkaBatchWorkflow.ACCEPTED, true))
                        .setStartDelay(delay)
                        .build());
        run.start(NewerRelease.job(Jobs.voltage()));
        return run;
    }

    /** Starts a worker of the newer release, and stops the older one, which would take its turn at each retry. */
    private void startNewer() {
        WorkerFactory factory = newerFactory();
        newer = factory;
        Worker shared = factory.newWorker(taskQueue());
        TidemarkWorkflows.register(shared);
        shared.registerActivitiesImplementations(kafka);
        factory.newWorker(HOST_QUEUE).registerActivitiesImplementations(kafka);
        factory.start();
        temporal.getWorkerFactory().suspendPolling();
    }

    private WorkerFactory newerFactory() {
        return WorkerFactory.newInstance(NewerRelease.client(client));
    }

    /** Waits until a worker has failed a task of the workflow because it does not know the field. */
    private void awaitFailedTask(String workflowId) {
        await().ignoreExceptions()
                .until(() -> client.fetchHistory(workflowId).getEvents().stream()
                        .filter(event -> event.getEventType() == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED)
                        .map(HistoryEvent::toString)
                        .anyMatch(event -> event.contains(NewerRelease.FIELD)));
    }
}
