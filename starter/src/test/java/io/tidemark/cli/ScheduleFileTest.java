package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Schedule files, without a server. */
class ScheduleFileTest {
    @TempDir
    Path folder;

    private Path schedules;

    @BeforeEach
    void writeJob() throws IOException {
        Cli.job(Files.createDirectory(folder.resolve("jobs")), "voltage-daily");
        schedules = Files.createDirectory(folder.resolve("schedules"));
    }

    @Test
    void everyFieldIsRead() throws IOException {
        ScheduleFile file = read("""
                job: ../jobs/voltage-daily.yaml
                cron: ["30 4 * * MON-FRI", "@weekly"]
                zone: Europe/Berlin
                jitter: 90s
                overlap: bufferOne
                pauseOnFailure: true
                catchUp: 2h
                runTimeout: 3h
                paused: false
                note: "belongs to the meters team"
                """);

        assertThat(file.jobName()).isEqualTo("voltage-daily");
        assertThat(file.scheduleId()).isEqualTo("tidemark-voltage-daily");
        assertThat(file.settings())
                .isEqualTo(new ScheduleSettings(
                        "../jobs/voltage-daily.yaml",
                        List.of("30 4 * * MON-FRI", "@weekly"),
                        null,
                        ZoneId.of("Europe/Berlin"),
                        Duration.ofSeconds(90),
                        ScheduleSettings.Overlap.BUFFER_ONE,
                        true,
                        Duration.ofHours(2),
                        Duration.ofHours(3),
                        false,
                        "belongs to the meters team"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "cron: '30 4 * * *' | PT24H",
                "cron: '0 9 * * MON-FRI' | PT72H",
                "cron: ['0 9 * * MON-FRI', '@daily'] | PT24H",
                "every: 90m | PT1H30M"
            })
    void withoutCatchUpAMissedRunMayStartUntilTheNextOneIsDue(String times, Duration catchUp) throws IOException {
        ScheduleFile file = read("job: ../jobs/voltage-daily.yaml\n" + times + "\n");

        assertThat(file.settings().catchUp(Instant.parse("2026-03-02T00:00:00Z")))
                .isEqualTo(catchUp);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "cron: '30 4 * * *' | crn: x | 3: crn: is not a known field; did you mean cron?",
                "cron: '30 4 * * *' | catchup: 2h | 3: catchup: is not a known field; did you mean catchUp?",
                "cron: '30 4 * * *' | overlap: buffreOne | 3: overlap: must be skip, bufferOne, bufferAll or cancelOther,"
                        + " but is 'buffreOne'; did you mean bufferOne?",
                "cron: '30 4 * * *' | jitter: 90 | 3: jitter: must be a duration such as 90s, 15m or 2h, but is 90; write 90s",
                "cron: '30 4 * * *' | zone: '+02:00' | 3: zone: must be the name of a time zone such as UTC or"
                        + " Europe/Berlin, but is '+02:00'",
                "cron: '30 4 * * *' | every: 90m | 2: cron: does not go with every; remove one of the two",
                "zone: UTC | jitter: 0s | 1: cron: is missing; write cron: '30 4 * * *', or every: 90m",
                "zone: UTC | cron: '30 25 * * *' | 3: cron: '30 25 * * *' is not a cron expression such as",
                "zone: UTC | cron: ['@daily', 'CRON_TZ=UTC 1 2 * * *'] | 3: cron[1]: 'CRON_TZ=UTC 1 2 * * *': give the zone"
                        + " in the field zone",
                "zone: UTC | cron: 5 | 3: cron: must be a cron expression such as '30 4 * * *' or @daily",
            })
    void aWrongFieldIsRefusedWithItsLine(String second, String third, String message) throws IOException {
        assertThatThrownBy(() -> read("job: ../jobs/voltage-daily.yaml\n" + second + "\n" + third + "\n"))
                .isInstanceOf(CliException.class)
                .hasMessageStartingWith(schedules.resolve("a.schedule.yaml") + ":" + message);
    }

    @Test
    void aWrongJobIsRefusedWithTheLineOfItsFile() throws IOException {
        Files.writeString(folder.resolve("jobs/wrong.yaml"), Cli.VOLTAGE.replace("every: day", "every: dya"));

        assertThatThrownBy(() -> read("job: ../jobs/wrong.yaml\ncron: '@daily'\n"))
                .hasMessageStartingWith(folder.resolve("jobs/wrong.yaml") + ":5: window.every: ");
        assertThatThrownBy(() -> read("job: ../jobs/missing.yaml\ncron: '@daily'\n"))
                .hasMessage(schedules.resolve("a.schedule.yaml") + ": job: there is no file "
                        + folder.resolve("jobs/missing.yaml"));
    }

    @Test
    void twoFilesForOneJobAreRefused() throws IOException {
        Files.writeString(schedules.resolve("b.schedule.yml"), "job: ../jobs/voltage-daily.yaml\nevery: 1h\n");

        assertThatThrownBy(() -> read("job: ../jobs/voltage-daily.yaml\ncron: '@daily'\n"))
                .hasMessage(schedules.resolve("b.schedule.yml") + ": job voltage-daily already has the schedule file "
                        + schedules.resolve("a.schedule.yaml") + "; write all its times into one file");
    }

    @Test
    void aFolderWithoutFilesIsRefusedBecausePruneWouldDeleteAllSchedules() {
        assertThatThrownBy(() -> ScheduleFile.readAll(schedules))
                .hasMessage(schedules + ": holds no schedule file; its name must end in .schedule.yaml");
        assertThatThrownBy(() -> ScheduleFile.readAll(folder.resolve("none")))
                .hasMessage(folder.resolve("none") + ": does not exist");
    }

    private ScheduleFile read(String text) throws IOException {
        Files.writeString(schedules.resolve("a.schedule.yaml"), text);
        return ScheduleFile.readAll(schedules).get(0);
    }
}
