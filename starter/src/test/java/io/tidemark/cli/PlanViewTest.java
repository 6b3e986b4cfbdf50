package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.job.JobSpec;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionPreview;
import io.tidemark.run.PartitionProblem;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.RunPlan;
import io.tidemark.run.RunPreview;
import io.tidemark.run.TotalsPreview;
import io.tidemark.state.PlanIdentity;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanViewTest {
    private static final Instant NOMINAL = Instant.parse("2026-11-28T02:30:00Z");
    private static final long FIRST = Instant.parse("2026-11-27T00:00:10Z").toEpochMilli();
    private static final long LAST = Instant.parse("2026-11-28T02:29:59Z").toEpochMilli();

    private final StringWriter text = new StringWriter();

    @TempDir
    Path folder;

    private JobSpec job;

    @BeforeEach
    void readJob() throws IOException {
        job = JobFile.read(Cli.job(folder, "voltage-daily"), List.of()).job();
    }

    private static PartitionPreview partition(int partition, long from, long to) {
        return partition(partition, from, to, 0, 0, null);
    }

    private static PartitionPreview partition(
            int partition, long from, long to, long lost, long heldBack, @Nullable PartitionProblem problem) {
        boolean reads = to > from;
        return new PartitionPreview(
                partition, false, from, to, lost, heldBack, reads ? FIRST : -1, reads ? LAST : -1, false, problem);
    }

    private static RunPreview preview(
            boolean first,
            long left,
            @Nullable String leftBy,
            List<String> warnings,
            List<PartitionPreview> partitions) {
        return new RunPreview(
                new RunPlan(
                        new PlanIdentity("f", 1, "i", "o", "s", "c", 0),
                        partitions.size(),
                        partitions.stream()
                                .filter(each -> each.length() > 0)
                                .map(each -> new PartitionRange(each.partition(), each.from(), each.to()))
                                .toList(),
                        partitions.stream()
                                .map(PartitionPreview::problem)
                                .filter(each -> each != null)
                                .toList(),
                        left,
                        0,
                        leftBy,
                        warnings,
                        partitions.stream()
                                .mapToLong(PartitionPreview::heldBack)
                                .sum(),
                        0,
                        null),
                first,
                first ? List.of("airflow-output-topic", "tidemark.voltage-daily.state") : List.of(),
                List.of(),
                partitions,
                null);
    }

    private static RunPreview waiting(TotalsPreview... totals) {
        RunPreview records = preview(false, 0, null, List.of(), List.of(partition(0, 5, 15)));
        return new RunPreview(records.plan(), false, List.of(), List.of(), records.partitions(), List.of(totals));
    }

    @Test
    void theSecondStageShowsWhatEarlierRunsHaveLeft() throws IOException {
        RunPreview preview = waiting(
                new TotalsPreview(0, 7, 7, 0), new TotalsPreview(1, 7, 1_507, 3), new TotalsPreview(2, 0, 12, 0));

        assertThat(print(preview, false))
                .contains(
                        "\n  totals       1,512 offsets left over from earlier runs, in output partitions 1, 2; 3 held"
                                + " back\n");
        JsonNode totals = new ObjectMapper()
                .readTree(new PlanView(job, preview, NOMINAL, false).json().toString())
                .path("totals");
        assertThat(totals.path(1))
                .hasToString("{\"partition\":1,\"from\":7,\"next\":1507,\"offsets\":1500,\"heldBack\":3}");
        assertThat(totals).hasSize(3);
    }

    @Test
    void aSecondStageWithNothingOfEarlierRunsSaysSoAndOtherJobsHaveNone() {
        assertThat(print(waiting(new TotalsPreview(0, 7, 7, 0)), false))
                .contains("\n  totals       nothing is left over from earlier runs\n");
        RunPreview one = preview(false, 0, null, List.of(), List.of(partition(0, 5, 15)));
        assertThat(new PlanView(job, one, NOMINAL, false).json().has("totals")).isFalse();
    }

    @Test
    void manyOutputPartitionsAreCounted() {
        TotalsPreview[] totals = IntStream.range(0, 40)
                .mapToObj(each -> new TotalsPreview(each, 0, each % 2, 0))
                .toArray(TotalsPreview[]::new);

        assertThat(print(waiting(totals), false))
                .contains("\n  totals       20 offsets left over from earlier runs, in 20 of 40 output partitions\n");
    }

    private String print(RunPreview preview, boolean all) {
        new PlanView(job, preview, NOMINAL, all).print(new Printer(new PrintWriter(text)));
        return text.toString();
    }

    @Test
    void aLaterRunWithEverythingThatCanBeSaid() throws IOException {
        PartitionProblem gap = new PartitionProblem(3, FailureKind.RETENTION_GAP, "offsets 5 to 7 are gone");
        RunPreview preview = preview(
                false,
                40,
                "budget.records 3000",
                List.of("airflow-output-topic is not compacted"),
                List.of(
                        partition(0, 1_234_567, 1_236_067, 20, 0, null),
                        partition(1, 5_921, 5_921),
                        partition(2, 0, 1_500, 0, 12, null),
                        partition(3, 5, 5, 3, 0, gap),
                        partition(4, 7, 7, 0, 5, null)));

        assertThat(print(preview, false)).isEqualTo(Cli.golden("plan.txt"));
        assertThat(text.toString().lines())
                .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(80));
    }

    @Test
    void theFirstRunNamesTheTopicsThatItCreates() throws IOException {
        RunPreview preview = preview(true, 0, null, List.of(), List.of(partition(0, 0, 838), partition(1, 0, 0)));

        assertThat(print(preview, false)).isEqualTo(Cli.golden("plan-first.txt"));
    }

    @Test
    void nothingNewIsSaidInTheFirstLine() {
        assertThat(print(preview(false, 0, null, List.of(), List.of(partition(0, 5, 5))), false))
                .startsWith("voltage-daily: a run would read nothing of airflow-input-topic\n")
                .doesNotContain("first (UTC)", "time  ");
    }

    @Test
    void aRunThatOnlyClosesWindowsSaysSo() {
        PartitionPreview closing = new PartitionPreview(0, false, 5, 5, 0, 0, -1, -1, true, null);

        assertThat(print(preview(false, 0, null, List.of(), List.of(closing)), false))
                .startsWith("voltage-daily: a run would read nothing of airflow-input-topic and close windows\n")
                .contains("  closes       windows in 1 partition\n");
    }

    @Test
    void of5000PartitionsTheLongestAreShownAndAllOnRequest() {
        RunPreview preview = preview(false, 0, null, List.of(), many());

        String some = print(preview, false);

        assertThat(some)
                .contains("5,000: 4,900 with new offsets, 0 with nothing new, 100 refused\n")
                .contains("\n     4999     0  5,000    5,000  2026-11-27 00:00")
                .doesNotContain("     4967 ")
                .contains("… and 4,968 more; --all shows each\n")
                .contains("partition 9: RETENTION_GAP: gone\n… and 90 more refused; --all shows each\n");
        assertThat(some.lines().count()).isLessThan(60);
        text.getBuffer().setLength(0);
        assertThat(print(preview, true))
                .contains("     4967 ", "      100 ", "partition 99: RETENTION_GAP: gone\n")
                .doesNotContain("--all");
        assertThat(text.toString().lines().count()).isGreaterThan(5_100);
    }

    private static List<PartitionPreview> many() {
        return IntStream.range(0, 5_000)
                .mapToObj(each -> each < 100
                        ? partition(each, 0, 0, 0, 0, new PartitionProblem(each, FailureKind.RETENTION_GAP, "gone"))
                        : partition(each, 0, each + 1))
                .toList();
    }

    @Test
    void programsGetTheSameUnderStableNames() throws IOException {
        RunPreview preview = preview(
                true,
                40,
                "budget.records 3000",
                List.of("w"),
                List.of(partition(0, 10, 15, 2, 3, null), partition(1, 4, 4)));

        JsonNode json = new ObjectMapper()
                .readTree(new PlanView(job, preview, NOMINAL, false).json().toString());

        assertThat(json.toString())
                .isEqualTo(
                        "{\"job\":\"voltage-daily\",\"input\":\"airflow-input-topic\",\"output\":\"airflow-output-topic\","
                                + "\"nominal\":\"2026-11-28T02:30:00Z\",\"first\":true,\"partitions\":2,\"reading\":1,\"idle\":1,"
                                + "\"refused\":0,\"added\":0,\"closing\":0,\"offsets\":5,\"left\":40,\"waiting\":0,"
                                + "\"leftBy\":\"budget.records 3000\",\"heldBack\":3,\"lost\":2,"
                                + "\"firstTime\":\"2026-11-27T00:00:10Z\",\"lastTime\":\"2026-11-28T02:29:59Z\",\"timed\":1,"
                                + "\"creates\":[\"airflow-output-topic\",\"tidemark.voltage-daily.state\"],\"grows\":[],"
                                + "\"details\":[{\"partition\":0,\"first\":false,\"from\":10,\"next\":15,\"offsets\":5,\"lost\":2,"
                                + "\"heldBack\":3,\"closes\":false,\"firstTime\":\"2026-11-27T00:00:10Z\","
                                + "\"lastTime\":\"2026-11-28T02:29:59Z\"}],\"problems\":[],\"warnings\":[\"w\"]}");
    }
}
