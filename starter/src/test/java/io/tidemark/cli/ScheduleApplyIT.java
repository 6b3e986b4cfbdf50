package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.temporal.api.enums.v1.ScheduleOverlapPolicy;
import io.temporal.client.schedules.Schedule;
import io.temporal.client.schedules.SchedulePolicy;
import io.temporal.client.schedules.ScheduleState;
import io.temporal.client.schedules.ScheduleUpdate;
import io.tidemark.embedded.TemporalServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Schedule files against the real Temporal server. */
@Timeout(120)
class ScheduleApplyIT {
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
    void theDiffIsShownThenAppliedAndASecondApplyChangesNothing() throws IOException {
        write("first", "cron: ['30 4 * * MON-FRI', '@weekly']\nzone: Europe/Berlin\njitter: 90s\noverlap: bufferOne\n"
                + "pauseOnFailure: true\ncatchUp: 2h\nrunTimeout: 3h\nnote: for the meters team\n");

        Cli diff = schedule("diff");
        Cli dryRun = schedule("apply", "--dry-run");
        Cli applied = schedule("apply", "--yes");
        Cli again = schedule("apply");

        assertThat(diff.exitCode()).isEqualTo(6);
        assertThat(diff.out())
                .startsWith("+ tidemark-first: create, by " + folder.resolve("first.schedule.yaml") + "\n    catchUp ")
                .containsPattern("\n    cron +0 0 \\* \\* 0 and 30 4 \\* \\* 1-5\n")
                .containsPattern("\n    job.input.topic +airflow-input-topic\n")
                .containsPattern("\n    note +for the meters team\n")
                .endsWith("\n1 to create\n");
        assertThat(dryRun.out()).isEqualTo(diff.out());
        assertThat(dryRun.exitCode()).isZero();
        assertThat(applied.err()).isEmpty();
        assertThat(applied.out()).isEqualTo(diff.out() + "created tidemark-first\n");
        assertThat(again.out()).isEqualTo("nothing to change: 1 schedule\n");
        assertThat(schedule("diff").exitCode()).isZero();
        Schedule stored = stored("first");
        SchedulePolicy policy = stored.getPolicy();
        assertThat(policy.getOverlap()).isEqualTo(ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_BUFFER_ONE);
        assertThat(policy.getCatchupWindow()).isEqualTo(Duration.ofHours(2));
        assertThat(policy.isPauseOnFailure()).isTrue();
        assertThat(stored.getSpec().getJitter()).isEqualTo(Duration.ofSeconds(90));
        assertThat(stored.getSpec().getTimeZoneName()).isEqualTo("Europe/Berlin");
        assertThat(stored.getState().isPaused()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cron: ['@daily', '*/7 1-5/2 1,15 * *', '5/20 * * JAN,JUL 7', '0 9 * * 5-7', '0 9 * * */2', '@every 36h']",
                "every: 90m",
            })
    void whatTheServerMakesOfTheTimesIsNoChange(String times) throws IOException {
        write("times", times + "\n");

        schedule("apply", "--yes");

        assertThat(schedule("diff").out()).isEqualTo("nothing to change: 1 schedule\n");
    }

    @Test
    void anUpdateNamesEachFieldAndKeepsThePauseOfAPersonAndALimitOfRuns() throws IOException {
        write("kept", "cron: '30 4 * * *'\n");
        schedule("apply", "--yes");
        update("kept", ScheduleState.newBuilder()
                .setPaused(true)
                .setNote("the meters are replaced")
                .setLimitedAction(true)
                .setRemainingActions(7)
                .build());
        write("kept", "cron: '30 5 * * *'\noverlap: cancelOther\n");
        Files.writeString(
                folder.resolve("kept.yaml"),
                Cli.VOLTAGE.replace("voltage-daily", "kept").replace("day, zone: UTC", "day, zone: Asia/Tokyo")
                        + "limits: { time: 30m }\n");

        Cli applied = schedule("apply", "--yes");

        assertThat(applied.out()).isEqualTo("""
                        ~ tidemark-kept: update, by %s
                            cron             30 4 * * * → 30 5 * * *
                            job.limits.time  (not set) → 30m
                            job.window.zone  (not set) → Asia/Tokyo
                            overlap          skip → cancelOther
                            runTimeout       62m → 32m
                        1 to update
                        updated tidemark-kept
                        """.formatted(folder.resolve("kept.schedule.yaml")));
        ScheduleState state = stored("kept").getState();
        assertThat(state.isPaused()).isTrue();
        assertThat(state.getNote()).isEqualTo("the meters are replaced");
        assertThat(state.getRemainingActions()).isEqualTo(7);

        Files.writeString(
                folder.resolve("kept.schedule.yaml"),
                "job: kept.yaml\ncron: '30 5 * * *'\noverlap: cancelOther\npaused: false\n");
        assertThat(schedule("apply", "--yes").out()).contains("schedule.yaml\n    paused  true → false\n1 to update\n");
        assertThat(stored("kept").getState().isPaused()).isFalse();
        assertThat(stored("kept").getState().getNote()).isEqualTo("resumed by kept.schedule.yaml");
        assertThat(stored("kept").getState().getRemainingActions()).isEqualTo(7);
    }

    @Test
    void pruneDeletesOnlyWhatAnApplyOfTheSameOwnerCreated() throws Exception {
        write("pruned", "every: 1h\n");
        write("stays", "every: 1h\n");
        schedule("apply", "--yes", "--owner", "us");
        Path byHand = Cli.job(folder.resolve("..").normalize(), "by-hand");
        Cli.run("schedule", "create", byHand.toString(), "--address", server.target());
        Files.delete(byHand);
        Files.delete(folder.resolve("pruned.schedule.yaml"));

        // The server lists a schedule some time after it was created. @Timeout ends the wait.
        Cli diff = schedule("diff", "--prune", "--owner", "us");
        while (diff.exitCode() == 0) {
            diff = schedule("diff", "--prune", "--owner", "us");
        }

        assertThat(schedule("diff", "--owner", "us").out()).isEqualTo("nothing to change: 1 schedule\n");
        assertThat(schedule("diff", "--prune", "--owner", "others").out())
                .isEqualTo("nothing to change: 1 schedule\n");
        assertThat(diff.out()).isEqualTo("""
                        - tidemark-pruned: delete, because no file is for the job pruned
                        1 to delete, 1 without change
                        """);
        assertThat(schedule("apply", "--prune", "--owner", "us", "--yes").out())
                .isEqualTo(diff.out() + "deleted tidemark-pruned\n");
        try (TemporalConnection connection = TemporalConnection.open(server.target(), null, "")) {
            assertThat(StoredSchedule.find(connection, "tidemark-pruned")).isEmpty();
            assertThat(StoredSchedule.find(connection, "tidemark-by-hand")).isPresent();
            assertThat(StoredSchedule.find(connection, "tidemark-stays")).isPresent();
        }
    }

    @Test
    void withoutYesItAsksAndWithoutATerminalItChangesNothing() throws IOException {
        write("asked", "every: 1h\npaused: true\n");

        Cli noTerminal = schedule("apply");
        Cli no = onATerminal("n\n");
        Cli yes = onATerminal("y\n");

        assertThat(noTerminal.exitCode()).isEqualTo(2);
        assertThat(noTerminal.err())
                .isEqualTo("error: nothing was changed, because there is no terminal to ask on; add --yes\n");
        assertThat(no.exitCode()).isEqualTo(1);
        assertThat(no.out()).endsWith("Apply to " + server.target() + "? [y/N] ");
        assertThat(no.err()).contains("nothing was changed");
        assertThat(yes.out()).endsWith("created tidemark-asked\n");
        assertThat(stored("asked").getState().getNote()).isEqualTo("paused by asked.schedule.yaml");
    }

    @Test
    void jsonHasTheSameChanges() throws IOException {
        write("as-json", "every: 1h\n");

        JsonNode json = new ObjectMapper().readTree(schedule("apply", "--json", "--yes").out());

        assertThat(json.path("applied").booleanValue()).isTrue();
        JsonNode change = json.path("changes").path(0);
        assertThat(change.path("action").textValue()).isEqualTo("create");
        assertThat(change.path("scheduleId").textValue()).isEqualTo("tidemark-as-json");
        assertThat(change.path("fields").findValuesAsText("field")).contains("cron", "job.name");
    }

    private void write(String job, String fields) throws IOException {
        Cli.job(folder, job);
        Files.writeString(folder.resolve(job + ".schedule.yaml"), "job: " + job + ".yaml\n" + fields);
    }

    private Cli schedule(String verb, String... more) {
        String[] arguments = Arrays.copyOf(
                new String[] {"schedule", verb, folder.toString(), "--address", server.target()}, 5 + more.length);
        System.arraycopy(more, 0, arguments, 5, more.length);
        return Cli.run(arguments);
    }

    private Cli onATerminal(String answer) {
        InputStream in = System.in;
        System.setIn(new ByteArrayInputStream(answer.getBytes(StandardCharsets.UTF_8)));
        System.setProperty("tidemark.terminal", "true");
        try {
            return schedule("apply");
        } finally {
            System.clearProperty("tidemark.terminal");
            System.setIn(in);
        }
    }

    private static void update(String job, ScheduleState state) {
        try (TemporalConnection connection = TemporalConnection.open(server.target(), null, "")) {
            connection
                    .schedules()
                    .getHandle("tidemark-" + job)
                    .update(input -> new ScheduleUpdate(
                            Schedule.newBuilder(input.getDescription().getSchedule())
                                    .setState(state)
                                    .build()));
        }
    }

    private static Schedule stored(String job) {
        try (TemporalConnection connection = TemporalConnection.open(server.target(), null, "")) {
            return connection
                    .schedules()
                    .getHandle("tidemark-" + job)
                    .describe()
                    .getSchedule();
        }
    }
}
