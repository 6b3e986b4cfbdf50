package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.api.workflowservice.v1.SetWorkerDeploymentCurrentVersionRequest;
import io.temporal.client.WorkflowStub;
import io.temporal.common.WorkerDeploymentVersion;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.run.RunSummary;
import io.tidemark.step.Checkpoints;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.Rig;
import io.tidemark.worker.Placement;
import io.tidemark.worker.TidemarkWorker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Workers of two versions of one deployment, on a real server: an update while a run is in flight. */
@Timeout(120)
class DeploymentVersionsIT {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path staging;

    private final Scene scene = new Scene();
    private final String deployment = "tidemark-" + UUID.randomUUID();

    @Test
    void aRunEndsOnTheVersionThatItBeganWithAndTheNextRunIsOnTheNewOne() throws Exception {
        CountDownLatch staged = new CountDownLatch(1);
        CountDownLatch updated = new CountDownLatch(1);
        Checkpoints hold = point -> {
            if (point == Checkpoints.Point.PRODUCE_DECIDED) {
                staged.countDown();
                waitFor(updated);
            }
        };
        try (Rig rig = Rig.with(2, job -> {});
                TidemarkWorker old = worker("1", hold)) {
            makeCurrent("1");
            rig.send(0, 0, 100);
            rig.send(1, 0, 100);
            WorkflowStub first = scene.start(rig.job());
            assertThat(staged.await(60, TimeUnit.SECONDS)).isTrue();

            try (TidemarkWorker current = worker("2", Checkpoints.NONE)) {
                makeCurrent("2");
                updated.countDown();
                RunSummary end = Scene.result(first);
                assertThat(end.counts().folded()).isEqualTo(200);
                // The files were staged on the queue of the old worker's host.
                assertThat(versions(body(rig.job()))).containsOnly("1");
                assertThat(versions(first.getExecution().getWorkflowId()))
                        .startsWith("1")
                        .endsWith("2");

                rig.send(0, 100, 200);
                WorkflowStub second = scene.start(rig.job());
                assertThat(Scene.result(second).counts().folded()).isEqualTo(100);
                assertThat(versions(body(rig.job()))).containsOnly("2");
                assertThat(versions(second.getExecution().getWorkflowId())).containsOnly("2");
                Guarantees.holdAtTheEnd(rig);
            }
        }
    }

    private TidemarkWorker worker(String build, Checkpoints checkpoints) {
        return scene.worker(
                staging.resolve(build),
                checkpoints,
                new Placement("worker-0", new WorkerDeploymentVersion(deployment, build)));
    }

    /** New workflows, and those that change their version, go to the current version. The server refuses unknown ones. */
    private void makeCurrent(String build) {
        await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> {
            var unused = Scene.client()
                    .getWorkflowServiceStubs()
                    .blockingStub()
                    .setWorkerDeploymentCurrentVersion(SetWorkerDeploymentCurrentVersionRequest.newBuilder()
                            .setNamespace(Scene.client().getOptions().getNamespace())
                            .setDeploymentName(deployment)
                            .setBuildId(build)
                            .setIdentity("test")
                            .build());
            return true;
        });
    }

    private static String body(JobSpec job) {
        return JobNames.workflowId(job.name());
    }

    /** Returns the build of the worker that completed each workflow task of the workflow's last run. */
    private static List<String> versions(String workflowId) {
        return Scene.client().fetchHistory(workflowId).getEvents().stream()
                .filter(HistoryEvent::hasWorkflowTaskCompletedEventAttributes)
                .map(event -> event.getWorkflowTaskCompletedEventAttributes()
                        .getDeploymentVersion()
                        .getBuildId())
                .toList();
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            if (!latch.await(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the new version did not become current in 60 s");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }
}
