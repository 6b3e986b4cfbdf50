package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.temporal.common.WorkflowExecutionHistory;
import io.temporal.common.converter.DefaultDataConverter;
import io.tidemark.run.PartitionResult;
import io.tidemark.state.RecordCounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Steps and partitions from the recorded histories of {@code ReplayTest}. */
class RunStepsTest {
    private static final Instant NOW = Instant.parse("2027-01-01T00:00:00Z");

    @Test
    void aRunHasItsActivitiesInTheOrderOfTheirSchedule() throws IOException {
        JsonNode steps = RunSteps.of(history("real-whole-run")).json(NOW);

        assertThat(steps).hasSizeGreaterThan(4);
        assertThat(steps.path(0).path("step").asText()).isEqualTo("listPartitions");
        assertThat(steps.path(steps.size() - 1).path("step").asText()).isEqualTo("commitOffsets");
        List<Instant> times = new ArrayList<>();
        for (JsonNode each : steps) {
            times.add(Instant.parse(each.path("scheduled").asText()));
            assertThat(each.path("outcome").asText()).isEqualTo("done");
            assertThat(each.path("detail").asText()).isNotEmpty();
            assertThat(Instant.parse(each.path("ended").asText()))
                    .isAfterOrEqualTo(Instant.parse(each.path("started").asText()));
        }
        assertThat(times).isSorted();
    }

    @Test
    void aFailedActivityIsAFailedStep() throws IOException {
        JsonNode steps = RunSteps.of(history("one-bad-partition")).json(NOW);

        assertThat(steps.findValuesAsText("outcome")).contains("failed", "done");
    }

    @Test
    void aGroupIsOneStepAndItsResultHasItsPartitions() throws IOException {
        RunSteps steps = RunSteps.of(history("groups"));

        assertThat(steps.json(NOW).findValuesAsText("step"))
                .containsExactly("listPartitions", "KafkaBatchPartitions", "KafkaBatchPartitions", "commitOffsets");
        JsonNode partitions = steps.partitions(SummaryView.json(ViewsTest.done()));
        assertThat(partitions).as("more than those of the summary").hasSize(101);
        assertThat(partitions.path(100).path(0).asInt()).isEqualTo(100);
    }

    @Test
    void aPartitionHasItsBadRecords() {
        RecordCounts counts = new RecordCounts(7, 0, 2, 1, 0, 0, 0, 0, 99, Map.of());

        JsonNode partitions =
                RunSteps.NONE.partitions(SummaryView.json(ViewsTest.done(new PartitionResult(4, 0, 10, counts, 5))));

        assertThat(partitions).hasToString("[[4,10,3,5,0]]");
    }

    @Test
    void theJobAndTheNominalTimeAreThoseThatTheBodyGot() throws IOException {
        RunHistory history = history("real-whole-run");

        assertThat(history.job()).isEqualTo(history.definition().path("name").asText());
        assertThat(history.definition().path("input").path("topic").asText()).isNotEmpty();
    }

    private static RunHistory history(String scene) throws IOException {
        Path file = Path.of("../workflows/src/test/resources/histories/" + scene + ".body.json");
        return new RunHistory(
                DefaultDataConverter.newDefaultInstance(),
                WorkflowExecutionHistory.fromJson(Files.readString(file)).getEvents());
    }
}
