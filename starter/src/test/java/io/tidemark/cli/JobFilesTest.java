package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The job files that come with the project. */
class JobFilesTest {

    static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("../jobs"))) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    @Test
    void eachUseOfTheTutorialHasAFile() throws IOException {
        assertThat(files())
                .extracting(each -> each.getFileName().toString())
                .contains(
                        "voltage-daily.yaml",
                        "bills-by-vendor.yaml",
                        "channel-visits-hourly.yaml",
                        "vendor-settlement.yaml",
                        "unique-visitors.yaml",
                        "latency-5m.yaml",
                        "errors-by-host.yaml",
                        "sensors-hourly.yaml");
    }

    @ParameterizedTest
    @MethodSource("files")
    void aReadyJobIsValidAndBearsTheNameOfItsFile(Path file) {
        JobFile read = JobFile.read(file, List.of());

        assertThat(file.getFileName()).hasToString(read.job().name() + ".yaml");
    }

    /** The example record has every field that the job reads, also those of conditions of aggregates. */
    @ParameterizedTest
    @MethodSource("files")
    void validateShowsTheRowOfAnExample(Path file) {
        assertThat(Cli.run("validate", file.toString()).out())
                .contains("Its row, if it is the only record of its window and group:");
    }

    @ParameterizedTest
    @MethodSource("files")
    void twoReadyJobsShareNoOutput(Path file) throws IOException {
        String output = JobFile.read(file, List.of()).job().output().topic();

        assertThat(files())
                .filteredOn(other -> !other.equals(file))
                .extracting(
                        other -> JobFile.read(other, List.of()).job().output().topic())
                .doesNotContain(output);
    }
}
