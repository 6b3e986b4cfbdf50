package io.tidemark.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temporal.common.WorkflowExecutionHistory;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.testing.WorkflowReplayer;
import io.temporal.worker.Worker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Checks that runs which started before an update continue after it. {@link HistoryRecorder} records new histories.
 */
@SuppressWarnings("NullAway.Init")
class ReplayTest {
    private static final Path HISTORIES = Path.of("src/test/resources/histories");

    private TestWorkflowEnvironment temporal;
    private Worker worker;

    @BeforeEach
    void start() {
        temporal = TestWorkflowEnvironment.newInstance();
        worker = temporal.newWorker("replay");
        TidemarkWorkflows.register(worker);
    }

    @AfterEach
    void stop() {
        temporal.close();
    }

    static List<Path> histories() throws IOException {
        try (Stream<Path> files = Files.list(HISTORIES)) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("histories")
    void aRecordedRunReplays(Path history) throws IOException {
        String json = Files.readString(history);

        assertThatCode(() -> WorkflowReplayer.replayWorkflowExecution(WorkflowExecutionHistory.fromJson(json), worker))
                .doesNotThrowAnyException();
    }

    @Test
    void everyWorkflowHasAHistory() throws IOException {
        assertThat(histories())
                .extracting(path -> path.getFileName().toString().replaceAll(".*\\.(.*)\\.json", "$1"))
                .contains("start", "body", "group");
    }

    @Test
    void aRunInAnotherOrderDoesNotReplay() throws IOException {
        String json = Files.readString(HISTORIES.resolve("nothing-new.body.json"))
                .replace("\"listPartitions\"", "\"consume\"");

        assertThatThrownBy(
                        () -> WorkflowReplayer.replayWorkflowExecution(WorkflowExecutionHistory.fromJson(json), worker))
                .hasMessageContaining("listPartitions");
    }
}
