package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.temporal.api.enums.v1.ScheduleOverlapPolicy;
import io.temporal.client.schedules.Schedule;
import io.temporal.client.schedules.ScheduleActionStartWorkflow;
import io.tidemark.embedded.TemporalServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commands that need the real Temporal server. */
@Timeout(120)
class ScheduleCommandIT {
    private static TemporalServer server;

    @TempDir
    Path folder;

    @BeforeAll
    static void startServer() {
        server = TemporalServer.forTests();
    }

    @AfterAll
    static void stopServer() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void theDefaultsAreThoseOfTheTutorial() throws IOException {
        Cli cli = schedule("create", job("defaults"));

        assertThat(cli.err()).isEmpty();
        assertThat(cli.out())
                .matches("created tidemark-defaults: @daily in UTC\n(  next         20\\S+ 00:00:00 UTC\n){3}");
        Schedule schedule = stored("tidemark-defaults");
        assertThat(schedule.getPolicy().getOverlap()).isEqualTo(ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_SKIP);
        assertThat(schedule.getPolicy().getCatchupWindow()).isEqualTo(Duration.ofDays(1));
        assertThat(schedule.getPolicy().isPauseOnFailure()).isFalse();
        ScheduleActionStartWorkflow action = (ScheduleActionStartWorkflow) schedule.getAction();
        assertThat(action.getWorkflowType()).isEqualTo("KafkaBatch");
        assertThat(action.getOptions().getTaskQueue()).isEqualTo("kafka-batch");
        assertThat(action.getOptions().getWorkflowId()).isEqualTo("defaults-run");
        assertThat(action.getOptions().getWorkflowRunTimeout()).isEqualTo(Duration.ofMinutes(62));
        assertThat(schedule("delete", job("defaults")).out()).isEqualTo("deleted tidemark-defaults\n");
    }

    @Test
    void everyOptionReachesTheSchedule() throws IOException {
        schedule(
                "create",
                job("options"),
                "--id",
                "options",
                "--cron",
                "30 3 * * *",
                "--time-zone",
                "Europe/Berlin",
                "--catch-up",
                "2h",
                "--pause-on-failure",
                "--run-timeout",
                "2h",
                "--task-queue",
                "other",
                "--paused");

        Schedule schedule = stored("options");
        assertThat(schedule.getSpec().getTimeZoneName()).isEqualTo("Europe/Berlin");
        assertThat(schedule.getPolicy().getCatchupWindow()).isEqualTo(Duration.ofHours(2));
        assertThat(schedule.getPolicy().isPauseOnFailure()).isTrue();
        assertThat(schedule.getState().isPaused()).isTrue();
        ScheduleActionStartWorkflow action = (ScheduleActionStartWorkflow) schedule.getAction();
        assertThat(action.getOptions().getTaskQueue()).isEqualTo("other");
        assertThat(action.getOptions().getWorkflowRunTimeout()).isEqualTo(Duration.ofHours(2));
    }

    @Test
    void bringingItUpToDateKeepsThePauseAndItsNote() throws IOException {
        schedule("create", job("paused"), "--id", "paused");
        schedule("pause", "paused", "--note", "the meters are replaced");

        Cli updated = schedule("create", job("paused"), "--id", "paused", "--cron", "@hourly");

        assertThat(updated.out()).startsWith("updated paused: @hourly in UTC");
        assertThat(stored("paused").getState().isPaused()).isTrue();
        assertThat(schedule("describe", "paused").out())
                .startsWith("paused is paused: the meters are replaced\n")
                .contains("  catch-up     1 h 0 min\n")
                .contains("  next         none while it is paused; resumed now, the first would be 20")
                .doesNotContainPattern("next +20");
        assertThat(json(schedule("describe", "paused", "--json")).path("next")).isEmpty();
        assertThat(schedule("resume", "paused").out()).isEqualTo("resumed paused\n");
        assertThat(stored("paused").getState().isPaused()).isFalse();
    }

    @Test
    void describeShowsTheNextRunsAndHowTheLastOnesWent() throws Exception {
        try (FakeWorker worker = new FakeWorker(server.target(), new CountDownLatch(0))) {
            schedule("create", job("described"), "--id", "described");
            schedule("create", job("described-fails"), "--id", "described-fails");
            assertThat(schedule("trigger", "described").out()).isEqualTo("triggered described\n");
            schedule("trigger", "described-fails");

            JsonNode good = untilClosed("described");
            JsonNode bad = untilClosed("described-fails");

            assertThat(good.path("recent").get(0).path("state").textValue()).isEqualTo("completed");
            assertThat(good.path("recent").get(0).path("records").intValue()).isEqualTo(1_000);
            assertThat(good.path("recent").get(0).path("rows").intValue()).isEqualTo(7);
            assertThat(good.path("catchUpSeconds").intValue()).isEqualTo(86_400);
            assertThat(good.path("recent").get(0).path("workflowId").textValue())
                    .startsWith("described-run-20");
            assertThat(good.path("next")).hasSize(3);
            assertThat(bad.path("recent").get(0).path("state").textValue()).isEqualTo("failed");
            assertThat(bad.path("recent").get(0).path("error").path("kind").textValue())
                    .isEqualTo("PARTITIONS_FAILED");
            assertThat(schedule("describe", "described").out())
                    .startsWith("described\n  what         described: airflow-input-topic → airflow-output-topic\n")
                    .contains("  runs         1 started, 0 skipped because the previous run was active, 0 missed\n")
                    .containsPattern("described-run-\\S+ +completed +1,000 records, 7 rows\n");
        }
    }

    @Test
    void statusWithoutAJobListsTheRuns() throws Exception {
        try (FakeWorker worker = new FakeWorker(server.target(), new CountDownLatch(0))) {
            Cli.run("run", job("listed"), "--id", "listed-run", "--address", server.target());

            Cli listed = until(
                    () -> Cli.run("status", "--address", server.target()),
                    each -> each.out().contains("listed-run"));

            assertThat(listed.out())
                    .startsWith("workflow")
                    .containsPattern("listed-run +completed +20\\S+ \\S+ UTC +\\d+\\.\\d s +[-0-9a-f]{36}\n")
                    .doesNotContain("tidemark-listed");
            String runId = listed.out().replaceAll("(?s).*listed-run [^\n]* ([-0-9a-f]{36})\n.*", "$1");
            assertThat(Cli.run("status", "--run", runId, "--address", server.target())
                            .out())
                    .startsWith("tidemark-listed is completed, started ")
                    .contains(" by listed-run\n");
            Cli json = until(
                    () -> Cli.run("status", "--json", "--limit", "1", "--address", server.target()),
                    each -> each.exitCode() == 0);
            assertThat(json.out()).hasLineCount(1).contains("\"workflowId\":");
        }
    }

    @Test
    void runsShowsHowEachEndedAndFiltersByJobAndFailure() throws Exception {
        try (FakeWorker worker = new FakeWorker(server.target(), new CountDownLatch(0))) {
            Cli.run("run", job("counted"), "--address", server.target());
            Cli.run("run", job("counted-fails"), "--address", server.target());

            Cli failed = until(() -> runs("--failed"), each -> each.out().contains("counted-fails"));
            Cli one = until(() -> runs(job("counted")), each -> each.out().contains("completed"));

            assertThat(failed.out())
                    .startsWith("started ")
                    .containsPattern("counted-fails +failed +\\d+\\.\\d s .* PARTITIONS_FAILED +[-0-9a-f]{36}\n")
                    .doesNotContain("counted ");
            assertThat(one.out()).hasLineCount(2).containsPattern("counted +completed +\\d\\.\\d s +1,000 +0 +7 ");
            JsonNode json = json(runs("counted-fails", "--json", "-n", "1"));
            assertThat(json.path("job").textValue()).isEqualTo("counted-fails");
            assertThat(json.path("error").path("kind").textValue()).isEqualTo("PARTITIONS_FAILED");
            assertThat(runs("nobodys").out()).isEqualTo("no runs of nobodys at " + server.target() + "\n");
        }
    }

    void aReportHasTheRunsAndTheSchedulesOfTheJobs() throws Exception {
        try (FakeWorker worker = new FakeWorker(server.target(), new CountDownLatch(0));
                TemporalConnection connection = TemporalConnection.open(server.target(), null, "")) {
            schedule("create", job("reported"), "--cron", "@hourly");
            Cli.run("run", job("reported"), "--id", "first", "--address", server.target());
            Cli.run("run", job("reported"), "--id", "second", "--address", server.target());
            start("reported", "reported-never-taken", "unserved");
            connection.client().newUntypedWorkflowStub("reported-never-taken").terminate("the test ends it");
            Path page = folder.resolve("page.html");

            Cli one = until(
                    () -> Cli.run("report", "reported", "-o", page.toString(), "--address", server.target()),
                    each -> each.out().contains("3 runs"));

            assertThat(one.out()).isEqualTo("wrote " + page + ": 3 runs of 1 job\n");
            assertThat(page)
                    .content()
                    .contains("0 * * * * in UTC", "period of the schedule", "TERMINATED: the run was terminated")
                    .containsPattern("<strong>2 of 3</strong>");
            Cli.run("run", job("also-reported"), "--address", server.target());
            until(
                    () -> Cli.run("report", "-o", page.toString(), "--address", server.target()),
                    each -> each.out().endsWith(" jobs\n"));
            assertThat(page).content().contains("<a href=\"#job-also-reported\">");
            assertThat(page).content().contains("<a href=\"#job-reported\">");
        }
    }

    private void start(String job, String id, String queue) throws IOException {
        Cli.run("run", job(job), "--detach", "--id", id, "--task-queue", queue, "--address", server.target());
    }

    @Test
    void aMissingWorkerIsNamedAtOnce() throws IOException {
        start("unserved", "unserved-run", "unserved");

        Cli status = Cli.run("status", "--run", "unserved-run", "--address", server.target());

        assertThat(status.err())
                .isEqualTo(
                        "no worker polls unserved, so the progress is unknown; start a worker with ./tidemark worker\n");
        assertThat(status.exitCode()).isZero();
    }

    @Test
    void aScheduleThatIsNotThereIsNamedWithTheWayToMakeIt() {
        for (String verb : new String[] {"describe", "trigger", "pause", "resume", "delete"}) {
            Cli cli = schedule(verb, "nobodys");

            assertThat(cli.err())
                    .as(verb)
                    .isEqualTo(
                            "error: there is no schedule nobodys; create it with ./tidemark schedule create JOB, or see"
                                    + " all with ./tidemark schedule list\n");
            assertThat(cli.exitCode()).isEqualTo(1);
        }
    }

    @Test
    void aNamespaceThatIsNotThereIsNamed() throws IOException {
        Cli cli = Cli.run("run", job("lost"), "--namespace", "nowhere", "--address", server.target());

        assertThat(cli.exitCode()).isEqualTo(1);
        assertThat(cli.err()).startsWith("error: ").contains("nowhere").hasLineCount(1);
    }

    private String job(String name) throws IOException {
        return Cli.job(folder, name).toString();
    }

    private static Cli schedule(String... arguments) {
        String[] all = new String[arguments.length + 3];
        all[0] = "schedule";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        all[arguments.length + 1] = "--address";
        all[arguments.length + 2] = server.target();
        return Cli.run(all);
    }

    private static Cli runs(String... arguments) {
        return Cli.run(Stream.concat(Stream.of("runs", "--address", server.target()), Arrays.stream(arguments))
                .toArray(String[]::new));
    }

    private static JsonNode untilClosed(String schedule) throws Exception {
        Cli cli = until(
                () -> schedule("describe", schedule, "--json"),
                each -> Arrays.asList("completed", "failed")
                        .contains(
                                json(each).path("recent").path(0).path("state").asText()));
        return json(cli);
    }

    private static JsonNode json(Cli cli) {
        try {
            return new ObjectMapper().readTree(cli.out());
        } catch (JsonProcessingException e) {
            throw new AssertionError(cli.toString(), e);
        }
    }

    /** Repeats a question until the answer is right: the server lists and closes asynchronously. @Timeout ends it. */
    private static Cli until(Callable<Cli> ask, Predicate<Cli> right) throws Exception {
        Cli answer = ask.call();
        while (!right.test(answer)) {
            answer = ask.call();
        }
        return answer;
    }

    private static Schedule stored(String id) {
        try (TemporalConnection connection = TemporalConnection.open(server.target(), null, "")) {
            return connection.schedules().getHandle(id).describe().getSchedule();
        }
    }
}
