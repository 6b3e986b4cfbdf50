package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temporal.api.workflow.v1.PendingActivityInfo;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionRequest;
import io.temporal.client.WorkflowStub;
import io.tidemark.run.RunSummary;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.SharedBroker;
import io.tidemark.worker.TidemarkWorker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Kills or freezes worker processes; other workers finish their runs. */
@Timeout(180)
@Execution(ExecutionMode.CONCURRENT)
class KilledWorkerIT {
    @TempDir
    Path folder;

    private final Scene scene = new Scene();

    @ParameterizedTest
    @EnumSource(
            value = Point.class,
            names = {"CONSUME_READ", "PRODUCE_AFTER_SENDS", "PRODUCE_AFTER_COMMIT", "COMMIT_AFTER_SENDS"})
    void anotherWorkerFinishesWhatAKilledOneBegan(Point point) throws IOException {
        killedAt(point);
    }

    @Tag("faults")
    @ParameterizedTest
    @EnumSource(
            value = Point.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"CONSUME_READ", "PRODUCE_AFTER_SENDS", "PRODUCE_AFTER_COMMIT", "COMMIT_AFTER_SENDS"})
    void anotherWorkerFinishesWhatAKilledOneBeganAtTheOtherPoints(Point point) throws IOException {
        killedAt(point);
    }

    private void killedAt(Point point) throws IOException {
        try (Rig rig = rig(2);
                WorkerProcess victim = heldAt(point)) {
            sendToAll(rig, 0);
            WorkflowStub run = scene.start(rig.job());
            victim.awaitLine(HeldWorker.REACHED + point);

            victim.kill();
            try (TidemarkWorker other = scene.worker(folder.resolve("other"))) {
                RunSummary end = Scene.result(run);

                Guarantees.holdAtTheEnd(rig);
                assertThat(rig.groupOffsets()).isEqualTo(rig.ends());
                assertThat(List.of(end.done(), end.failed())).containsExactly(2, 0);
                assertThat(end.offsetsDone()).isEqualTo(1000);
                assertThat(end.counts().folded()).isEqualTo(1000);
                assertThat(end.rows()).isEqualTo(rig.rows().size());
                theNextRunStandsOnIt(rig, scene);
            }
        }
    }

    @Test
    void aWorkerThatStartsAgainOnTheSameHostFindsItsStagedFiles() throws IOException {
        try (Rig rig = rig(2);
                WorkerProcess victim = heldAt(Point.PRODUCE_AFTER_SENDS)) {
            sendToAll(rig, 0);
            WorkflowStub run = scene.start(rig.job());
            victim.awaitLine(HeldWorker.REACHED + Point.PRODUCE_AFTER_SENDS);

            victim.kill();
            try (TidemarkWorker again = scene.worker(folder.resolve("victim"))) {
                assertThat(Scene.result(run).done()).isEqualTo(2);

                Guarantees.holdAtTheEnd(rig);
                // Nothing was read twice, because the files and the host queue were still there.
                assertThat(activities(Scene.body(rig.job()), "consume")).isEqualTo(2);
            }
        }
    }

    @Test
    void theHeartbeatsOfADeadWorkerCanBeQueried() throws IOException {
        try (Rig rig = rig(1);
                WorkerProcess victim = heldAt(Point.CONSUME_READ)) {
            rig.send(0, 0, 500);
            WorkflowStub run = scene.start(rig.job());
            victim.awaitLine(HeldWorker.REACHED + Point.CONSUME_READ);

            await().until(() -> pending(rig, "consume").hasHeartbeatDetails());
            PendingActivityInfo consume = pending(rig, "consume");
            assertThat(consume.getAttempt()).isEqualTo(1);
            assertThat(consume.getHeartbeatDetails().getPayloads(0).getData().toStringUtf8())
                    .contains("\"topic\":\"" + rig.input() + "\"");

            victim.kill();
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> pending(rig, "consume").getAttempt() > 1);
            try (TidemarkWorker other = scene.worker(folder.resolve("other"))) {
                Scene.result(run);
                Guarantees.holdAtTheEnd(rig);
            }
        }
    }

    @Test
    void aZombieThatResumesAfterTheNextRunIsFenced() throws IOException {
        // For a while the server gives tasks of the frozen worker's queue to its pollers. The later runs use another.
        Scene later = new Scene();
        try (Rig rig = rig(2);
                TidemarkWorker next = later.worker(folder.resolve("next"));
                WorkerProcess zombie = heldAt(Point.PRODUCE_AFTER_SENDS)) {
            sendToAll(rig, 0);
            WorkflowStub run = scene.start(rig.job());
            zombie.awaitLine(HeldWorker.REACHED + Point.PRODUCE_AFTER_SENDS);

            zombie.stop();
            try (TidemarkWorker other = scene.worker(folder.resolve("other"))) {
                Scene.result(run);
                Guarantees.holdAtTheEnd(rig);
                theNextRunStandsOnIt(rig, later);

                zombie.goOn();
                zombie.resume();

                await().atMost(Duration.ofSeconds(30))
                        .untilAsserted(() -> assertThat(zombie.log()).contains("produce failed"));
                assertThat(zombie.log()).containsAnyOf("ProducerFencedException", "InvalidProducerEpochException");
                Guarantees.holdAtTheEnd(rig);
                theNextRunStandsOnIt(rig, later);
            }
        }
    }

    /** A job with short timeouts, so that Temporal detects a dead worker within seconds. */
    private static Rig rig(int partitions) {
        return Rig.with(
                partitions,
                job -> job.withObject("/limits").put("heartbeat", "1s").put("hostTimeout", "2s"));
    }

    private WorkerProcess heldAt(Point point) throws IOException {
        WorkerProcess worker = WorkerProcess.start(
                folder,
                HeldWorker.class,
                Scene.temporal(),
                SharedBroker.get().bootstrapServers(),
                scene.taskQueue(),
                folder.resolve("victim").toString(),
                point.name());
        worker.awaitLine("ready");
        return worker;
    }

    private static void sendToAll(Rig rig, int from) {
        rig.send(0, from, from + 500);
        rig.send(1, from + 1000, from + 1500);
    }

    private static void theNextRunStandsOnIt(Rig rig, Scene scene) {
        int from = rig.sent().get(0).size();
        sendToAll(rig, from);
        RunSummary next = scene.run(rig.job());
        assertThat(next.counts().folded()).isEqualTo(1000);
        Guarantees.holdAtTheEnd(rig);
        assertThat(rig.groupOffsets()).isEqualTo(rig.ends());
    }

    private static PendingActivityInfo pending(Rig rig, String type) {
        return Scene.client()
                .getWorkflowServiceStubs()
                .blockingStub()
                .describeWorkflowExecution(DescribeWorkflowExecutionRequest.newBuilder()
                        .setNamespace(Scene.client().getOptions().getNamespace())
                        .setExecution(Scene.body(rig.job()).getExecution())
                        .build())
                .getPendingActivitiesList()
                .stream()
                .filter(each -> each.getActivityType().getName().equals(type))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + type + " is pending"));
    }

    private static long activities(WorkflowStub workflow, String type) {
        return Scene.client().fetchHistory(workflow.getExecution().getWorkflowId()).getEvents().stream()
                .filter(event -> event.getActivityTaskScheduledEventAttributes()
                        .getActivityType()
                        .getName()
                        .equals(type))
                .count();
    }
}
