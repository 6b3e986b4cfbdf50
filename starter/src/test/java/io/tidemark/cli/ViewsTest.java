package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.cli.OutputReader.Row;
import io.tidemark.job.JobSpec;
import io.tidemark.run.ConsumeProgress;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionProblem;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionResult;
import io.tidemark.run.RunSummary;
import io.tidemark.run.RunSummary.State;
import io.tidemark.run.StateSize;
import io.tidemark.state.RecordCounts;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ViewsTest {
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");

    private final StringWriter text = new StringWriter();
    private final Printer printer = new Printer(new PrintWriter(text));

    @TempDir
    Path folder;

    @Test
    void progressIsABarForTheWholeAndALineForEachPartition() {
        ProgressView view = new ProgressView();
        RunSummary summary = summary(State.RUNNING, 1000, 250, List.of(result(0, 0, 250)));
        view.frame(summary, List.of(reading(0, new PartitionRange(1, 100, 500))), Duration.ofSeconds(1), 120);

        List<String> frame = view.frame(
                summary, List.of(reading(250, new PartitionRange(1, 300, 500))), Duration.ofMillis(1500), 120);

        assertThat(frame)
                .containsExactly(
                        "  total  ██████▒▒▒▒▒▒░░░░░░░░░░░░  50 %  250 of 1,000 offsets durable, 3 of 4 partitions done,"
                                + " 1,234 records/s, 1.5 s",
                        "      0  250 records durable, 2 rows", "      1  reading, 200 offsets left");
    }

    @Test
    void aPartitionWithAFinishedPieceIsNotShownAsDone() {
        List<String> frame = new ProgressView()
                .frame(
                        summary(State.RUNNING, 1_000, 250, List.of(result(0, 0, 250))),
                        List.of(
                                reading(10, new PartitionRange(0, 260, 500)),
                                reading(0, new PartitionRange(0, 500, 750))),
                        Duration.ofSeconds(1),
                        120);

        assertThat(frame).last().isEqualTo("      0  250 records durable, 2 rows; reading, 490 offsets left");
    }

    @ParameterizedTest
    @CsvSource({
        "40,  '  █▒▒░░░  50 %, 1 min 10 s'",
        "60,  '  █▒▒░░░  50 %, 1 min 10 s'",
        "80,  '  ███▒▒▒░░░░░░  50 %  250 of 1,000 durable, 3/4 partitions, 1 min 10 s'",
        "200, '  total  ██████▒▒▒▒▒▒░░░░░░░░░░░░  50 %  250 of 1,000 offsets durable, 3 of 4 partitions done,"
                + " 1,234 records/s, 1 min 10 s'"
    })
    void noLineIsAsWideAsTheTerminal(int columns, String total) {
        List<String> frame = new ProgressView()
                .frame(
                        summary(State.RUNNING, 1_000, 250, List.of(result(0, 0, 250))),
                        List.of(reading(250, new PartitionRange(0, 500, 750))),
                        Duration.ofSeconds(70),
                        columns);

        assertThat(frame).first().isEqualTo(total);
        assertThat(frame).allMatch(each -> each.length() < columns);
    }

    @Test
    void whatHasBeenReadDoesNotShrinkWhenAnActivityEnds() {
        ProgressView view = new ProgressView();
        RunSummary summary = summary(State.RUNNING, 1000, 0, List.of());
        view.line(summary, List.of(reading(600, new PartitionRange(1, 600, 1000))));

        assertThat(view.line(summary, List.of()))
                .isEqualTo(" 60 % read, 0 of 1,000 offsets durable, 3 of 4 partitions done");
    }

    @Test
    void aFrameOfManyPartitionsStaysLow() {
        List<PartitionResult> results =
                IntStream.range(0, 100).mapToObj(each -> result(each, 0, 1)).toList();

        List<String> frame = new ProgressView()
                .frame(summary(State.RUNNING, 100, 100, results), List.of(), Duration.ofSeconds(70), 120);

        assertThat(frame).hasSize(14).last().isEqualTo("      …  and 88 more");
        assertThat(frame.get(0)).endsWith(", 1 min 10 s");
    }

    @Test
    void aRunThatIsBeingPlannedIsStarting() {
        assertThat(new ProgressView().line(null, List.of())).isEqualTo("starting");
        assertThat(new ProgressView().frame(null, List.of(), Duration.ZERO, 120))
                .containsExactly("starting ░░░░░░░░░░░░  0.0 s");
    }

    @Test
    void aSummaryHasTotalsPartitionsAndProblems() throws IOException {
        RunSummary failed = new RunSummary(
                "voltage-daily",
                "airflow-input-topic",
                "airflow-output-topic",
                "run",
                State.FAILED,
                5,
                1,
                2,
                1,
                1,
                3_000,
                2_500,
                40,
                "budget.records 3000",
                12,
                new RecordCounts(2_400, 0, 3, 1, 0, 0, 0, 0, 99, Map.of()),
                17,
                0,
                0,
                START.toEpochMilli(),
                START.plusSeconds(12).toEpochMilli(),
                List.of(result(2, 1_000, 2_500), result(0, 0, 1_000)),
                List.of(new PartitionProblem(3, FailureKind.RETENTION_GAP, "offsets 5 to 7 are gone")),
                List.of("airflow-output-topic is not compacted"),
                "1 of 4 partitions failed",
                null,
                null);

        SummaryView.print(printer, failed, START, false);

        assertThat(text).hasToString(Cli.golden("summary.txt"));
    }

    @Test
    void theAccountOfARunHasEveryOffset() {
        RecordCounts first = new RecordCounts(1_480, 0, 2, 0, 0, 14, 4, 0, 99, Map.of());
        RecordCounts second = new RecordCounts(990, 0, 0, 1, 0, 9, 0, 0, 99, Map.of());
        RunSummary run = summary(
                State.DONE,
                2_500,
                2_500,
                List.of(new PartitionResult(2, 1_000, 2_500, first, 7), new PartitionResult(0, 0, 1_000, second, 3)));

        SummaryView.printAccount(printer, run, START.plusMillis(400), false);

        assertThat(text.toString()).isEqualTo("""
                        voltage-daily: done in 0.4 s: 2,470 records of airflow-input-topic into 0 rows of airflow-output-topic
                          2,500 offsets = 2,470 folded + 2 dead-lettered + 1 skipped + 23 invisible + 4 lost

                        partition   from   next  folded  dead letters  skipped  invisible  lost
                                0      0  1,000     990             0        1          9     0
                                2  1,000  2,500   1,480             2        0         14     4
                        """);
    }

    @Test
    void anAccountHasLateRecordsAndClosedWindows() {
        RecordCounts first = new RecordCounts(480, 0, 0, 0, 6, 14, 0, 0, 99, Map.of());
        RunSummary run = closed(List.of(
                new PartitionResult(2, 1_000, 1_500, first, 9, 7, 2),
                new PartitionResult(0, 5, 5, RecordCounts.NONE, 3, 3, 1)));

        SummaryView.printAccount(printer, run, START.plusMillis(400), false);

        assertThat(text.toString()).isEqualTo("""
                        voltage-daily: done in 0.4 s: 480 records of airflow-input-topic into 12 rows of airflow-output-topic
                          500 offsets = 480 folded + 0 dead-lettered + 0 skipped + 6 late + 14 invisible + 0 lost
                          3 windows closed, 10 final rows of 12

                        partition   from   next  folded  dead letters  skipped  late  invisible  lost  closed  final rows
                                0      5      5       0             0        0     0          0     0       1           3
                                2  1,000  1,500     480             0        0     6         14     0       2           7
                        """);
        assertThat(SummaryView.json(run).path("closedWindows").asLong()).isEqualTo(3);
        assertThat(SummaryView.json(run)
                        .path("details")
                        .path(0)
                        .path("finalRows")
                        .asLong())
                .isEqualTo(7);
    }

    @Test
    void aSummaryCountsClosedWindowsAndLateRecords() {
        SummaryView.print(
                printer,
                closed(List.of(new PartitionResult(0, 5, 5, RecordCounts.NONE, 3, 3, 1))),
                START.plusMillis(400),
                false);

        assertThat(text.toString())
                .startsWith("voltage-daily: done in 0.4 s: nothing new in airflow-input-topic, 1 window closed\n")
                .contains("\n  closed       1 window, 3 final rows; 0 late records\n");
    }

    private static RunSummary closed(List<PartitionResult> results) {
        PartitionResult all = results.stream().reduce(PartitionResult::plus).orElseThrow();
        long offsets =
                results.stream().mapToLong(each -> each.through() - each.from()).sum();
        return new RunSummary(
                "voltage-daily",
                "airflow-input-topic",
                "airflow-output-topic",
                "run",
                State.DONE,
                4,
                2,
                2,
                0,
                0,
                offsets,
                offsets,
                0,
                null,
                0,
                all.counts(),
                all.rows(),
                all.finalRows(),
                all.closedWindows(),
                START.toEpochMilli(),
                0,
                results,
                List.of(),
                List.of(),
                null,
                null,
                null);
    }

    @Test
    void filteredRecordsHaveTheirColumn() {
        RecordCounts counts = new RecordCounts(900, 90, 4, 0, 0, 6, 0, 0, 99, Map.of());
        RunSummary run = summary(State.DONE, 1_000, 1_000, List.of(new PartitionResult(0, 0, 1_000, counts, 7)));

        SummaryView.printAccount(printer, run, START.plusMillis(400), false);
        assertThat(text.toString()).endsWith("""
                          1,000 offsets = 900 folded + 90 filtered + 4 dead-lettered + 0 skipped + 6 invisible + 0 lost

                        partition  from   next  folded  filtered  dead letters  skipped  invisible  lost
                                0     0  1,000     900        90             4        0          6     0
                        """);
        SummaryView.print(printer, run, START.plusMillis(400), false);
        assertThat(text.toString())
                .contains("\n  filtered     90 records by where\n")
                .contains("partition  from   next  records  filtered  bad  rows");
    }

    @Test
    void anAccountThatDoesNotAddUpIsLoud() {
        SummaryView.printAccount(printer, summary(State.DONE, 10, 10, List.of()), START, false);

        assertThat(text.toString()).contains("; ERROR: the sum is 0\n");
    }

    @Test
    void aRunWithNothingNewSaysSo() {
        SummaryView.print(printer, summary(State.DONE, 0, 0, List.of()), START.plusMillis(400), false);

        assertThat(text.toString()).isEqualTo("""
                        voltage-daily: done in 0.4 s: nothing new in airflow-input-topic
                          partitions   4: 1 done, 2 with nothing new, 0 failed
                          offsets      0 of 0
                        """);
    }

    @Test
    void aRunWithoutAPlanHasNoNumbers() {
        RunSummary refused = new RunSummary(
                "voltage-daily",
                "airflow-input-topic",
                "airflow-output-topic",
                "run",
                State.FAILED,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                null,
                0,
                RecordCounts.NONE,
                0,
                0,
                0,
                START.toEpochMilli(),
                START.plusMillis(400).toEpochMilli(),
                List.of(),
                List.of(),
                List.of(),
                "the output has fewer partitions",
                null,
                null);

        SummaryView.print(printer, refused, START, false);

        assertThat(text).hasToString("voltage-daily: failed after 0.4 s: no plan of airflow-input-topic\n");
    }

    @Test
    void programsGetTimesInIsoAndNumbers() {
        RunSummary running = summary(State.RUNNING, 1_000, 250, List.of(result(0, 3, 250)));

        printer.json(SummaryView.json(running));

        assertThat(text.toString())
                .contains("\"startedAt\":\"2026-11-23T10:00:00Z\"", "\"endedAt\":null", "\"offsetsDone\":250")
                .contains("{\"partition\":0,\"from\":3,\"next\":250,\"rows\":2,\"counts\":{\"folded\":247,")
                .doesNotContain("through");
    }

    @Test
    void rowsAreATableWithABarForTheFirstValue() throws IOException {
        JobSpec job = JobFile.read(Cli.job(folder, "voltage-daily"), List.of()).job();

        printRows(
                job,
                List.of(
                        new Row(0, 5, "2006-12-22", "{\"date\":\"2006-12-22\",\"voltage\":238.5}"),
                        new Row(3, 6, "2006-12-22", "{\"date\":\"2006-12-22\",\"voltage\":241.1234567}"),
                        new Row(0, 7, "2006-12-23", "{\"date\":\"2006-12-23\",\"voltage\":239.94}"),
                        new Row(1, 8, "other", "not JSON\u001b[2J")));

        assertThat(text).hasToString(Cli.golden("rows.txt"));
    }

    @Test
    void barsOfUnlikeValuesStartAtZero() throws IOException {
        JobSpec job = JobFile.read(Cli.job(folder, "voltage-daily"), List.of()).job();

        printRows(job, List.of(new Row(0, 0, "a", "{\"voltage\":1.0}"), new Row(0, 1, "b", "{\"voltage\":20.0}")));

        assertThat(text.toString()).isEqualTo("""
                        key  partition  voltage  voltage from 0.000 to 20.000
                        a            0    1.000  ██
                        b            0   20.000  ████████████████████
                        """);
    }

    /** A double has not room for the digits of each group number, and Java's form of it is not that of the row. */
    @Test
    void theNumbersOfARowStayAsTheyAre() {
        String value = "{\"meter\":12345678901234567890.5,\"n\":3,\"sum\":12345678.0,\"mean\":0.0001}";

        assertThat(RowsView.keyAndValue(new Row(0, 0, "k", value)))
                .hasToString("{\"key\":\"k\",\"value\":" + value + "}");
    }

    @Test
    void countsAreWholeNumbersAndBarsCompareWithTheRowsThatAreNotShown() throws IOException {
        String counting = Cli.VOLTAGE.replace("voltage: { mean: voltage }", "readings: count");
        JobSpec job = JobFile.read(Files.writeString(folder.resolve("counting.yaml"), counting), List.of())
                .job();
        List<Row> known = List.of(new Row(0, 0, "a", "{\"readings\":5}"), new Row(0, 1, "b", "{\"readings\":20}"));

        RowsView.print(printer, job, known.subList(0, 1), known);

        assertThat(text.toString()).isEqualTo("""
                        key  partition  readings  readings from 0 to 20
                        a            0         5  ██████
                        """);
    }

    @Test
    void aTableShowsTheNumbersByTheNamesThatTheRowHas() throws IOException {
        String shaped = Cli.VOLTAGE.replace(
                "output: {",
                "output: { numbers: text, row: { day: '{window}', records: '{count}', mean: '{voltage}' },");
        JobSpec job = JobFile.read(Files.writeString(folder.resolve("shaped.yaml"), shaped), List.of())
                .job();
        List<Row> rows = List.of(
                new Row(0, 0, "a", "{\"day\":\"a\",\"records\":\"5\",\"mean\":\"239.94\"}"),
                new Row(0, 1, "b", "{\"day\":\"b\",\"records\":\"20\",\"mean\":\"1.0\"}"));

        RowsView.print(printer, job, rows, rows);

        assertThat(text.toString()).isEqualTo("""
                        key  partition  records     mean  records from 0 to 20
                        a            0        5  239.940  ██████
                        b            0       20    1.000  ████████████████████
                        """);
    }

    private void printRows(JobSpec job, List<Row> rows) {
        RowsView.print(printer, job, rows, rows);
    }

    @Test
    void controlCharactersDoNotReachTheTerminal() {
        printer.line("a\u001b[31mb\nc");

        assertThat(text.toString()).isEqualTo("a\uFFFD[31mb\uFFFDc\n");
    }

    static RunSummary done() {
        return summary(State.DONE, 1_000, 1_000, List.of(result(0, 0, 1_000)));
    }

    static RunSummary done(PartitionResult partition) {
        return summary(State.DONE, 10, 10, List.of(partition));
    }

    private static ConsumeProgress reading(long done, PartitionRange left) {
        return new ConsumeProgress("airflow-input-topic", List.of(left), done, 500, done, 1234);
    }

    private static PartitionResult result(int partition, long from, long through) {
        return new PartitionResult(partition, from, through, RecordCounts.folded(through - from, 1), 2);
    }

    private static RunSummary summary(State state, long planned, long done, List<PartitionResult> details) {
        return summary(state, planned, done, details, null);
    }

    static RunSummary summary(
            State state, long planned, long done, List<PartitionResult> details, @Nullable StateSize size) {
        return new RunSummary(
                "voltage-daily",
                "airflow-input-topic",
                "airflow-output-topic",
                "run",
                state,
                4,
                2,
                1,
                0,
                0,
                planned,
                done,
                0,
                null,
                0,
                details.stream().map(PartitionResult::counts).reduce(RecordCounts.NONE, RecordCounts::plus),
                0,
                0,
                0,
                START.toEpochMilli(),
                0,
                details,
                List.of(),
                List.of(),
                null,
                null,
                size);
    }
}
