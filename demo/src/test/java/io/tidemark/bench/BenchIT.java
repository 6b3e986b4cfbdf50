package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.JobSpec;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs the bench with few records. It checks its own rows, so it is enough that it completes. */
class BenchIT {

    private final StringWriter printed = new StringWriter();
    private final Bench bench = new Bench(1, 1, 2, "256m", false, 1, new PrintWriter(printed));

    @Test
    void runsAreCheckedAndCompared() {
        Result result = bench.nextBatches(Workload.daily(6_000, 4).grouped(50).sliced(2));

        assertThat(printed.toString())
                .contains("rows were equal to the generator's sums: 50 rows")
                .contains("the worker's metrics are scraped every 1 s");
        assertThat(result.ratio()).isPositive();
        assertThat(result.tidemark().wall().seconds()).hasSize(1);
        assertThat(result.tidemark().cpu().median()).isPositive();
        assertThat(result.tidemark().peak().resident()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aJobIsComparedWithMeansOfTheSameRecords(boolean idle) {
        Workload workload = Workload.daily(6_000, 4).grouped(50);
        ObjectNode job =
                workload.job("like", "in").put("where", "voltage > 200").put("scope", "topic");
        job.putObject("aggregate").putObject("sum").put("sum", "voltage").put("decimal", 2);

        Result result = bench.besideMeans(workload, JobSpec.fromJson(job), idle);

        assertThat(printed.toString()).contains("rows were equal to the generator's sums: 50 rows");
        assertThat(result.ratio()).isPositive();
        assertThat(printed.toString().contains("records/s")).isEqualTo(!idle);
    }

    /** Two days: the windows of the first one are closed. It takes more than a minute. */
    @Test
    @Tag("scale")
    void theStateOfAJobThatClosesItsWindowsDoesNotGrowWithItsAge(@TempDir Path folder) throws IOException {
        Path svg = folder.resolve("age.svg");

        List<Result> results = new AgeGrowth(bench).run(List.of(1, 2), svg);

        assertThat(printed.toString()).contains("one final row of each meter and closed window");
        Map<String, Double> first = notes(results.get(0));
        Map<String, Double> second = notes(results.get(1));
        assertThat(second.get("progress record, closing")).isLessThan(4_096);
        assertThat(second.get("state after compaction, closing"))
                .isLessThan(1.2 * first.get("state after compaction, closing"));
        assertThat(second.get("state after compaction, open"))
                .isGreaterThan(1.8 * first.get("state after compaction, open"));
        assertThat(second.get("heap in a transaction, closing")).isPositive();
        assertThat(svg).content().contains("After 2 days the progress record has");
    }

    private static Map<String, Double> notes(Result result) {
        return result.notes().stream().collect(Collectors.toMap(Result.Note::name, Result.Note::value));
    }

    @Test
    void theRowsOfKafkaStreamsAreChecked() {
        Result result = bench.cold(Workload.daily(20_000, 2));

        assertThat(printed.toString()).contains("rows were equal to the generator's sums: 60 rows");
        assertThat(result.ratio()).isPositive();
    }
}
