package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.temporal.client.WorkflowOptions;
import io.temporal.client.schedules.Schedule;
import io.temporal.client.schedules.ScheduleActionStartWorkflow;
import io.temporal.client.schedules.ScheduleOptions;
import io.temporal.client.schedules.ScheduleSpec;
import io.tidemark.embedded.TemporalServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which job a schedule belongs to, which copy of the job it holds, and when the server will run it. */
@Timeout(120)
class ScheduleOwnerIT {
    private static final String TUTORIALS_ID = "airflow-input-topic_batch_processor";

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
    void twoJobsOfOneTopicHaveTwoSchedules() throws IOException {
        schedule("create", job("first"));
        schedule("create", job("second"));

        assertThat(jobOf("tidemark-first")).isEqualTo("first");
        assertThat(schedule("delete", job("second")).out()).isEqualTo("deleted tidemark-second\n");
        assertThat(jobOf("tidemark-first")).isEqualTo("first");
    }

    @Test
    void theIdOfTheTutorialIsUsedOnRequest() throws IOException {
        assertThat(schedule("create", job("tutorial"), "--id", TUTORIALS_ID).out())
                .startsWith("created " + TUTORIALS_ID + ": ");

        Cli twice = schedule("create", job("tutorial"));
        Cli other = schedule("create", job("neighbour"));
        Cli taken = schedule("create", job("neighbour"), "--id", TUTORIALS_ID);

        assertThat(twice.err())
                .isEqualTo("error: the job tutorial already has the schedule " + TUTORIALS_ID
                        + ", with the id that version 0.1 gave it. To update it, add --id " + TUTORIALS_ID
                        + "; to replace it by tidemark-tutorial, run ./tidemark schedule delete " + TUTORIALS_ID
                        + " first\n");
        assertThat(twice.exitCode()).isEqualTo(1);
        assertThat(other.out()).startsWith("created tidemark-neighbour: ");
        assertThat(taken.err())
                .isEqualTo("error: schedule " + TUTORIALS_ID + " belongs to the job tutorial, not to neighbour, so"
                        + " nothing was done; see the schedules of all jobs with ./tidemark schedule list\n");
        assertThat(jobOf(TUTORIALS_ID)).isEqualTo("tutorial");
        // The file of the job finds it under either id.
        assertThat(schedule("delete", job("tutorial")).out()).isEqualTo("deleted " + TUTORIALS_ID + "\n");
    }

    @Test
    void aScheduleOfAnotherJobIsNotTouched() throws IOException {
        schedule("create", job("owner"), "--id", "tidemark-guest");

        for (String verb : new String[] {"create", "describe", "trigger", "pause", "resume", "delete"}) {
            Cli cli = schedule(verb, job("guest"));

            assertThat(cli.err())
                    .as(verb)
                    .startsWith("error: schedule tidemark-guest belongs to the job owner, not to guest");
            assertThat(cli.exitCode()).isEqualTo(1);
        }
        assertThat(jobOf("tidemark-guest")).isEqualTo("owner");
        assertThat(schedule("delete", "tidemark-guest").exitCode()).isZero();
    }

    @Test
    void aScheduleOfAnotherProgramIsNotTouched() {
        try (TemporalConnection connection = TemporalConnection.open(server.target(), null, "")) {
            connection
                    .schedules()
                    .createSchedule(
                            "foreign",
                            Schedule.newBuilder()
                                    .setAction(ScheduleActionStartWorkflow.newBuilder()
                                            .setWorkflowType("Billing")
                                            .setOptions(WorkflowOptions.newBuilder()
                                                    .setWorkflowId("billing")
                                                    .setTaskQueue("billing")
                                                    .build())
                                            .build())
                                    .setSpec(ScheduleSpec.newBuilder()
                                            .setCronExpressions(List.of("0 0 1 1 *"))
                                            .build())
                                    .build(),
                            ScheduleOptions.newBuilder().build());
        }

        assertThat(schedule("delete", "foreign").err())
                .startsWith("error: schedule foreign does not start runs of Tidemark, so nothing was done");
    }

    @Test
    void theServerSaysWhenTheNextRunsAre() throws IOException {
        Cli cli = schedule("create", job("fridays"), "--cron", "0 4 13 ? 5", "--time-zone", "Europe/Berlin");
        schedule("create", job("any-day"), "--cron", "0 4 ? * ?");

        assertThat(cli.err()).contains("A schedule runs only on days that match both");
        List<String> days = Pattern.compile("next +(\\S+) 04:00:00 \\+0[12]:00")
                .matcher(cli.out())
                .results()
                .map((MatchResult each) -> each.group(1))
                .toList();
        assertThat(days).hasSize(3).allSatisfy(day -> {
            assertThat(LocalDate.parse(day).getDayOfMonth()).isEqualTo(13);
            assertThat(LocalDate.parse(day).getDayOfWeek()).isEqualTo(DayOfWeek.FRIDAY);
        });
        assertThat(schedule("describe", "fridays").out())
                .contains("  cron         0 4 13 * 5 in Europe/Berlin\n", days.get(0) + " 04:00:00 +0");
        assertThat(schedule("describe", "any-day").out()).contains("  cron         0 4 * * * in UTC\n");
    }

    @Test
    void theListHasAllSchedulesWithTheirJobs() throws IOException {
        schedule("create", job("in-list"), "--cron", "@every 90m");
        schedule("create", job("in-list-paused"), "--cron", "*/15 6-8 * * 1-5", "--paused");

        // The server lists a new schedule a little later. @Timeout ends this.
        Cli list = schedule("list");
        while (!list.out().contains("tidemark-in-list ") || !list.out().contains("tidemark-in-list-paused ")) {
            list = schedule("list");
        }
        Cli json = schedule("list", "--json", "--limit", "1");

        assertThat(list.out())
                .startsWith("schedule ")
                .containsPattern("tidemark-in-list +in-list +@every 90m +UTC +20\\S+ \\S+ UTC\n")
                .containsPattern("tidemark-in-list-paused +in-list-paused +\\*/15 6-8 \\* \\* 1-5 +UTC +paused\n");
        assertThat(json.out()).hasLineCount(1).contains("\"scheduleId\":", "\"cron\":");
        assertThat(schedule("list", "--limit", "-1").exitCode()).isEqualTo(2);
    }

    @Test
    void theJobIsACopyUntilCreateIsRunAgain() throws IOException {
        String file = job("copied");
        schedule("create", file, "--cron", "30 4 * * *", "--time-zone", "Europe/Berlin");
        assertThat(schedule("describe", file).out())
                .contains("  job          copied, a copy: after a change of the job file run ./tidemark schedule create"
                        + " again\n")
                .doesNotContain("differs");

        Files.writeString(Path.of(file), "budget: { records: 5 }\n", StandardOpenOption.APPEND);

        assertThat(schedule("describe", file).out()).contains("  differs      from " + file + " in budget; to use");
        assertThat(schedule("create", file).out()).startsWith("updated tidemark-copied: 30 4 * * * in Europe/Berlin\n");
        assertThat(schedule("describe", file).out()).doesNotContain("differs");
        assertThat(schedule("create", file, "--time-zone", "UTC").err())
                .isEqualTo("error: schedule tidemark-copied exists: give --cron together with --time-zone\n");
    }

    private String job(String name) throws IOException {
        Path file = folder.resolve(name + ".yaml");
        return (Files.exists(file) ? file : Cli.job(folder, name)).toString();
    }

    private static Cli schedule(String... arguments) {
        String[] all = new String[arguments.length + 3];
        all[0] = "schedule";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        all[arguments.length + 1] = "--address";
        all[arguments.length + 2] = server.target();
        return Cli.run(all);
    }

    private static String jobOf(String id) {
        try (TemporalConnection connection = TemporalConnection.open(server.target(), null, "")) {
            return StoredSchedule.find(connection, id).orElseThrow().jobName();
        }
    }
}
