package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temporal.client.WorkflowStub;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.notify.Receiver;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionProblem;
import io.tidemark.run.RunSummary;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.SharedBroker;
import io.tidemark.worker.Main;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Secrets of the settings and contents of records do not leave the worker and Kafka. */
@Timeout(120)
class SecretsIT {
    /** A part of every secret in the settings. */
    private static final String SECRET = "hush-4711";
    /** A part of every bad record and of the groups of good records. */
    private static final String PAYLOAD = "meter-of-mrs-miller";

    /** The webhook's secret as its bytes, and as the text that the worker gets. */
    private static final String SIGNING = SECRET + "-signs-what-is-posted";

    private static final String SIGNING_BASE64 =
            Base64.getEncoder().encodeToString(SIGNING.getBytes(StandardCharsets.UTF_8));

    private static final Pattern DATA = Pattern.compile("\"data\":\\s*\"([A-Za-z0-9+/=]+)\"");

    @TempDir
    Path folder;

    private final Scene scene = new Scene();

    @Test
    void neitherSecretsNorPayloadsReachAHistoryOrALog() throws Exception {
        Path staging = folder.resolve("staging");
        AtomicInteger posts = new AtomicInteger();
        try (Rig rig = Rig.with(8, job -> {
                    job.putArray("groupBy").add("meter");
                    job.withObject("/aggregate").putObject("total").put("sum", "voltage");
                    job.withObject("/output").remove("key");
                    job.withObject("/badRecords").put("limit", 0);
                    job.withObject("/limits").put("cells", 2);
                });
                // The first notice is refused, so the worker logs it and Temporal keeps why.
                Receiver hook = new Receiver(() -> posts.getAndIncrement() == 0 ? 503 : 204);
                WorkerProcess worker = WorkerProcess.startWith(
                        Map.of("TIDEMARK_WEBHOOK_SECRET", "whsec_" + SIGNING_BASE64),
                        folder,
                        Main.class,
                        "worker",
                        "--kafka-config",
                        settings().toString(),
                        "--address",
                        Scene.temporal(),
                        "--task-queue",
                        scene.taskQueue(),
                        "--staging",
                        staging.toString(),
                        "--webhook",
                        hook.url() + "?token=" + SECRET + "-hook",
                        // Nobody answers there, so the worker logs that it could not deliver.
                        "--lineage",
                        "http://127.0.0.1:1/lineage?key=" + SECRET + "-lineage")) {
            send(rig);

            WorkflowStub failed = scene.start(rig.job());
            RunSummary problems = Scene.failure(failed).getDetails().get(0, RunSummary.class);
            JobSpec patient = rig.jobWith(job -> job.withObject("/badRecords").put("limit", 10));
            WorkflowStub again = scene.start(patient);
            RunSummary rest = Scene.failure(again).getDetails().get(0, RunSummary.class);

            assertThat(problems.problems())
                    .extracting(PartitionProblem::partition)
                    .containsExactly(1, 2, 3, 4, 5, 6, 7);
            assertThat(rest.problems()).extracting(PartitionProblem::kind).containsExactly(FailureKind.TOO_MANY_CELLS);
            assertThat(rest.counts().deadLettered()).isEqualTo(7);
            await().atMost(Duration.ofSeconds(10)).until(() -> worker.log().contains("kafka setting ignored"));
            for (WorkflowStub each : List.of(failed, again)) {
                String notice = each.getExecution().getWorkflowId() + "/failed/"
                        + each.getExecution().getRunId();
                assertThat(Scene.client().newUntypedWorkflowStub(notice).getResult(String.class))
                        .isEqualTo("delivered");
                assertClean("the history of " + notice, history(notice), "delivered");
            }
            for (int i = 0; i < 3; i++) {
                Receiver.Post post = hook.next();
                assertThat(post.headers()).as("the secret is in use").containsKey("webhook-signature");
                assertClean(
                        "what is posted",
                        post.headers() + new String(post.body(), StandardCharsets.UTF_8),
                        rig.job().name());
            }
            assertClean("the worker's log", worker.log(), "consume failed", "answered 503");
            for (String workflow : List.of(
                    failed.getExecution().getWorkflowId(),
                    again.getExecution().getWorkflowId(),
                    JobNames.workflowId(rig.job().name()))) {
                assertClean("the history of " + workflow, history(workflow), "\"folded\":");
            }
            assertClean("the names of staged files", names(staging), "host-0.id");
        }
    }

    /**
     * Returns settings with every secret that a broker without authentication accepts, and one that Kafka does not
     * know.
     */
    private Path settings() throws IOException {
        return Files.writeString(folder.resolve("kafka_server.config"), """
                bootstrap.servers=%s
                security.protocol=PLAINTEXT
                sasl.mechanisms=PLAIN
                sasl.username=reader
                sasl.password=%2$s-sasl
                ssl.key.password=%2$s-key
                ssl.truststore.password=%2$s-trust
                schema.registry.basic.auth.user.info=reader:%2$s-registry
                """.formatted(
                        SharedBroker.get().bootstrapServers(), SECRET));
    }

    /** Sends good records to one partition, and a different kind of bad record to each of the others. */
    private static void send(Rig rig) {
        send(rig, 0, reading("\"23/12/2006 16:52:00\"", "230"));
        send(rig, 1, PAYLOAD);
        send(rig, 2, reading("\"" + PAYLOAD + "\"", "230"));
        send(rig, 3, reading("\"23/12/2006 16:52:00\"", "\"" + PAYLOAD + "\""));
        send(rig, 4, "{\"datetime\":\"23/12/2006 16:52:00\",\"of\":\"" + PAYLOAD + "\"}");
        send(rig, 5, reading("\"23/12/2006 16:52:00\"", "1e999").replace("}", ",\"" + PAYLOAD + "\":1}"));
        send(rig, 6, reading("\"23/12/2006 16:52:00\"", "1e308"));
        send(rig, 6, reading("\"23/12/2006 16:53:00\"", "1e308"));
        for (int day = 1; day <= 3; day++) {
            send(rig, 7, reading("\"0" + day + "/12/2006 16:52:00\"", "230"));
        }
        rig.flush();
    }

    private static String reading(String datetime, String voltage) {
        return "{\"datetime\":" + datetime + ",\"voltage\":" + voltage + ",\"meter\":\"" + PAYLOAD + "\"}";
    }

    private static void send(Rig rig, int partition, String value) {
        rig.sendRaw(partition, value.getBytes(StandardCharsets.UTF_8));
    }

    private static void assertClean(String what, String text, String... known) {
        assertThat(text).as(what + ", which can be read").contains(known);
        assertThat(text).as(what).doesNotContain(SECRET, SIGNING_BASE64, PAYLOAD);
    }

    /** Returns a history as JSON, followed by its payloads decoded from base64. */
    private static String history(String workflowId) {
        String json = Scene.client().fetchHistory(workflowId).toJson(false);
        return json
                + DATA.matcher(json)
                        .results()
                        .map(match -> decoded(match.group(1)))
                        .collect(Collectors.joining("\n", "\n", ""));
    }

    private static String decoded(String base64) {
        return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    }

    private static String names(Path staging) throws IOException {
        try (Stream<Path> files = Files.walk(staging)) {
            return files.map(Path::toString).collect(Collectors.joining("\n"));
        }
    }
}
