package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemark.embedded.TemporalServer;
import io.tidemark.step.Checkpoints;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.Rig;
import io.tidemark.worker.TidemarkWorker;
import io.tidemark.workflow.KafkaBatchWorkflow;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Starts runs with a job file and the plain {@code temporal} command, without the starter. */
@Timeout(120)
class CliIT {
    private static Path binary;

    @TempDir
    Path folder;

    @BeforeAll
    static void findBinary() {
        binary = TemporalServer.binaryForTests();
    }

    @BeforeEach
    void requireServer() {
        Scene.requireServer();
    }

    @Test
    void workflowStartRunsTheJobInAFile() throws Exception {
        try (Rig rig = Rig.voltage(2);
                TidemarkWorker worker = worker()) {
            sendToAll(rig, 0);

            temporal("workflow", "start", "--workflow-id", "cli-start", action(rig));
            String result = temporal("workflow", "result", "--workflow-id", "cli-start", "--output", "json");

            assertThat(result).contains("\"state\": \"DONE\"").contains("\"folded\": 1000");
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void aScheduleRunsTheJobEachTimeThatItIsTriggered() throws Exception {
        try (Rig rig = Rig.voltage(2);
                TidemarkWorker worker = worker()) {
            sendToAll(rig, 0);
            temporal(
                    "schedule",
                    "create",
                    "--schedule-id",
                    "cli-schedule",
                    "--cron",
                    "0 3 * * *",
                    "--time-zone",
                    "Europe/Berlin",
                    "--overlap-policy",
                    "Skip",
                    "--catchup-window",
                    "1h",
                    "--pause-on-failure",
                    "--run-timeout",
                    "1h",
                    "--workflow-id",
                    "cli-scheduled",
                    action(rig));

            temporal("schedule", "trigger", "--schedule-id", "cli-schedule");
            awaitPublished(rig);
            Guarantees.holdAtTheEnd(rig);
            Scene.result(Scene.body(rig.job()));

            sendToAll(rig, 500);
            // The trigger has its own overlap policy, because the previous run may not have ended although it has
            // published everything.
            temporal("schedule", "trigger", "--schedule-id", "cli-schedule", "--overlap-policy", "BufferOne");
            awaitPublished(rig);
            Guarantees.holdAtTheEnd(rig);
            temporal("schedule", "delete", "--schedule-id", "cli-schedule");
        }
    }

    @Test
    void cronRunsTheJobAgainAndAgain() throws Exception {
        try (Rig rig = Rig.voltage(2);
                TidemarkWorker worker = worker()) {
            sendToAll(rig, 0);

            temporal(
                    "workflow",
                    "start",
                    "--workflow-id",
                    "cli-cron",
                    "--cron",
                    "@every 1s",
                    "--run-timeout",
                    "1h",
                    action(rig));
            awaitPublished(rig);
            sendToAll(rig, 500);
            awaitPublished(rig);
            temporal("workflow", "terminate", "--workflow-id", "cli-cron");

            Guarantees.rowsAreThoseOf(rig, rig.sent());
            Guarantees.noReaderSeesACountFall(rig);
        }
    }

    private TidemarkWorker worker() {
        return Scene.worker(KafkaBatchWorkflow.TASK_QUEUE, folder.resolve("staging"), Checkpoints.NONE);
    }

    private static void sendToAll(Rig rig, int from) {
        rig.send(0, from, from + 500);
        rig.send(1, from + 1000, from + 1500);
    }

    private static void awaitPublished(Rig rig) {
        await().atMost(Duration.ofSeconds(60)).until(() -> rig.groupOffsets().equals(rig.ends()));
    }

    /** Checks what all ways of starting a run have in common. */
    private String[] action(Rig rig) throws IOException {
        Path job =
                Files.writeString(folder.resolve("job.json"), rig.job().toJson().toString());
        return new String[] {"--type", "KafkaBatch", "--task-queue", "kafka-batch", "--input-file", job.toString()};
    }

    private String temporal(Object... parts) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(binary.toString()));
        for (Object part : parts) {
            command.addAll(part instanceof String[] several ? List.of(several) : List.of(part.toString()));
        }
        command.addAll(List.of("--address", Scene.temporal()));
        Path out = Files.createTempFile(folder, "temporal-", ".out");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        String text = Files.readString(out, StandardCharsets.UTF_8);
        assertThat(process.exitValue()).as("%s said %s", command, text).isZero();
        return text;
    }
}
