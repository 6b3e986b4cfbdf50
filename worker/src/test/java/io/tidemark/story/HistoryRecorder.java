package io.tidemark.story;

import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowStub;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.SharedBroker;
import io.tidemark.worker.TidemarkWorker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Records histories of a real server, in addition to those that the recorder of the workflows module makes with the
 * in-memory server. The rules in its Javadoc apply here too. Not part of the build; run it by hand:
 *
 * <pre>./mvnw -pl worker -am test -Dtest=io.tidemark.story.HistoryRecorder -Dsurefire.failIfNoSpecifiedTests=false</pre>
 *
 */
class HistoryRecorder {
    private static final Path HISTORIES = Path.of("../workflows/src/test/resources/histories");

    @TempDir
    Path folder;

    private final Scene scene = new Scene();

    @Test
    void wholeRun() throws IOException {
        try (Rig rig = Rig.voltage(3);
                TidemarkWorker worker = scene.worker(folder)) {
            sendToAll(rig);
            record("real-whole-run", rig, scene.start(rig.job()));
            record("real-nothing-new", rig, scene.start(rig.job()));
        }
    }

    @Test
    void twoStages() throws IOException {
        try (Rig rig = Rig.with(3, job -> {
                    job.put("scope", "topic");
                    job.withObject("/output").put("partitions", 2);
                });
                TidemarkWorker worker = scene.worker(folder)) {
            sendToAll(rig);
            record("real-two-stages", rig, scene.start(rig.job()));
        }
    }

    @Test
    void sharedSlicesInPieces() throws IOException {
        try (Rig rig = Rig.with(3, job -> {
                    job.put("partitionsPerSlice", 2);
                    job.withObject("/limits").put("offsetsPerPiece", 300).put("offsetsPerSplit", 100);
                });
                TidemarkWorker worker = scene.worker(folder)) {
            sendToAll(rig);
            record("real-shared-slices-in-pieces", rig, scene.start(rig.job()));
        }
    }

    @Test
    void badPartition() throws IOException {
        try (Rig rig = Rig.with(3, job -> {
                    job.put("partitionsPerSlice", 3);
                    job.withObject("/badRecords").put("policy", "fail");
                });
                TidemarkWorker worker = scene.worker(folder)) {
            rig.sendRaw(1, "not a reading".getBytes(StandardCharsets.UTF_8));
            sendToAll(rig);
            record("real-bad-partition", rig, scene.start(rig.job()));
        }
    }

    @Test
    void killedWorker() throws IOException {
        try (Rig rig = Rig.with(
                2, job -> job.withObject("/limits").put("heartbeat", "1s").put("hostTimeout", "2s"))) {
            sendToAll(rig);
            WorkflowStub run;
            try (WorkerProcess victim = WorkerProcess.start(
                    folder,
                    HeldWorker.class,
                    Scene.temporal(),
                    SharedBroker.get().bootstrapServers(),
                    scene.taskQueue(),
                    folder.resolve("victim").toString(),
                    Point.PRODUCE_AFTER_COMMIT.name())) {
                victim.awaitLine("ready");
                run = scene.start(rig.job());
                victim.awaitLine(HeldWorker.REACHED + Point.PRODUCE_AFTER_COMMIT);
            }
            try (TidemarkWorker other = scene.worker(folder.resolve("other"))) {
                record("real-killed-worker", rig, run);
            }
        }
    }

    private static void sendToAll(Rig rig) {
        for (int partition = 0; partition < rig.partitionCount(rig.input()); partition++) {
            rig.send(partition, partition * 300, partition * 300 + 500);
        }
    }

    private static void record(String name, Rig rig, WorkflowStub run) throws IOException {
        try {
            Scene.result(run);
        } catch (WorkflowFailedException e) {
            // A failed run has a history as well.
        }
        write(name + ".start.json", run);
        write(name + ".body.json", Scene.body(rig.job()));
    }

    private static void write(String file, WorkflowStub workflow) throws IOException {
        Files.writeString(
                HISTORIES.resolve(file),
                Scene.client()
                        .fetchHistory(workflow.getExecution().getWorkflowId())
                        .toJson(true));
    }
}
