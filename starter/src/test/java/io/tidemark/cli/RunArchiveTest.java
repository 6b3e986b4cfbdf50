package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunArchiveTest {
    @TempDir
    Path folder;

    private Path file;
    private JsonNode runs;

    @BeforeEach
    void makeRuns() {
        file = folder.resolve("runs.jsonl");
        runs = ReportSamples.job("voltage-daily", 8, 3, 24).path("runs");
    }

    @Test
    void itKeepsWhatIsAddedAndWhatWasThere() {
        RunArchive first = RunArchive.read(file);
        first.add(runs.path(1));
        first.write();
        RunArchive second = RunArchive.read(file);
        second.add(runs.path(0));
        second.write();

        assertThat(file).content().hasLineCount(2).endsWith("}\n");
        assertThat(RunArchive.read(file).of("voltage-daily")).hasSize(2);
        assertThat(RunArchive.read(file).of("another")).isEmpty();
        assertThat(folder).as("no temporary file").isDirectoryNotContaining("glob:**.tmp");
    }

    @Test
    void aRunInProgressIsNotKept() {
        RunArchive archive = RunArchive.read(file);
        archive.add(((ObjectNode) runs.path(0)).putNull("ended"));
        archive.write();

        assertThat(file).doesNotExist();
    }

    /** Only the last run is read with its steps; later it is read without. */
    @Test
    void stepsAreNotReplacedByNone() {
        RunArchive archive = RunArchive.read(file);
        archive.add(runs.path(0));
        ObjectNode without = runs.path(0).deepCopy();
        without.putArray("steps");
        archive.add(without);

        assertThat(archive.of("voltage-daily").get(0).path("steps")).isNotEmpty();
    }

    @Test
    void aLineThatIsNoRunIsNamed() throws Exception {
        Files.writeString(file, runs.path(0) + "\n{\"version\":2}\n");

        assertThatThrownBy(() -> RunArchive.read(file))
                .isInstanceOf(CliException.class)
                .hasMessage(file + ":2: must be a run in version 1 of the document, but version is 2");
        Files.writeString(file, "{\n");
        assertThatThrownBy(() -> RunArchive.read(file)).hasMessageStartingWith(file + ":1: is not JSON");
        Files.writeString(file, "{\"version\":1}\n");
        assertThatThrownBy(() -> RunArchive.read(file)).hasMessage(file + ":1: job must be a text");
    }
}
