package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class BenchCommandTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--next-batch",
                "--idle",
                "--start",
                "--job=job.yaml",
                "--growth=records",
                "--table=14a",
                "--table"
            })
    void aProgramThatReadsTheWholeTopicIsNotComparedWithOtherRuns(String mode) {
        assertRefused("goes with a run over the whole topic", "--beside=true", mode);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"--next-batch", "--start", "--cold", "--growth=records", "--table=14a", "--beside-warm=true"})
    void aJobOfItsOwnIsNotIgnored(String mode) {
        assertRefused("--job goes with", "--job=job.yaml", mode);
    }

    private static void assertRefused(String problem, String... options) {
        BenchCommand command = new BenchCommand();
        new CommandLine(command).parseArgs(options);

        assertThatThrownBy(command::call)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(problem);
    }
}
