package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;

import com.acme.geo.CentroidProvider;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.ApplicationFailure;
import io.tidemark.job.JobNames;
import io.tidemark.run.FailureKind;
import io.tidemark.testkit.PluginJar;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.SharedBroker;
import io.tidemark.worker.Main;
import io.tidemark.worker.TidemarkWorker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code worker --plugins}: the example plugin on a real broker and server. */
@Timeout(120)
class PluginIT {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private final Scene scene = new Scene();

    @BeforeEach
    void requireServer() {
        Scene.requireServer();
    }

    private static Rig rig() {
        return Rig.with(
                2,
                json -> json.put("partitionsPerSlice", 2)
                        .putObject("aggregate")
                        .putObject("centre")
                        .put("use", "acme.centroid")
                        .put("absent", "skip")
                        .withArray("/of")
                        .add("lat")
                        .add("lon"));
    }

    private static void send(Rig rig, int partition, double lat, double lon) {
        String value = String.format(
                Locale.ROOT, "{\"datetime\":\"23/12/2006 10:00:00\",\"lat\":%.3f,\"lon\":%.3f}", lat, lon);
        rig.sendRaw(partition, value.getBytes(StandardCharsets.UTF_8));
        rig.flush();
    }

    private WorkerProcess worker() throws IOException {
        Path plugins = Files.createDirectories(folder.resolve("plugins"));
        PluginJar.write(plugins.resolve("centroid.jar"), CentroidProvider.class);
        Path kafka = Files.writeString(
                folder.resolve("kafka.config"),
                "bootstrap.servers=" + SharedBroker.get().bootstrapServers() + "\n");
        return WorkerProcess.start(
                folder,
                Main.class,
                "worker",
                "--plugins=" + plugins,
                "--kafka-config=" + kafka,
                "--address=" + Scene.temporal(),
                "--namespace=" + Scene.client().getOptions().getNamespace(),
                "--task-queue=" + scene.taskQueue(),
                "--staging=" + folder.resolve("staging"));
    }

    @Test
    void twoRunsGiveTheCentroidOfAllRecords() throws Exception {
        try (Rig rig = rig();
                WorkerProcess worker = worker()) {
            send(rig, 0, 10, 20);
            send(rig, 1, -1, 0.5);
            scene.run(rig.job());
            send(rig, 0, 11, 23);
            rig.sendRaw(0, "{\"datetime\":\"23/12/2006 11:00:00\",\"lat\":7}".getBytes(StandardCharsets.UTF_8));
            rig.flush();
            scene.run(rig.job());

            assertThat(rig.rows().get("0/2006-12-23"))
                    .hasToString("{\"date\":\"2006-12-23\",\"centre\":{\"lat\":10.5,\"lon\":21.5}}");
            assertThat(rig.rows().get("1/2006-12-23"))
                    .hasToString("{\"date\":\"2006-12-23\",\"centre\":{\"lat\":-1.0,\"lon\":0.5}}");
        }
    }

    /** The failure names partition, offset and line of code; the other partition is written. */
    @Test
    void anExceptionOfThePluginFailsItsPartition() throws Exception {
        try (Rig rig = rig();
                WorkerProcess worker = worker()) {
            send(rig, 0, 10, 20);
            send(rig, 1, 1, 1);
            send(rig, 1, 91.777, 1);
            WorkflowStub run = scene.start(rig.job());

            assertThat(Scene.failure(run).getOriginalMessage())
                    .contains(
                            FailureKind.AGGREGATOR_FAILED.name(),
                            rig.input() + "[1] at offset 1: acme.centroid version 1 (com.acme.geo.Centroid): addInput"
                                    + " failed with java.lang.IllegalArgumentException at com.acme.geo.Centroid.units"
                                    + " (line ")
                    .doesNotContain("coordinate", "91.777");
            assertThat(rig.rows()).containsOnlyKeys("0/2006-12-23");
            assertThat(history(rig)).doesNotContain("a coordinate is not", "91.777");
        }
    }

    /** The run waits for a worker with the plugin: a queue gets new workers one after the other. */
    @Test
    void aWorkerWithoutThePluginLeavesTheJobToAnother() throws Exception {
        try (Rig rig = rig()) {
            send(rig, 0, 10, 20);
            WorkflowStub run;
            try (TidemarkWorker without = scene.worker(folder.resolve("other"))) {
                ApplicationFailure failure = Scene.failure(scene.start(
                        rig.jobWith(json -> json.withObject("/limits").put("time", "3s"))
                                .toJson()));
                assertThat(failure.getType()).isEqualTo(FailureKind.AGGREGATOR_MISSING.name());
                assertThat(failure.getOriginalMessage())
                        .contains("aggregate.centre uses acme.centroid, which no plugin has here", "--plugins");
                run = scene.start(rig.job());
            }
            try (WorkerProcess worker = worker()) {
                assertThat(Scene.result(run).failed()).isZero();
            }
        }
    }

    private static String history(Rig rig) {
        List<HistoryEvent> events = Scene.client()
                .fetchHistory(JobNames.workflowId(rig.job().name()))
                .getEvents();
        return events.stream().map(HistoryEvent::toString).collect(Collectors.joining());
    }
}
