package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.client.WorkflowExecutionMetadata;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is known about one run, as a JSON document. {@code docs/reference/run.schema.json} describes it. */
final class RunDocument {
    /** Raised when a field is removed or changes its meaning; new fields do not raise it. */
    static final int VERSION = 1;

    private RunDocument() {}

    /**
     * Returns the document of a run.
     *
     * @param history of the run's body: its steps are in the document if {@code steps} is true
     */
    static ObjectNode json(
            WorkflowExecutionMetadata found, String job, RunResult result, RunHistory history, boolean steps) {
        WorkflowExecution parent = found.getParentExecution();
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("version", VERSION)
                .put("workflowId", found.getExecution().getWorkflowId())
                .put("runId", found.getExecution().getRunId())
                .put("job", job)
                .put("startedBy", parent == null ? "" : parent.getWorkflowId())
                .put("startedByRunId", parent == null ? "" : parent.getRunId())
                .put("state", StatusCommand.text(found.getStatus()))
                .put(
                        "outcome",
                        RunOutcome.of(found.getStatus(), result.failure()).jsonName())
                .put(
                        "nominal",
                        parent == null || history.nominal() <= 0
                                ? null
                                : Instant.ofEpochMilli(history.nominal()).toString())
                .put("started", found.getStartTime().toString())
                .put("ended", ended(found).map(Instant::toString).orElse(null));
        json.set("summary", result.summary() == null ? NullNode.getInstance() : SummaryView.json(result.summary()));
        if (result.failure() != null) {
            json.set("error", result.failure().json());
        }
        RunSteps all = steps ? RunSteps.of(history) : null;
        json.set(
                "steps",
                all == null
                        ? JsonNodeFactory.instance.arrayNode()
                        : all.json(ended(found).orElseGet(Instant::now)));
        json.put("stepsLeftOut", all == null ? 0 : all.leftOut());
        return json;
    }

    /** The SDK returns 1970-01-01 for a run that has not ended. */
    static Optional<Instant> ended(WorkflowExecutionMetadata run) {
        return Optional.ofNullable(run.getCloseTime()).filter(time -> time.getEpochSecond() > 0);
    }

    /** Returns what a document lacks that {@link ReportCommand} needs, or null if it lacks nothing. */
    static @Nullable String problem(JsonNode document) {
        if (document.path("version").asInt() != VERSION) {
            return "must be a run in version " + VERSION + " of the document, but version is "
                    + document.path("version");
        }
        for (String field : new String[] {"job", "workflowId", "runId", "outcome", "started"}) {
            if (!document.path(field).isTextual()) {
                return field + " must be a text";
            }
        }
        return null;
    }

    /** The JSON Schema of the document, as a file. */
    static String schema() {
        try (InputStream file = Objects.requireNonNull(RunDocument.class.getResourceAsStream("run.schema.json"))) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
