package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowStub;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.tidemark.embedded.Ports;
import io.tidemark.embedded.TemporalServer;
import io.tidemark.job.JobNames;
import io.tidemark.run.RunSummary;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.Trials;
import io.tidemark.testkit.Trials.Trial;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Temporal server is killed with {@code kill -9} in the middle of a run, and started again on the same database; the
 * worker is the same all the time.
 */
class TemporalCrashIT {
    /** A first run of a worker process takes about so long, in milliseconds. */
    private static final int RUN = 1_500;

    private static final int PARTITIONS = 8;

    @TempDir
    Path folder;

    @Test
    void aRunOutlivesTheServerThatItRunsOn() {
        Trials.of("R6", TemporalCrashIT.class, 2, 100).run(this::crash);
    }

    private void crash(Trial trial) throws Exception {
        int after = trial.random().nextInt(RUN);
        int down = trial.random().nextInt(RUN);
        Path ours = folder.resolve("trial-" + trial.seed());
        TemporalServer.Builder builder = TemporalServer.builder()
                .port(Ports.free())
                .database(folder.resolve("temporal-" + trial.seed() + ".db"))
                .log(folder.resolve("temporal-" + trial.seed() + ".log"));
        String taskQueue = "story-" + UUID.randomUUID();
        WorkflowServiceStubs service = null;
        try (TemporalServer first = builder.startReal(TemporalServer.binaryForTests());
                Rig rig = WholeRun.rig(PARTITIONS, 1);
                WorkerProcess worker = ReadyWorker.start(folder, first.target(), taskQueue, ours)) {
            WholeRun.send(rig, PARTITIONS, trial.random());
            service = WorkflowServiceStubs.newServiceStubs(WorkflowServiceStubsOptions.newBuilder()
                    .setTarget(first.target())
                    .build());
            WorkflowClient client = WorkflowClient.newInstance(service);
            WorkflowStub run = Scene.start(client, taskQueue, rig.job().toJson());
            WholeRun.pass(after);
            first.kill();
            trial.did("server killed after " + after + " ms, down for " + down + " ms");
            WholeRun.pass(down);
            try (TemporalServer second = builder.startReal(TemporalServer.binaryForTests())) {
                RunSummary end = Scene.result(run);

                trial.did(Attempts.of(
                                client,
                                client.newUntypedWorkflowStub(
                                        JobNames.workflowId(rig.job().name())))
                        .toString());
                WholeRun.judge(rig, end);
                WholeRun.send(rig, PARTITIONS, trial.random());
                WholeRun.judge(
                        rig,
                        Scene.result(Scene.start(client, taskQueue, rig.job().toJson())));
                WholeRun.forget(rig);
                assertThat(second.isReal()).isTrue();
                assertThat(worker.log()).doesNotContain("OutOfMemoryError");
            }
        } finally {
            if (service != null) {
                service.shutdownNow();
            }
        }
    }
}
