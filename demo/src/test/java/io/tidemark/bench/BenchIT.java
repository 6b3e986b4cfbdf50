package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

/** Runs the bench with few records. It checks its own rows, so it is enough that it completes. */
class BenchIT {

    private final StringWriter printed = new StringWriter();
    private final Bench bench = new Bench(1, 1, 2, "256m", new PrintWriter(printed));

    @Test
    void runsAreCheckedAndCompared() {
        Result result = bench.nextBatches(Workload.daily(6_000, 4).grouped(50).sliced(2));

        assertThat(printed.toString()).contains("rows were equal to the generator's sums: 50 rows");
        assertThat(result.ratio()).isPositive();
        assertThat(result.tidemark().wall().seconds()).hasSize(1);
        assertThat(result.tidemark().cpu().median()).isPositive();
        assertThat(result.tidemark().peak().resident()).isPositive();
    }

    @Test
    void theRowsOfKafkaStreamsAreChecked() {
        Result result = bench.cold(Workload.daily(20_000, 2));

        assertThat(printed.toString()).contains("rows were equal to the generator's sums: 60 rows");
        assertThat(result.ratio()).isPositive();
    }
}
