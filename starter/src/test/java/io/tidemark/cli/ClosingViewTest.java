package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.job.CloseSpec;
import io.tidemark.job.JobSpec;
import io.tidemark.window.WindowAssigner;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClosingViewTest {
    private static final Pattern EXAMPLE =
            Pattern.compile("The run of (.+) closes the (?:hour|day|week|month|window) (\\S+) and all .*");
    private static final DateTimeFormatter OFFSET = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss xxx", Locale.ROOT);

    @TempDir
    Path folder;

    @Test
    void aSettlementIsExplainedWithAnExample() throws IOException {
        assertThat(sentences(
                        "window.zone=Europe/Berlin",
                        "close.after=26h",
                        "output.emit=final",
                        "input.until=nominal",
                        "groupBy=[vendor]",
                        "output.key="))
                .containsExactly(
                        "A run closes each window that ended at least 26h before the run's nominal time. That is the time"
                                + " of its schedule, or --at, or else its start.",
                        "The run of 2006-12-25 02:00:00 +01:00 closes the day 2006-12-23 and all days before it.",
                        "It closes them in each partition whose records of before that time it has read. If a budget, a"
                                + " limit, a failure or an open transaction prevents that, the windows stay open until a"
                                + " later run.",
                        "A record of a window that an earlier batch has closed is late: it goes to"
                                + " airflow-output-topic.dead-letter with the reason LATE.",
                        "A row is written once, by the batch that closes its window, and never again.",
                        "A run reads each partition up to the first record whose Kafka timestamp is at or after the run's"
                                + " nominal time. So a run that starts late reads the same records.",
                        "About 3 windows of a partition are open at a time, so limits.cells (1,000,000) is enough for"
                                + " about 333,333 groups in a partition.");
    }

    @Test
    void anIdlePartitionClosesNothingByEventTime() throws IOException {
        assertThat(sentences(
                        "window.every=15m",
                        "window.zone=",
                        "output.key=",
                        "close.after=1h",
                        "close.by=eventTime",
                        "close.late=count",
                        "close.maxAhead=2h"))
                .containsExactly(
                        "A batch closes each window that ended at least 1h before the watermark, which is the greatest"
                                + " time of the partition's records so far.",
                        "A record of 2006-12-23 18:00:00 UTC closes the window 2006-12-23T16:45:00Z and all windows before"
                                + " it in its partition.",
                        "A partition without new records closes nothing.",
                        "A record whose time is more than 2h after its Kafka timestamp is a bad record (AHEAD_OF_TIME).",
                        "A record of a window that an earlier batch has closed is late: it is only counted.",
                        "Each batch writes the rows that it changes. When its window is closed, a row does not change any"
                                + " more.");
        assertThat(sentences("close.after=1h", "close.by=eventTime", "output.emit=final"))
                .contains(
                        "A partition without new records closes nothing, so the rows of its last windows are not written"
                                + " until it gets newer records.");
    }

    @Test
    void windowsThatOverlapAreNamedByTheirIntervalAndMultiplyTheRows() throws IOException {
        assertThat(sentences("window.span=7", "output.key=", "close.after=26h", "groupBy=[vendor]"))
                .contains(
                        "The run of 2006-12-25 02:00:00 UTC closes the window 2006-12-17T00:00:00Z/2006-12-24T00:00:00Z and"
                                + " all windows before it.",
                        "A record is late if an earlier batch has closed the first of its windows: it goes to"
                                + " airflow-output-topic.dead-letter with the reason LATE.",
                        "Windows overlap: a record is in 7 of them. A batch writes 7 rows for each day and group that it has"
                                + " records of. To write each row once, set close and output.emit: final.",
                        "About 9 panes (one for each day) of a partition are kept at a time, so limits.cells (1,000,000) is"
                                + " enough for about 111,111 groups in a partition.");
        assertThat(sentences(
                        "window.span=12",
                        "window.every=5m",
                        "window.zone=",
                        "output.key=",
                        "close.after=1h",
                        "output.emit=final"))
                .contains(
                        "The run of 2006-12-23 17:55:00 UTC closes the window 2006-12-23T15:55:00Z/2006-12-23T16:55:00Z and"
                                + " all windows before it.",
                        "Windows overlap: a record is in 12 of them. A row is written for each 5m and group.");
        assertThat(sentences("window.span=12", "output.key="))
                .anyMatch(
                        each -> each.startsWith("Windows overlap: a record is in 12 of them. A batch writes 12 rows"));
    }

    /** As docs/how-to/settle-a-day.md says: with a run at 02:30, a day's rows come with the run of the day after next. */
    @Test
    void theReadySettlementClosesADayHalfAnHourBeforeItsRun() {
        assertThat(ClosingView.sentences(JobFile.read(Path.of("../jobs/vendor-settlement.yaml"), List.of())
                        .job()))
                .contains("The run of 2006-12-25 02:00:00 +05:30 closes the day 2006-12-23 and all days before it.")
                .noneMatch(each -> each.startsWith("Warning"));
    }

    /** The engine decides: at the time of the example the window is closed, and a millisecond before it is not. */
    @ParameterizedTest
    @CsvSource({
        "hour, Europe/Berlin, 90m",
        "day, America/Sao_Paulo, 26h",
        "week, Asia/Kathmandu, 3d",
        "month, UTC, 0s",
        "15m, '', 7h"
    })
    void theExampleIsTheFirstTimeThatClosesItsWindow(String every, String zone, String after) throws IOException {
        String[] settings = {"window.every=" + every, "window.zone=" + zone, "close.after=" + after, "output.key="};
        JobSpec job = job(settings);
        CloseSpec close = Objects.requireNonNull(job.close());
        String example = ClosingView.sentences(job).get(1);
        Matcher matcher = EXAMPLE.matcher(example);
        assertThat(matcher.matches()).as(example).isTrue();
        WindowAssigner windows = WindowAssigner.of(job.window());
        long window = windows.start(ExampleRecord.TIME.toEpochMilli());
        long time = time(matcher.group(1)).toEpochMilli();

        assertThat(matcher.group(2)).isEqualTo(windows.text(window));
        assertThat(windows.start(time - close.after().toMillis())).isGreaterThan(window);
        assertThat(windows.start(time - 1 - close.after().toMillis())).isEqualTo(window);
    }

    @Test
    void aJobWithoutCloseSaysHowFastItsStateGrows() throws IOException {
        String[] groups = {"groupBy=[meter]", "output.key="};

        assertThat(sentences("window.every=hour", groups[0], groups[1]))
                .containsExactly("Windows stay open, because the job has no close, so its state grows with its age. A"
                        + " partition with 1,000 groups gets 24,000 cells a day (24 windows of 1,000 groups) and reaches"
                        + " limits.cells (1,000,000) after 41 days. If records arrive at most some days late, add for"
                        + " example close: { after: 7d }.");
        assertThat(sentences("window.every=week", groups[0], groups[1]).get(0))
                .contains("52,143 cells a year (52 windows of 1,000 groups)", "after 19 years");
        assertThat(sentences("window=none", "output.key=")).isEmpty();
    }

    @Test
    void manyOpenWindowsAreWarnedOf() throws IOException {
        assertThat(sentences("window.every=1m", "window.zone=", "output.key=", "close.after=14d"))
                .last()
                .isEqualTo(
                        "Warning: the progress record of a partition needs 9 to 15 bytes for each open window, 181 to"
                                + " 302 KB in all, and each batch writes it again. Choose longer windows or a shorter"
                                + " close.after.");
        assertThat(sentences("window.every=1m", "window.zone=", "output.key=", "close.after=13d"))
                .noneMatch(each -> each.startsWith("Warning"));
    }

    @Test
    void aFinalRowThatWouldBeLostIsWarnedOf() throws IOException {
        assertThat(sentences("close.after=1d", "output.emit=final", "output.dataLoss=continue"))
                .last()
                .asString()
                .startsWith(
                        "Warning: output.dataLoss is continue, but a final row that the brokers lose is not written");
    }

    @Test
    void validatePrintsTheSentencesAndThePermissionOfLateRecords() throws IOException {
        String job = Cli.job(folder, "settled").toString();

        Cli text = Cli.run("validate", job, "--set=close.after=1d", "--set=badRecords=skip");
        JsonNode json = new ObjectMapper()
                .readTree(Cli.run("validate", job, "--set=close.after=1d", "--json")
                        .out());

        assertThat(text.out())
                .contains("When windows close, and when rows are written:\n  A run closes each window that ended")
                .containsPattern("topic +airflow-output-topic.dead-letter +Write, Create, Alter +bad and late records");
        assertThat(json.path("closing").path(1).textValue())
                .isEqualTo("The run of 2006-12-25 00:00:00 UTC closes the day 2006-12-23 and all days before it.");
    }

    @Test
    void validatePrintsHowLongWindowsAreThatOverlap() throws IOException {
        String job = Cli.job(folder, "settled").toString();

        assertThat(Cli.run("validate", job, "--set=window.span=7", "--set=output.key=")
                        .out())
                .contains(
                        "  windows       every day in UTC, each of 7 days\n",
                        "  value  {\"window\":\"2006-12-17T00:00:00Z/2006-12-24T00:00:00Z\"");
        assertThat(Cli.run(
                                "validate",
                                job,
                                "--set=window.span=12",
                                "--set=window.every=5m",
                                "--set=window.zone=",
                                "--set=output.key=")
                        .out())
                .contains("  windows       every 5m, each of 12 times 5m\n");
    }

    private List<String> sentences(String... settings) throws IOException {
        return ClosingView.sentences(job(settings));
    }

    private JobSpec job(String... settings) throws IOException {
        return JobFile.read(Cli.job(folder, "settled"), new ArrayList<>(List.of(settings)))
                .job();
    }

    private static Instant time(String text) {
        return text.endsWith(" UTC")
                ? Instant.parse(text.replace(" UTC", "Z").replace(' ', 'T'))
                : OffsetDateTime.parse(text, OFFSET).toInstant();
    }
}
