package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temporal.api.enums.v1.TaskQueueType;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.api.taskqueue.v1.TaskQueue;
import io.temporal.api.workflowservice.v1.DescribeTaskQueueRequest;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.tidemark.embedded.TemporalServer;
import io.tidemark.job.JobNames;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.testkit.Rig;
import io.tidemark.worker.TidemarkWorker;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A small job beside a large one, on a server that knows priorities. */
@Timeout(120)
class PriorityIT {
    private static final int LARGE = 20;
    /** Reads that the worker has taken: one is executed, and two wait for their turn. */
    private static final int TAKEN = 3;

    @TempDir
    Path staging;

    private final Scene scene = new Scene();

    @Test
    void thePlanOfASmallJobDoesNotWaitForTheReadsOfALargeOne() {
        Hold hold = Hold.at(Point.CONSUME_READ);
        try (TemporalServer server = TemporalServer.builder()
                        .extraArgument("--dynamic-config-value")
                        .extraArgument("matching.useNewMatcher=true")
                        // One partition, so that the order of the queue is that of all its tasks.
                        .extraArgument("--dynamic-config-value")
                        .extraArgument("matching.numTaskqueueReadPartitions=1")
                        .extraArgument("--dynamic-config-value")
                        .extraArgument("matching.numTaskqueueWritePartitions=1")
                        .startReal(TemporalServer.binaryForTests());
                Rig large = Rig.with(
                        LARGE,
                        job -> job.withObject("/limits")
                                .put("slicesInFlight", LARGE)
                                .put("heartbeat", "1m"));
                Rig small = Rig.voltage(1)) {
            for (int partition = 0; partition < LARGE; partition++) {
                large.send(partition, 0, 10);
            }
            small.send(0, 0, 10);
            WorkflowClient client = client(server);
            try (TidemarkWorker worker = scene.workerWithOneReader(client, staging, hold)) {
                WorkflowStub first =
                        Scene.start(client, scene.taskQueue(), large.job().toJson());
                hold.awaitReached();
                await().until(() -> waiting(client) == LARGE - TAKEN);
                WorkflowStub second =
                        Scene.start(client, scene.taskQueue(), small.job().toJson());
                await().until(() -> waiting(client) == LARGE - TAKEN + 1);

                hold.release();

                assertThat(Scene.result(second).done()).isEqualTo(1);
                assertThat(Scene.result(first).done()).isEqualTo(LARGE);
                Instant plan = starts(client, small, "listPartitions").get(0);
                assertThat(starts(client, large, "consume").stream().filter(each -> each.isBefore(plan)))
                        .as("reads that the worker was given before the plan of the small job")
                        .hasSizeBetween(TAKEN, TAKEN + 2);
            } finally {
                hold.release();
                client.getWorkflowServiceStubs().shutdownNow();
            }
        }
    }

    /** Returns when the activities of a type were given to a worker. */
    private static List<Instant> starts(WorkflowClient client, Rig rig, String type) {
        List<HistoryEvent> events =
                client.fetchHistory(JobNames.workflowId(rig.job().name())).getEvents();
        return events.stream()
                .filter(HistoryEvent::hasActivityTaskStartedEventAttributes)
                .filter(each -> events.get((int) each.getActivityTaskStartedEventAttributes()
                                        .getScheduledEventId()
                                - 1)
                        .getActivityTaskScheduledEventAttributes()
                        .getActivityType()
                        .getName()
                        .equals(type))
                .map(each -> Instant.ofEpochSecond(
                        each.getEventTime().getSeconds(), each.getEventTime().getNanos()))
                .toList();
    }

    /** Returns how many activities wait in the shared queue. */
    private long waiting(WorkflowClient client) {
        return client.getWorkflowServiceStubs()
                .blockingStub()
                .describeTaskQueue(DescribeTaskQueueRequest.newBuilder()
                        .setNamespace(client.getOptions().getNamespace())
                        .setTaskQueue(TaskQueue.newBuilder().setName(scene.taskQueue()))
                        .setTaskQueueType(TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)
                        .setReportStats(true)
                        .build())
                .getStats()
                .getApproximateBacklogCount();
    }

    private static WorkflowClient client(TemporalServer server) {
        return WorkflowClient.newInstance(
                WorkflowServiceStubs.newServiceStubs(WorkflowServiceStubsOptions.newBuilder()
                        .setTarget(server.target())
                        .setRpcTimeout(Duration.ofSeconds(20))
                        .build()),
                WorkflowClientOptions.newBuilder()
                        .setNamespace(server.namespace())
                        .build());
    }
}
