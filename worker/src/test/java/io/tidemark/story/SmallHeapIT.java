package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temporal.api.enums.v1.EventType;
import io.temporal.api.workflow.v1.PendingActivityInfo;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionRequest;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.ApplicationFailure;
import io.tidemark.run.FailureKind;
import io.tidemark.run.RunSummary;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.step.WorkerMemory;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.SharedBroker;
import io.tidemark.worker.Main;
import io.tidemark.worker.TidemarkWorker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A worker process whose heap is too small for a job reports that and keeps running. */
@Timeout(150)
@Execution(ExecutionMode.CONCURRENT)
class SmallHeapIT {
    @TempDir
    Path folder;

    private final Scene scene = new Scene();

    @Test
    void tooManyGroupsFailTheirPartitionAndNothingElse() throws IOException {
        try (WorkerProcess worker = worker();
                Rig crowded = Rig.with(3, SmallHeapIT::grouped);
                Rig other = Rig.voltage(1)) {
            send(crowded, 0, 10);
            send(crowded, 1, 400_000);
            send(crowded, 2, 10);
            other.send(0, 0, 500);

            WorkflowStub run = scene.start(crowded.job());
            WorkflowStub neighbour = scene.start(other.job());

            assertThat(Scene.result(neighbour).counts().folded())
                    .as(worker.log())
                    .isEqualTo(500);
            Guarantees.holdAtTheEnd(other);
            ApplicationFailure failure = Scene.failure(run);
            RunSummary end = failure.getDetails().get(0, RunSummary.class);
            assertThat(end.done()).isEqualTo(2);
            assertThat(end.problems()).singleElement().satisfies(problem -> {
                assertThat(problem.partition()).isEqualTo(1);
                assertThat(problem.kind()).isEqualTo(FailureKind.TOO_LITTLE_MEMORY);
                assertThat(problem.message()).contains(crowded.input() + "[1]", "-Xmx");
            });
            assertThat(Scene.client()
                            .fetchHistory(
                                    Scene.body(crowded.job()).getExecution().getWorkflowId())
                            .getEvents())
                    .filteredOn(event -> event.getEventType() == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED)
                    .as("attempts")
                    .allSatisfy(event -> assertThat(event.getActivityTaskStartedEventAttributes()
                                    .getAttempt())
                            .isEqualTo(1));

            // The same worker completes the crowded job too, in batches that fit.
            other.send(0, 500, 600);
            assertThat(scene.run(other.job()).counts().folded()).isEqualTo(100);
            assertThat(worker.log()).doesNotContain("OutOfMemoryError");
        }
    }

    @Test
    void partitionsThatDoNotFitTogetherAreProcessedOneByOne() throws IOException {
        try (WorkerProcess worker = worker();
                Rig crowded = Rig.with(4, SmallHeapIT::grouped)) {
            for (int partition = 0; partition < 4; partition++) {
                send(crowded, partition, 40_000);
            }

            RunSummary run = scene.run(crowded.job());

            assertThat(List.of(run.done(), run.failed())).containsExactly(4, 0);
            assertThat(crowded.rows()).hasSize(4 * 40_000);
            assertThat(worker.log()).doesNotContain("OutOfMemoryError");
        }
    }

    @Test
    void aStepWithoutMemoryIsRetriedUntilAnotherReleasesIt() {
        Hold hold = Hold.at(Point.CONSUME_READ);
        // Enough memory for reading and writing one of these partitions, but not two.
        WorkerMemory memory = new WorkerMemory(14_000_000);
        try (Rig crowded = Rig.with(2, SmallHeapIT::grouped);
                TidemarkWorker worker = scene.worker(folder, hold, memory)) {
            send(crowded, 0, 15_000);
            send(crowded, 1, 15_000);
            WorkflowStub entry = scene.start(crowded.job());
            hold.awaitReached();

            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(pending(Scene.body(crowded.job())))
                            .extracting(each -> each.getLastFailure()
                                    .getApplicationFailureInfo()
                                    .getType())
                            .contains(FailureKind.MEMORY_IN_USE.name()));
            hold.release();

            RunSummary run = Scene.result(entry);
            assertThat(List.of(run.done(), run.failed())).containsExactly(2, 0);
            assertThat(crowded.rows()).hasSize(30_000);
        }
    }

    private static List<PendingActivityInfo> pending(WorkflowStub run) {
        return Scene.client()
                .getWorkflowServiceStubs()
                .blockingStub()
                .describeWorkflowExecution(DescribeWorkflowExecutionRequest.newBuilder()
                        .setNamespace(Scene.client().getOptions().getNamespace())
                        .setExecution(run.getExecution())
                        .build())
                .getPendingActivitiesList();
    }

    private WorkerProcess worker() throws IOException {
        Path kafka = Files.writeString(
                folder.resolve("kafka.config"),
                "bootstrap.servers=" + SharedBroker.get().bootstrapServers());
        return WorkerProcess.startIn(
                "-Xmx128m",
                folder,
                Main.class,
                "worker",
                "--address=" + Scene.temporal(),
                "--namespace=" + Scene.client().getOptions().getNamespace(),
                "--kafka-config=" + kafka,
                "--task-queue=" + scene.taskQueue(),
                "--staging=" + folder.resolve("staging"),
                "--activities=4");
    }

    private static void grouped(ObjectNode job) {
        job.putArray("groupBy").add("g");
        job.withObject("/output").put("key", "{date}/{g}");
    }

    /** Sends one record for each group. */
    private static void send(Rig rig, int partition, int groups) {
        for (int i = 0; i < groups; i++) {
            rig.sendRaw(
                    partition,
                    ("{\"datetime\":\"01/12/2006 16:52:00\",\"voltage\":240,\"g\":" + i + "}")
                            .getBytes(StandardCharsets.UTF_8));
        }
        rig.flush();
    }
}
