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
import io.tidemark.testkit.Workload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the Temporal server with {@code kill -9} during a run and restarts it on the same database. The worker keeps
 * running.
 */
class TemporalCrashIT {
    /** Approximate time of the first run of a worker process, in milliseconds. */
    private static final int RUN = 1_500;

    private static final int PARTITIONS = 8;
    private static final int AT_ONCE = 4;

    @TempDir
    Path folder;

    @Test
    void aRunSurvivesACrashOfTheServer() {
        Map<Integer, Place> places = new ConcurrentHashMap<>();
        try {
            Trials.of(Workload.row("R6"), TemporalCrashIT.class, 2, 100)
                    .inLanes(AT_ONCE)
                    .run(trial -> crash(trial, places.computeIfAbsent(trial.lane(), Place::new)));
        } finally {
            places.values().forEach(Place::close);
        }
    }

    private static void crash(Trial trial, Place place) throws IOException {
        int after = trial.random().nextInt(RUN);
        int down = trial.random().nextInt(RUN);
        try (Workload workload = WholeRun.of(trial, PARTITIONS, 1)) {
            Rig rig = workload.rig();
            workload.send(trial.random());
            WorkflowStub run = place.start(workload);
            WholeRun.pass(after);
            place.server.kill();
            trial.did("server killed after " + after + " ms, down for " + down + " ms");
            WholeRun.pass(down);
            place.startServer();

            RunSummary end = Scene.result(run);

            WorkflowStub body = place.client.newUntypedWorkflowStub(
                    JobNames.workflowId(rig.job().name()));
            trial.did(Attempts.of(place.client, body).toString());
            WholeRun.judge(workload, end);
            workload.send(trial.random());
            WholeRun.judge(workload, Scene.result(place.start(workload)));
            WholeRun.forget(rig);
            assertThat(place.worker.log()).doesNotContain("OutOfMemoryError");
        }
    }

    /** A server that is killed in each trial, its database, and a worker that keeps running. */
    private final class Place implements AutoCloseable {
        private final TemporalServer.Builder builder;
        private final String taskQueue = "story-" + UUID.randomUUID();
        private final WorkerProcess worker;
        private final WorkflowServiceStubs service;
        private final WorkflowClient client;
        private TemporalServer server;

        Place(int lane) {
            builder = TemporalServer.builder()
                    .port(Ports.free())
                    .database(folder.resolve("temporal-" + lane + ".db"))
                    .log(folder.resolve("temporal-" + lane + ".log"));
            server = builder.startReal(TemporalServer.binaryForTests());
            try {
                worker = ReadyWorker.start(folder, server.target(), taskQueue, folder.resolve("staging-" + lane));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            service = WorkflowServiceStubs.newServiceStubs(WorkflowServiceStubsOptions.newBuilder()
                    .setTarget(server.target())
                    .build());
            client = WorkflowClient.newInstance(service);
        }

        void startServer() {
            server = builder.startReal(TemporalServer.binaryForTests());
        }

        WorkflowStub start(Workload workload) {
            return Scene.start(client, taskQueue, workload);
        }

        @Override
        public void close() {
            service.shutdownNow();
            worker.close();
            server.close();
        }
    }
}
