package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.bench.Bench.Input;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

/** The bench itself, small: what it says is proved on the way, so it is enough that it comes to an end. */
class BenchIT {

    private final StringWriter printed = new StringWriter();
    private final Bench bench = new Bench(1, 0, 2, "256m", new PrintWriter(printed));

    @Test
    void itProvesAndComparesFirstRuns() {
        Result result = bench.runs(Workload.daily(20_000, 3).grouped(50), Input.FIRST_RUN);

        assertThat(printed.toString()).contains("rows were equal to the generator's sums: 50 rows");
        assertThat(result.ratio()).isPositive();
        assertThat(result.tidemark().cpu().median()).isPositive();
        assertThat(result.tidemark().peak().resident()).isPositive();
    }

    @Test
    void itProvesAndComparesLaterRuns() {
        Result result = new Bench(2, 0, 2, "256m", new PrintWriter(printed))
                .runs(Workload.daily(6_000, 6).sliced(2), Input.NEXT_BATCH);

        assertThat(printed.toString()).contains("rows were equal to the generator's sums: 180 rows");
        assertThat(result.tidemark().wall().seconds()).hasSize(2);
    }

    @Test
    void itProvesKafkaStreamsToo() {
        Result result = bench.cold(Workload.daily(20_000, 2));

        assertThat(printed.toString()).contains("rows were equal to the generator's sums: 60 rows");
        assertThat(result.ratio()).isPositive();
    }
}
