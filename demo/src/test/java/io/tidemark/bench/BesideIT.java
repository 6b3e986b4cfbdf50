package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Runs programs of somebody else beside Tidemark, over wide records. */
class BesideIT {

    private final StringWriter printed = new StringWriter();
    private final Bench bench = new Bench(1, 1, 2, "256m", false, 0, new PrintWriter(printed));
    private final Workload workload = Workload.daily(6_000, 2).wide(40, 600);

    @Test
    void theRowsOfEachProgramAreChecked() {
        Result result = bench.beside(
                workload, List.of(new Program.Line(means(""), false), new Program.Line(means(""), true)), false);

        assertThat(printed.toString()).contains("rows were equal to the generator's sums: 60 rows");
        assertThat(result.beside()).hasSize(2).allSatisfy(each -> {
            assertThat(each.wall().seconds()).hasSize(1);
            assertThat(each.cpu().median()).isPositive();
            assertThat(each.peak().resident()).isPositive();
        });
        assertThat(result.ratiosBeside()).hasSize(2).allMatch(ratio -> ratio > 0);
    }

    @Test
    void theStartOfTheWorkerIsComparedWithThatOfAProgram() {
        Result result = bench.beside(workload, List.of(new Program.Line(means(""), false)), true);

        assertThat(result.work()).startsWith("cold");
        assertThat(result.tidemark().wall().seconds()).hasSize(1);
        assertThat(result.ratiosBeside()).hasSize(1);
    }

    @Test
    void aWrongRowEndsTheBench() {
        assertThatThrownBy(() -> bench.beside(workload, List.of(new Program.Line(means("wrong"), true)), false))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("wrong rows of 1:", "MeansProgram", "found count 99, expected 100");
    }

    /** Runs the program of the tests, in a line for the shell. */
    private static String means(String argument) {
        return "'" + System.getProperty("java.home") + "/bin/java' -XX:TieredStopAtLevel=1 -cp '"
                + System.getProperty("java.class.path") + "' " + MeansProgram.class.getName() + " " + argument;
    }
}
