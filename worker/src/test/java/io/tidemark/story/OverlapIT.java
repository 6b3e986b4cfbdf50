package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.temporal.api.enums.v1.EventType;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.CanceledFailure;
import io.temporal.failure.TerminatedFailure;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.run.FailureKind;
import io.tidemark.run.RunSummary;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.LifecycleSuite;
import io.tidemark.testkit.Rig;
import io.tidemark.worker.TidemarkWorker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs of a job that overlap, and runs that are cancelled or terminated. */
@LifecycleSuite
@Timeout(120)
class OverlapIT {
    @TempDir
    Path staging;

    private final Scene scene = new Scene();

    @Test
    void aSecondRunIsRefusedAndNamesTheFirst() {
        Hold hold = Hold.at(Point.CONSUME_READ);
        try (Rig rig = rig();
                TidemarkWorker worker = scene.worker(staging, hold)) {
            sendToAll(rig, 0);
            WorkflowStub first = scene.start(rig.job());
            hold.awaitReached();

            ApplicationFailure refusal = Scene.failure(scene.start(rig.job()));

            assertThat(refusal.getType()).isEqualTo(FailureKind.ALREADY_RUNNING.name());
            assertThat(refusal.getOriginalMessage())
                    .contains("as workflow " + JobNames.workflowId(rig.job().name()) + ".");
            hold.release();
            assertThat(Scene.result(first).done()).isEqualTo(3);
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void aSecondRunThatWaitsReadsWhatWasWrittenMeanwhile() {
        Hold hold = Hold.at(Point.CONSUME_READ);
        try (Rig rig = rig();
                TidemarkWorker worker = scene.worker(staging, hold)) {
            sendToAll(rig, 0);
            WorkflowStub first = scene.start(rig.job());
            hold.awaitReached();
            JobSpec patient = rig.jobWith(job -> job.put("overlap", "wait"));
            WorkflowStub second = scene.start(patient);
            await().atMost(Duration.ofSeconds(30)).until(() -> wasRefusedABody(second));
            sendToAll(rig, 500);

            hold.release();

            assertThat(Scene.result(first).counts().folded()).isEqualTo(1500);
            assertThat(Scene.result(second).counts().folded()).isEqualTo(1500);
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void aRunThatIsCancelledPublishesWhatIsDurable() {
        Hold hold = Hold.at(Point.CONSUME_READ, 2);
        try (Rig rig = rig();
                TidemarkWorker worker = scene.worker(staging, hold)) {
            sendToAll(rig, 0);
            WorkflowStub run = scene.start(rig.job());
            hold.awaitReached();

            run.cancel();
            awaitCancelRequested(rig);
            hold.release();

            assertThatThrownBy(() -> Scene.result(run)).hasCauseInstanceOf(CanceledFailure.class);
            RunSummary status = Scene.status(run);
            assertThat(status.error()).isEqualTo("the run was cancelled");
            Guarantees.rowsAreThoseOf(rig, Map.of(0, rig.sent().get(0)));
            assertThat(rig.groupOffsets()).isEqualTo(Map.of(0, 500L, 1, 0L, 2, 0L));

            assertThat(scene.run(rig.job()).counts().folded()).isEqualTo(1000);
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void theNextRunCompletesOneThatWasTerminatedInItsTransaction() {
        Hold hold = Hold.at(Point.PRODUCE_AFTER_SENDS, 2);
        try (Rig rig = rig();
                TidemarkWorker worker = scene.worker(staging, hold)) {
            sendToAll(rig, 0);
            WorkflowStub run = scene.start(rig.job());
            hold.awaitReached();

            run.terminate("by hand");
            WorkflowStub body = Scene.body(rig.job());
            assertThatThrownBy(() -> Scene.result(body)).hasCauseInstanceOf(TerminatedFailure.class);
            Guarantees.rowsAreThoseOf(rig, Map.of(0, rig.sent().get(0)));

            // The attempt of the terminated run is still running and has sent everything.
            RunSummary next = scene.run(rig.job());

            assertThat(next.counts().folded()).isEqualTo(1000);
            Guarantees.holdAtTheEnd(rig);
            assertThat(rig.groupOffsets()).isEqualTo(rig.ends());
            hold.release();
            sendToAll(rig, 500);
            assertThat(scene.run(rig.job()).counts().folded()).isEqualTo(1500);
            Guarantees.holdAtTheEnd(rig);
        }
    }

    /** Processes one slice at a time, so that the test knows what is done when it holds the next slice. */
    private static Rig rig() {
        return Rig.with(
                3, job -> job.withObject("/limits").put("slicesInFlight", 1).put("heartbeat", "1s"));
    }

    private static void sendToAll(Rig rig, int from) {
        for (int partition = 0; partition < 3; partition++) {
            rig.send(partition, from + partition * 300, from + partition * 300 + 500);
        }
    }

    private static boolean wasRefusedABody(WorkflowStub run) {
        return has(run, EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_FAILED);
    }

    private static void awaitCancelRequested(Rig rig) {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> has(Scene.body(rig.job()), EventType.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED));
    }

    private static boolean has(WorkflowStub workflow, EventType type) {
        return Scene.client().fetchHistory(workflow.getExecution().getWorkflowId()).getEvents().stream()
                .anyMatch(event -> event.getEventType() == type);
    }
}
