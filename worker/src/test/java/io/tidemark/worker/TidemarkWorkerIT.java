package io.tidemark.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.CanceledFailure;
import io.tidemark.check.OutputTopics;
import io.tidemark.check.WeakReplication;
import io.tidemark.embedded.EmbeddedKafka;
import io.tidemark.embedded.Ports;
import io.tidemark.embedded.Producers;
import io.tidemark.run.RunSummary;
import io.tidemark.settings.KafkaSettings;
import io.tidemark.step.Checkpoints;
import io.tidemark.story.DevServer;
import io.tidemark.temporal.TemporalProfile;
import io.tidemark.testkit.LifecycleSuite;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.SharedBroker;
import io.tidemark.workflow.KafkaBatchWorkflow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Starts the worker as in production, against real servers. */
@LifecycleSuite
@SuppressWarnings("NullAway.Init")
@Timeout(120)
class TidemarkWorkerIT {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private static final EmbeddedKafka BROKER = SharedBroker.get();

    @TempDir
    Path staging;

    private WorkflowClient client;
    private final String taskQueue = "kafka-batch-" + UUID.randomUUID();

    @BeforeEach
    void connect() {
        DevServer.require();
        client = DevServer.client();
    }

    @Test
    void aWorkerRunsAJobFromTopicToTopic() throws Exception {
        String name = named("run");
        produce("readings-" + name, 100);

        try (TidemarkWorker worker = TidemarkWorker.start(client, module(Checkpoints.NONE))) {
            RunSummary first = run(name, job(name));
            RunSummary second = run(name + "-again", job(name));

            assertThat(first.counts().folded()).isEqualTo(100);
            assertThat(first.rows()).isEqualTo(1);
            assertThat(second.offsetsPlanned()).isZero();
        }
    }

    @Test
    void aWorkerThatStopsHandsItsWorkToTheOneThatFollows() throws Exception {
        String name = named("handover");
        produce("readings-" + name, 100);
        CountDownLatch reached = new CountDownLatch(1);
        Checkpoints hold = point -> {
            if (point == Checkpoints.Point.PRODUCE_DECIDED) {
                reached.countDown();
                sleepUntilInterrupted();
            }
        };
        WorkflowStub run;
        try (TidemarkWorker first = TidemarkWorker.start(client, module(hold))) {
            run = start(name, job(name));
            assertThat(reached.await(60, TimeUnit.SECONDS)).isTrue();
        }

        // The same folder means the same host queue, so the next worker finds the staged files.
        try (TidemarkWorker second = TidemarkWorker.start(client, module(Checkpoints.NONE))) {
            RunSummary summary = run.getResult(60, TimeUnit.SECONDS, RunSummary.class);

            assertThat(summary.counts().folded()).isEqualTo(100);
        }
    }

    @Test
    void aJobThatWritesWhereItMayNotIsRefusedBeforeAnythingIsDone() throws Exception {
        String name = named("elsewhere");
        produce("readings-" + name, 100);

        try (TidemarkWorker worker =
                        TidemarkWorker.start(client, module(OutputTopics.of("bills-*,means"), Checkpoints.NONE));
                Admin admin = Admin.create(Map.of("bootstrap.servers", BROKER.bootstrapServers()))) {
            assertThatThrownBy(() -> run(name, job(name)))
                    .cause()
                    .hasMessageContainingAll("TOPIC_NOT_ALLOWED", "means-" + name, "bills-*,means", "--output-topics");

            assertThat(admin.listTopics().names().get())
                    .doesNotContain("means-" + name, "means-" + name + ".dead-letter", "tidemark." + name + ".state");
        }
    }

    @Test
    void aWorkerDoesNotWriteWhereItMayNotWhoeverMadeThePlan() throws Exception {
        String name = named("planned");
        produce("readings-" + name, 100);
        CountDownLatch reached = new CountDownLatch(1);
        Checkpoints hold = point -> {
            if (point == Checkpoints.Point.PRODUCE_BEFORE_FENCE) {
                reached.countDown();
                sleepUntilInterrupted();
            }
        };
        WorkflowStub run;
        try (TidemarkWorker planner = TidemarkWorker.start(client, module(hold))) {
            run = start(name, job(name));
            assertThat(reached.await(60, TimeUnit.SECONDS)).isTrue();
        }
        try (TidemarkWorker writer = TidemarkWorker.start(client, module(OutputTopics.of("bills"), Checkpoints.NONE));
                Admin admin = Admin.create(Map.of("bootstrap.servers", BROKER.bootstrapServers()))) {
            assertThatThrownBy(() -> run.getResult(60, TimeUnit.SECONDS, RunSummary.class))
                    .cause()
                    .hasMessageContainingAll("TOPIC_NOT_ALLOWED", "means-" + name);

            TopicPartition output = new TopicPartition("means-" + name, 0);
            assertThat(admin.listOffsets(Map.of(output, OffsetSpec.latest()))
                            .partitionResult(output)
                            .get()
                            .offset())
                    .isZero();
        }
    }

    @Test
    void aCancelledRunEndsCancelled() throws Exception {
        String name = named("cancel");
        produce("readings-" + name, 100);
        CountDownLatch reached = new CountDownLatch(1);
        Checkpoints hold = point -> {
            if (point == Checkpoints.Point.CONSUME_READ) {
                reached.countDown();
                sleepFor(Duration.ofSeconds(3));
            }
        };
        try (TidemarkWorker worker = TidemarkWorker.start(client, module(hold))) {
            WorkflowStub run = start(name, job(name));
            assertThat(reached.await(60, TimeUnit.SECONDS)).isTrue();

            run.cancel();

            assertThatThrownBy(() -> run.getResult(60, TimeUnit.SECONDS, RunSummary.class))
                    .hasCauseInstanceOf(CanceledFailure.class);
        }
    }

    @Test
    void aBodyThatIsTerminatedFailsTheRunAndSaysSo() throws Exception {
        String name = named("terminate");
        produce("readings-" + name, 100);
        CountDownLatch reached = new CountDownLatch(1);
        Checkpoints hold = point -> {
            if (point == Checkpoints.Point.CONSUME_READ) {
                reached.countDown();
                sleepUntilInterrupted();
            }
        };
        try (TidemarkWorker worker = TidemarkWorker.start(client, module(hold))) {
            WorkflowStub run = start(name, job(name));
            assertThat(reached.await(60, TimeUnit.SECONDS)).isTrue();

            client.newUntypedWorkflowStub("tidemark-" + name).terminate("by hand");

            assertThatThrownBy(() -> run.getResult(60, TimeUnit.SECONDS, RunSummary.class))
                    .cause()
                    .hasMessageContaining(
                            "workflow tidemark-" + name + ", the body of the run, did not complete: it was terminated");
        }
    }

    @Test
    void aProcessPollsWithinFiveSecondsAndSaysThatItIsReady() throws Exception {
        long start = System.nanoTime();
        int port = freePort();
        try (WorkerLifecycle process = process(module(Checkpoints.NONE), port)) {
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
            assertThat(get(port, "/readyz")).isEqualTo("ready\n");
        }
    }

    @Test
    void aProcessIsReadyOnlyWhenItHasReachedKafka() throws Exception {
        int kafkaPort = Ports.free();
        int port = freePort();
        KafkaSettings later = KafkaSettings.of(Map.of("bootstrap.servers", "127.0.0.1:" + kafkaPort));
        WorkerModule module = new WorkerModule(settings(OutputTopics.ANY, Duration.ofSeconds(1)), later);
        CompletableFuture<WorkerLifecycle> starting = CompletableFuture.supplyAsync(() -> {
            try {
                return process(module, port);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        await().atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(get(port, "/readyz")).isEqualTo("not polling\n"));
        assertThat(get(port, "/healthz")).isEqualTo("ok\n");
        assertThat(starting).isNotDone();

        try (EmbeddedKafka kafka = EmbeddedKafka.builder().port(kafkaPort).start();
                WorkerLifecycle process = starting.get(60, TimeUnit.SECONDS)) {
            assertThat(kafka.isRunning()).isTrue();
            assertThat(process).isNotNull();
            assertThat(get(port, "/readyz")).isEqualTo("ready\n");
        }
    }

    @Test
    void aProcessThatDrainsIsNotReadyAndStillHealthy() throws Exception {
        String name = named("drain");
        produce("readings-" + name, 100);
        int port = freePort();
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Checkpoints hold = point -> {
            if (point == Checkpoints.Point.CONSUME_READ) {
                reached.countDown();
                awaitIn(goOn);
            }
        };
        WorkerLifecycle process = process(module(OutputTopics.ANY, hold, Duration.ofSeconds(60)), port);
        WorkflowStub run = start(name, job(name));
        try {
            assertThat(reached.await(60, TimeUnit.SECONDS)).isTrue();

            CompletableFuture<Void> closed = CompletableFuture.runAsync(process::close);

            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(get(port, "/readyz")).isEqualTo("not polling\n"));
            assertThat(get(port, "/healthz")).isEqualTo("ok\n");
            assertThat(closed).as("the step is still at work").isNotDone();
            goOn.countDown();
            closed.get(60, TimeUnit.SECONDS);
        } finally {
            goOn.countDown();
            run.terminate("the story is over");
        }
    }

    @Test
    void metricsTellOfTheJvmAndOfTheTasksThatWereDone() throws Exception {
        String name = named("metrics");
        produce("readings-" + name, 100);
        int port = freePort();
        WorkerModule module = new WorkerModule(settings(OutputTopics.ANY, Duration.ofSeconds(1)), kafkaSettings()) {
            @Override
            protected Duration reportEvery() {
                return Duration.ofMillis(100);
            }
        };
        try (WorkerLifecycle process = process(module, port)) {
            run(name, job(name));

            // Reported once the task has been answered, and the run may be over by then.
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(get(port, "/metrics"))
                            .containsPattern("temporal_activity_execution_latency_seconds_count\\{[^}]*"
                                    + "activity_type=\"commitOffsets\"[^}]*} [1-9]")
                            .containsPattern("jvm_memory_used_bytes\\{area=\"heap\"[^}]*} [1-9]"));
        }
    }

    private WorkerLifecycle process(WorkerModule module, int port) throws IOException {
        return WorkerLifecycle.start(
                module,
                TemporalProfile.load(DevServer.target(), client.getOptions().getNamespace()),
                port);
    }

    private WorkerModule module(Checkpoints checkpoints) {
        return module(OutputTopics.ANY, checkpoints);
    }

    private WorkerModule module(OutputTopics outputTopics, Checkpoints checkpoints) {
        return module(outputTopics, checkpoints, Duration.ofSeconds(1));
    }

    private WorkerModule module(OutputTopics outputTopics, Checkpoints checkpoints, Duration drain) {
        return new WorkerModule(settings(outputTopics, drain), kafkaSettings()) {
            @Override
            protected Checkpoints checkpoints() {
                return checkpoints;
            }
        };
    }

    private WorkerSettings settings(OutputTopics outputTopics, Duration drain) {
        return new WorkerSettings(
                taskQueue,
                staging,
                4,
                2,
                drain,
                WorkerSettings.DEFAULT_STAGED_FOR,
                Rig.READER,
                outputTopics,
                WeakReplication.WARN,
                Placement.LOCAL);
    }

    private static KafkaSettings kafkaSettings() {
        return KafkaSettings.of(Map.of("bootstrap.servers", BROKER.bootstrapServers()));
    }

    /** The broker keeps running when the test is run again. */
    private static String named(String story) {
        return story + "-" + NUMBER.incrementAndGet();
    }

    private RunSummary run(String id, JsonNode job) throws Exception {
        return start(id, job).getResult(60, TimeUnit.SECONDS, RunSummary.class);
    }

    private WorkflowStub start(String id, JsonNode job) {
        WorkflowStub run = client.newUntypedWorkflowStub(
                KafkaBatchWorkflow.TYPE,
                WorkflowOptions.newBuilder()
                        .setTaskQueue(taskQueue)
                        .setWorkflowId(id)
                        .build());
        run.start(job);
        return run;
    }

    private static JsonNode job(String name) throws Exception {
        return new ObjectMapper().readTree("""
                        {"name": "NAME",
                         "input": {"topic": "readings-NAME",
                                   "timestamp": {"field": "datetime", "pattern": "dd/MM/yyyy HH:mm:ss", "zone": "UTC"}},
                         "window": {"every": "day", "zone": "UTC"},
                         "aggregate": {"voltage": {"mean": "voltage"}},
                         "output": {"topic": "means-NAME", "key": "{date}"}}
                        """.replace("NAME", name));
    }

    private static void produce(String topic, int records) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", BROKER.bootstrapServers()));
                KafkaProducer<String, String> producer =
                        Producers.ofStrings(Map.of("bootstrap.servers", BROKER.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
            for (int i = 0; i < records; i++) {
                var unused = producer.send(new ProducerRecord<>(
                        topic, "{\"datetime\":\"23/12/2006 16:52:00\",\"voltage\":" + (230 + i % 10) + "}"));
            }
            producer.flush();
        }
    }

    private static String get(int port, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static int freePort() throws Exception {
        try (java.net.ServerSocket socket = new java.net.ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static void awaitIn(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static void sleepUntilInterrupted() {
        sleepFor(Duration.ofDays(1));
    }

    private static void sleepFor(Duration duration) {
        try {
            Thread.sleep(duration.toMillis());
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }
}
