package io.tidemark.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.client.schedules.Schedule;
import io.temporal.client.schedules.ScheduleActionStartWorkflow;
import io.temporal.client.schedules.ScheduleClient;
import io.temporal.client.schedules.ScheduleClientOptions;
import io.temporal.client.schedules.ScheduleHandle;
import io.temporal.client.schedules.ScheduleOptions;
import io.temporal.client.schedules.ScheduleSpec;
import io.temporal.worker.MetricsType;
import io.tidemark.aggregate.OwnAggregates;
import io.tidemark.check.OutputTopics;
import io.tidemark.check.WeakReplication;
import io.tidemark.embedded.Ports;
import io.tidemark.embedded.Producers;
import io.tidemark.notify.Receiver;
import io.tidemark.notify.Webhook;
import io.tidemark.run.RunSummary;
import io.tidemark.settings.KafkaSettings;
import io.tidemark.story.DevServer;
import io.tidemark.temporal.TemporalProfile;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.SharedBroker;
import io.tidemark.workflow.KafkaBatchWorkflow;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What a worker's metrics say after a run that succeeded, one with a bad record, one that failed, and one that was refused. */
@SuppressWarnings("NullAway.Init")
@Timeout(180)
class MetricsIT {
    private static final String GOOD = "{\"datetime\":\"23/12/2006 16:52:00\",\"voltage\":230}";

    private static final Map<String, String> RETENTION =
            Map.of("retention.ms", String.valueOf(Duration.ofDays(7).toMillis()));

    private static final AtomicLong NOW = new AtomicLong();
    private static final Health HEALTH = new Health(NOW::get);
    private static final Logger LOG = (Logger) LoggerFactory.getLogger("io.tidemark.metrics.RunObserver");
    private static final ListAppender<ILoggingEvent> LINES = new ListAppender<>();

    private static final Receiver NOTICES = new Receiver();
    private static final Receiver LINEAGE = new Receiver();
    private static final Receiver TRACES = new Receiver();

    @TempDir
    static Path staging;

    private static final String TASK_QUEUE = "kafka-batch-" + UUID.randomUUID();
    private static WorkerLifecycle worker;
    private static int port;
    private static String scrape;
    private static String exported;

    @BeforeAll
    static void makeRuns() throws Exception {
        DevServer.require();
        port = Ports.free();
        WorkerSettings settings = new WorkerSettings(
                TASK_QUEUE,
                staging,
                4,
                2,
                Duration.ofSeconds(1),
                WorkerSettings.DEFAULT_STAGED_FOR,
                Rig.READER,
                OutputTopics.ANY,
                WeakReplication.WARN,
                Placement.LOCAL);
        WorkerModule module =
                new WorkerModule(
                        settings,
                        KafkaSettings.of(
                                Map.of("bootstrap.servers", SharedBroker.get().bootstrapServers())),
                        OwnAggregates.NONE,
                        new Outlets(
                                Webhook.of(NOTICES.url(), null, "failed,late,recovered"),
                                URI.create(LINEAGE.url()),
                                URI.create(TRACES.url()))) {
                    @Override
                    protected Duration reportEvery() {
                        return Duration.ofMillis(100);
                    }

                    @Override
                    Health health() {
                        return HEALTH;
                    }
                };
        LOG.setLevel(Level.INFO);
        LINES.start();
        LOG.addAppender(LINES);
        worker = WorkerLifecycle.start(
                module,
                TemporalProfile.load(
                        DevServer.target(), DevServer.client().getOptions().getNamespace()),
                port);
        produce("readings-good", GOOD, GOOD);
        produce("readings-bad", GOOD, "{\"datetime\":\"never\"}");
        run("good", job("good", "deadLetter"));
        run("bad", job("bad", "deadLetter"));
        produce("readings-failing", "{\"datetime\":\"never\"}");
        run("failing", job("failing", "fail"));
        run("refused", new ObjectMapper().readTree("{\"name\": 7}"));
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            scrape = get();
            assertThat(scrape)
                    .contains("tidemark_runs_total{job_name=\"(invalid)\"")
                    .containsPattern("temporal_workflow_failed_total\\{[^}]*KafkaBatch\"[^}]*} 2");
        });
        produce("readings-good", GOOD);
        exported = ExporterScene.scrape(TASK_QUEUE, job("good", "deadLetter"), "readings-bad");
        String file = System.getProperty("tidemark.scrape");
        if (file != null) {
            Files.writeString(Path.of(file), scrape);
        }
    }

    @AfterAll
    static void stop() {
        worker.close();
        List.of(NOTICES, LINEAGE, TRACES).forEach(Receiver::close);
        LOG.detachAppender(LINES);
        LOG.setLevel(null);
    }

    @Test
    void aWorkerHasAFewHundredSeries() {
        List<String> series =
                scrape.lines().filter(each -> !each.startsWith("#")).toList();

        assertThat(series).hasSizeLessThan(600);
    }

    @Test
    void theQueueOfTheHostHasNoLabelOfItsOwn() {
        assertThat(scrape).contains("task_queue=\"" + TASK_QUEUE + "/host\"").doesNotContain("/host/");
    }

    @Test
    void minutesAreVisible() {
        assertThat(scrape)
                .containsPattern("temporal_activity_execution_latency_seconds_bucket\\{[^}]*le=\"300.0\"")
                .contains("tidemark_step_seconds_bucket{step=\"consume\",le=\"300.0\"} 3");
    }

    @Test
    void theAccountOfARunIsThatOfItsTopic() {
        assertThat(value("tidemark_offsets_total{fate=\"folded\",job_name=\"good\",topic=\"readings-good\"}"))
                .isEqualTo(2);
        assertThat(value("tidemark_offsets_total{fate=\"folded\",job_name=\"bad\",topic=\"readings-bad\"}"))
                .isEqualTo(1);
        assertThat(value("tidemark_offsets_total{fate=\"dead_lettered\",job_name=\"bad\",topic=\"readings-bad\"}"))
                .isEqualTo(1);
        assertThat(value("tidemark_rows_total{job_name=\"good\"}")).isEqualTo(1);
        assertThat(value("tidemark_read_bytes_total{job_name=\"good\"}")).isEqualTo(2 * GOOD.length());
    }

    @Test
    void runsAreCountedOnceByHowTheyEnded() {
        assertThat(value("tidemark_runs_total{job_name=\"good\",outcome=\"done\"}"))
                .isEqualTo(1);
        assertThat(value("tidemark_runs_total{job_name=\"good\",outcome=\"failed\"}"))
                .isZero();
        assertThat(value("tidemark_runs_total{job_name=\"failing\",outcome=\"failed\"}"))
                .isEqualTo(1);
        assertThat(value("tidemark_run_failures_total{job_name=\"failing\",kind=\"PARTITIONS_FAILED\"}"))
                .isEqualTo(1);
        assertThat(value("tidemark_partition_failures_total{job_name=\"failing\",kind=\"BAD_RECORD\"}"))
                .isEqualTo(1);
        assertThat(value("tidemark_runs_total{job_name=\"(invalid)\",outcome=\"refused\"}"))
                .isEqualTo(1);
        assertThat(value("tidemark_run_seconds_count{job_name=\"failing\"}")).isEqualTo(1);
    }

    @Test
    void transactionsAndRequestsOfTheStepsAreCounted() {
        assertThat(value("tidemark_transactions_total{outcome=\"committed\"}")).isGreaterThanOrEqualTo(6);
        assertThat(value("tidemark_kafka_request_seconds_count{api=\"fetch\"}")).isPositive();
    }

    /** Kafka and the folder are probed by the real clock, so they are left out here. */
    @Test
    void polledTasksShowThatTemporalAnswers() throws Exception {
        NOW.addAndGet(Health.POLL_LIMIT.plusSeconds(1).toNanos());

        run("again", job("good", "deadLetter"));

        assertThat(HEALTH.notReady()).noneMatch(each -> each.startsWith("not polling"));
    }

    @Test
    void aRunEndsWithOneLineOfTheLog() throws Exception {
        JsonLines encoder = new JsonLines();
        encoder.start();
        List<JsonNode> lines = new ArrayList<>();
        for (ILoggingEvent each : List.copyOf(LINES.list)) {
            lines.add(new ObjectMapper().readTree(encoder.encode(each)));
        }

        assertThat(lines.stream().filter(each -> each.path("job").asText().equals("bad")))
                .singleElement()
                .satisfies(line -> {
                    assertThat(line.path("message").asText()).isEqualTo("run ended");
                    assertThat(line.path("level").asText()).isEqualTo("INFO");
                    assertThat(line.path("outcome").asText()).isEqualTo("DONE");
                    assertThat(line.path("workflow").asText()).isEqualTo("tidemark-bad");
                    assertThat(line.path("run").asText()).hasSize(36);
                    assertThat(line.path("offsets").asLong()).isEqualTo(2);
                    assertThat(line.path("folded").asLong()).isEqualTo(1);
                    assertThat(line.path("bad").asLong()).isEqualTo(1);
                    assertThat(line.path("rows").asLong()).isEqualTo(1);
                });
        assertThat(lines.stream().filter(each -> each.path("job").asText().equals("failing")))
                .singleElement()
                .satisfies(line -> {
                    assertThat(line.path("level").asText()).isEqualTo("WARN");
                    assertThat(line.path("kind").asText()).isEqualTo("PARTITIONS_FAILED");
                    assertThat(line.path("reason").asText())
                            .contains("BAD_RECORD")
                            .doesNotContain("never");
                });
        assertThat(lines.stream().filter(each -> each.path("outcome").asText().equals("REFUSED")))
                .singleElement()
                .satisfies(line -> assertThat(line.path("reason").asText()).contains("name"));
    }

    /** The first run of the schedule fails, and the second does not. */
    @Test
    void othersAreToldOfTheRunsOfASchedule() throws Exception {
        ScheduleClient schedules = ScheduleClient.newInstance(
                DevServer.client().getWorkflowServiceStubs(),
                ScheduleClientOptions.newBuilder()
                        .setNamespace(DevServer.client().getOptions().getNamespace())
                        .build());
        JsonNode job = ((ObjectNode) job("told", "fail")).put("deadline", "1h");
        ScheduleHandle schedule = schedules.createSchedule(
                "told",
                Schedule.newBuilder()
                        .setAction(ScheduleActionStartWorkflow.newBuilder()
                                .setWorkflowType(KafkaBatchWorkflow.TYPE)
                                .setArguments(job)
                                .setOptions(WorkflowOptions.newBuilder()
                                        .setTaskQueue(TASK_QUEUE)
                                        .setWorkflowId("told-run")
                                        .build())
                                .build())
                        .setSpec(ScheduleSpec.newBuilder().build())
                        .build(),
                ScheduleOptions.newBuilder().build());

        schedule.trigger();
        JsonNode failed = next(NOTICES, "/subject");
        produce("readings-told", GOOD);
        schedule.trigger();
        JsonNode recovered = next(NOTICES, "/subject");
        schedule.delete();

        assertThat(failed.path("type").asText()).isEqualTo("io.tidemark.run.failed");
        assertThat(failed.at("/data/kind").asText()).isEqualTo("TOPIC_MISSING");
        assertThat(failed.at("/data/schedule").asText()).isEqualTo("told");
        assertThat(recovered.path("type").asText()).isEqualTo("io.tidemark.run.recovered");
        assertThat(recovered.at("/data/work/folded").asLong()).isEqualTo(1);
        for (String each : List.of("START", "FAIL", "START", "COMPLETE")) {
            assertThat(next(LINEAGE, "/job/name").path("eventType").asText()).isEqualTo(each);
        }
    }

    @Test
    void workflowsAndActivitiesAreSpans() throws Exception {
        String spans = "";
        while (!spans.contains("RunActivity:listPartitions") || !spans.contains("RunWorkflow:KafkaBatchRun")) {
            Receiver.Post next = TRACES.next();
            assertThat(next.path()).endsWith("/v1/traces");
            spans += new String(next.body(), StandardCharsets.ISO_8859_1);
        }
        assertThat(spans).contains("tidemark-worker", "StartActivity:listPartitions");
    }

    /** Returns the next event whose job, at this place, is the one of the schedule. */
    private static JsonNode next(Receiver receiver, String job) throws Exception {
        JsonNode event;
        do {
            event = new ObjectMapper().readTree(receiver.next().body());
        } while (!event.at(job).asText().equals("told"));
        return event;
    }

    /** TutorialIT compares the rest of the page. */
    @Test
    void thePageNamesEachMeterOfTidemarkAndNoOther() throws Exception {
        String page = Files.readString(Path.of("../docs/reference/metrics.md"));

        assertThat(names("(?m)^\\| `(tidemark_[a-z_]+)` \\|", page))
                .isEqualTo(names("(?m)^# TYPE (tidemark_\\S+?) (?<!_max )", scrape));
    }

    @Test
    void eachMetricOfTheRulesAndDashboardsIsServed() throws Exception {
        Set<String> served = names("(?m)^([a-z_]+)[{ ]", scrape + exported);
        // Its value is there only while a run is in progress.
        served.add("tidemark_job_run_started_timestamp_seconds");
        // Its value is above 0 only with workers of two releases.
        served.add(MetricsType.WORKFLOW_TASK_EXECUTION_FAILURE_COUNTER + "_total");
        for (String file : List.of("rules.yaml", "dashboards/jobs.json", "dashboards/workers.json")) {
            Set<String> used = names(
                    "\\b((?:tidemark|temporal|jvm|process|system)_[a-z_]+)\\b",
                    Files.readString(Path.of("../monitoring", file)));

            assertThat(used).as(file).hasSizeGreaterThan(5);
            assertThat(served).as(file).containsAll(used);
        }
    }

    @Test
    void theExporterKnowsTheRunsWithoutAWorker() {
        assertThat(exported("tidemark_job_last_outcome{job_name=\"good\",outcome=\"done\"}"))
                .isEqualTo(1);
        assertThat(exported("tidemark_job_last_outcome{job_name=\"failing\",outcome=\"failed\"}"))
                .isEqualTo(1);
        assertThat(exported("tidemark_job_last_outcome{job_name=\"failing\",outcome=\"done\"}"))
                .isZero();
        assertThat(exported("tidemark_job_last_success_timestamp_seconds{job_name=\"good\"}"))
                .isEqualTo(exported("tidemark_job_last_end_timestamp_seconds{job_name=\"good\"}"));
        assertThat(exported).doesNotContain("tidemark_job_last_success_timestamp_seconds{job_name=\"failing\"}");
        assertThat(exported("tidemark_job_running{job_name=\"good\"}")).isZero();
        assertThat(exported("tidemark_task_queue_pollers{kind=\"activity\",task_queue=\"" + TASK_QUEUE + "\"}"))
                .isPositive();
        assertThat(exported("tidemark_task_queue_backlog{kind=\"workflow\",task_queue=\"" + TASK_QUEUE + "\"}"))
                .isZero();
    }

    @Test
    void theExporterKnowsTheScheduleOfAJob() {
        double year = Duration.ofDays(366).toSeconds();

        assertThat(exported("tidemark_job_schedule_period_seconds{job_name=\"good\"}"))
                .isEqualTo(year);
        assertThat(exported("tidemark_job_run_timeout_seconds{job_name=\"good\"}"))
                .isEqualTo(3720);
        assertThat(exported("tidemark_job_schedule_missed_total{job_name=\"good\"}"))
                .isZero();
        assertThat(exported("tidemark_job_schedule_paused{job_name=\"good\"}")).isZero();
        assertThat(exported).doesNotContain("tidemark_job_schedule_paused{job_name=\"bad\"}");
    }

    @Test
    void theExporterKnowsWhatIsUnreadAndWhatIsHeldBack() {
        String good = "{job_name=\"good\",topic=\"readings-good\"}";
        String bad = "{job_name=\"bad\",topic=\"readings-bad\"}";

        assertThat(exported("tidemark_job_lag_offsets" + good)).isEqualTo(1);
        assertThat(exported("tidemark_job_lag_seconds" + good)).isBetween(0.0, 180.0);
        assertThat(exported("tidemark_input_retention_headroom_seconds" + good))
                .isBetween(
                        Duration.ofDays(7).toSeconds() - 180.0,
                        Duration.ofDays(7).toSeconds() + 0.0);
        assertThat(exported("tidemark_input_held_back_offsets" + good)).isZero();
        assertThat(exported("tidemark_job_lag_offsets" + bad)).isZero();
        assertThat(exported("tidemark_job_lag_seconds" + bad)).isZero();
        assertThat(exported("tidemark_input_held_back_offsets" + bad)).isEqualTo(1);
        assertThat(exported("tidemark_input_oldest_open_transaction_seconds" + bad))
                .isNotNegative();
        assertThat(exported("tidemark_state_cells{job_name=\"good\"}")).isEqualTo(1);
        assertThat(exported("tidemark_state_limit_ratio{job_name=\"good\"}")).isPositive();
        assertThat(exported.lines().filter(each -> each.startsWith("tidemark_exporter_errors_total{")))
                .hasSize(8)
                .allMatch(each -> each.endsWith(" 0.0"));
    }

    private static double exported(String series) {
        return value(exported, series);
    }

    private static Set<String> names(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(each -> each.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static double value(String series) {
        return value(scrape, series);
    }

    private static double value(String text, String series) {
        return text.lines()
                .filter(each -> each.startsWith(series + " "))
                .mapToDouble(each -> Double.parseDouble(each.substring(series.length())))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + series));
    }

    private static void run(String id, JsonNode job) throws Exception {
        WorkflowStub run = DevServer.client()
                .newUntypedWorkflowStub(
                        KafkaBatchWorkflow.TYPE,
                        WorkflowOptions.newBuilder()
                                .setTaskQueue(TASK_QUEUE)
                                .setWorkflowId("metrics-" + id + "-" + UUID.randomUUID())
                                .build());
        run.start(job);
        try {
            run.getResult(60, TimeUnit.SECONDS, RunSummary.class);
        } catch (WorkflowFailedException e) {
            assertThat(id).isIn("failing", "refused");
        }
    }

    private static JsonNode job(String name, String badRecords) throws Exception {
        return new ObjectMapper().readTree("""
                        {"name": "NAME",
                         "input": {"topic": "readings-NAME",
                                   "timestamp": {"field": "datetime", "pattern": "dd/MM/yyyy HH:mm:ss", "zone": "UTC"}},
                         "window": {"every": "day", "zone": "UTC"},
                         "aggregate": {"voltage": {"mean": "voltage"}},
                         "badRecords": "BAD",
                         "scope": "SCOPE",
                         "output": {"topic": "means-NAME", "key": "{date}"}}
                        """.replace("NAME", name)
                .replace("BAD", badRecords)
                // Two stages must look like one.
                .replace("SCOPE", name.equals("good") ? "topic" : "partition"));
    }

    private static void produce(String topic, String... values) throws Exception {
        String servers = SharedBroker.get().bootstrapServers();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers));
                KafkaProducer<String, String> producer = Producers.ofStrings(Map.of("bootstrap.servers", servers))) {
            if (!admin.listTopics().names().get().contains(topic)) {
                admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1).configs(RETENTION)))
                        .all()
                        .get();
            }
            for (String value : values) {
                var unused = producer.send(new ProducerRecord<>(topic, value));
            }
            producer.flush();
        }
    }

    private static String get() throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/metrics"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
