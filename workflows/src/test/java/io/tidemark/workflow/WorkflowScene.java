package io.tidemark.workflow;

import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.temporal.activity.Activity;
import io.temporal.activity.ActivityInfo;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.EventType;
import io.temporal.api.history.v1.History;
import io.temporal.api.workflow.v1.PendingActivityInfo;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionRequest;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.ApplicationFailure;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.testing.TestWorkflowExtension;
import io.temporal.worker.Worker;
import io.tidemark.run.Notice;
import io.tidemark.run.RunSummary;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A test server that skips time, a worker with the real workflows, and Kafka in memory. */
@SuppressWarnings("NullAway.Init")
abstract class WorkflowScene {
    static final String HOST_QUEUE = "kafka-batch/host/one";
    static final String DEAD_QUEUE = "kafka-batch/host/gone";

    @RegisterExtension
    static final TestWorkflowExtension EXTENSION =
            TestWorkflowExtension.newBuilder().setDoNotStart(true).build();

    final FakeKafka kafka = new FakeKafka(HOST_QUEUE);

    /** The notices that were sent. */
    final BlockingQueue<Notice> told = new LinkedBlockingQueue<>();

    /** Receives each notice; may be set before the workflows start. */
    volatile NoticeActivities send = notice -> {
        told.add(notice);
        return "delivered";
    };

    private final NoticeActivities receiver = notice -> send.send(notice);

    TestWorkflowEnvironment temporal;
    WorkflowClient client;
    private String taskQueue;

    @BeforeEach
    void start(TestWorkflowEnvironment environment, WorkflowClient workflowClient, Worker worker) {
        temporal = environment;
        client = workflowClient;
        taskQueue = worker.getTaskQueue();
        kafka.beforeCommit = this::awaitSignals;
        TidemarkWorkflows.register(worker, false, wanted());
        worker.registerActivitiesImplementations(kafka, receiver);
        environment.newWorker(HOST_QUEUE).registerActivitiesImplementations(kafka);
        environment.start();
    }

    /** Returns what the worker sends notices of. */
    Set<Notice.Type> wanted() {
        return Set.of();
    }

    /**
     * Waits until all signals that the workflow of this activity has sent have been delivered. The test server (1.38.0)
     * keeps its time locked for ever if a workflow ends before its last signal is delivered.
     */
    private void awaitSignals() {
        ActivityInfo info = Activity.getExecutionContext().getInfo();
        await().pollInterval(Duration.ofMillis(5)).until(() -> {
            History sent =
                    client.fetchHistory(info.getWorkflowId(), info.getRunId()).getHistory();
            return count(sent, EventType.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED)
                    == count(sent, EventType.EVENT_TYPE_EXTERNAL_WORKFLOW_EXECUTION_SIGNALED)
                            + count(sent, EventType.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED);
        });
    }

    /** Sends heartbeats from an activity; throws once the server has heard of a cancel. */
    static void readUntilCancelled() {
        while (true) {
            Activity.getExecutionContext().heartbeat(null);
            LockSupport.parkNanos(10_000_000L);
        }
    }

    /** How many activities of a type the workflow has asked for to which the activity belongs that asks this. */
    int activitiesOfThisWorkflow(String type) {
        ActivityInfo info = Activity.getExecutionContext().getInfo();
        return (int) client.fetchHistory(info.getWorkflowId(), info.getRunId()).getEvents().stream()
                .filter(event -> event.getActivityTaskScheduledEventAttributes()
                        .getActivityType()
                        .getName()
                        .equals(type))
                .count();
    }

    private static long count(History history, EventType type) {
        return history.getEventsList().stream()
                .filter(event -> event.getEventType() == type)
                .count();
    }

    String taskQueue() {
        return taskQueue;
    }

    /** Starts a run without waiting for it. */
    WorkflowStub start(String workflowId, Object... input) {
        WorkflowStub run = client.newUntypedWorkflowStub(
                KafkaBatchWorkflow.TYPE, options(workflowId).build());
        run.start(input);
        return run;
    }

    /**
     * Returns a stub of the same run that does not skip time, to wait for its end after a cancellation. A stub that
     * skips time may skip to the run timeout while the cancellation is between parent and child, because no activity is
     * running.
     */
    WorkflowStub inRealTime(WorkflowStub run) {
        // These options lack the interceptor that skips time.
        WorkflowClientOptions plain = WorkflowClientOptions.newBuilder()
                .setNamespace(client.getOptions().getNamespace())
                .build();
        return WorkflowClient.newInstance(client.getWorkflowServiceStubs(), plain)
                .newUntypedWorkflowStub(run.getExecution().getWorkflowId());
    }

    /** Runs a job that succeeds and returns its summary. */
    RunSummary run(JsonNode job) {
        return start("run", job).getResult(RunSummary.class);
    }

    /** Runs a job that fails and returns its failure. */
    ApplicationFailure failure(JsonNode job) {
        return failure(start("run", job));
    }

    static ApplicationFailure failure(WorkflowStub run) {
        WorkflowFailedException failed =
                catchThrowableOfType(WorkflowFailedException.class, () -> run.getResult(RunSummary.class));
        return (ApplicationFailure) Objects.requireNonNull(failed.getCause());
    }

    static RunSummary summary(ApplicationFailure failure) {
        return failure.getDetails().get(0, RunSummary.class);
    }

    WorkflowOptions.Builder options(String workflowId) {
        return WorkflowOptions.newBuilder()
                .setTaskQueue(taskQueue)
                .setWorkflowId(workflowId)
                .setWorkflowRunTimeout(Duration.ofHours(2));
    }

    /** Returns the number of the current or next attempt of a workflow's only activity. */
    int attempts(String workflowId) {
        return client
                .getWorkflowServiceStubs()
                .blockingStub()
                .describeWorkflowExecution(DescribeWorkflowExecutionRequest.newBuilder()
                        .setNamespace(client.getOptions().getNamespace())
                        .setExecution(WorkflowExecution.newBuilder().setWorkflowId(workflowId))
                        .build())
                .getPendingActivitiesList()
                .stream()
                .mapToInt(PendingActivityInfo::getAttempt)
                .findAny()
                .orElse(0);
    }
}
