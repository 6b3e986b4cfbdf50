package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.api.history.v1.WorkflowExecutionStartedEventAttributes;
import io.temporal.common.converter.DataConverterException;
import io.tidemark.workflow.BatchRunWorkflow;
import java.util.List;
import java.util.Optional;

/** Reads from the history of a {@code KafkaBatch} workflow what its description lacks. The history is short. */
final class RunHistory {
    private final TemporalConnection temporal;
    private final List<HistoryEvent> events;

    RunHistory(TemporalConnection temporal, WorkflowExecution workflow) {
        this.temporal = temporal;
        events = temporal.client()
                .fetchHistory(workflow.getWorkflowId(), workflow.getRunId())
                .getHistory()
                .getEventsList();
    }

    /** Returns the body of the run; empty if it has not started. */
    Optional<WorkflowExecution> body() {
        return events.stream()
                .filter(HistoryEvent::hasChildWorkflowExecutionStartedEventAttributes)
                .map(HistoryEvent::getChildWorkflowExecutionStartedEventAttributes)
                .filter(each -> each.getWorkflowType().getName().equals(BatchRunWorkflow.TYPE))
                .map(each -> each.getWorkflowExecution())
                .reduce((first, last) -> last);
    }

    /** Returns the name of the job; empty if it cannot be read. */
    String job() {
        try {
            JsonNode job = started().hasInput()
                    ? temporal.client()
                            .getOptions()
                            .getDataConverter()
                            .fromPayloads(0, Optional.of(started().getInput()), JsonNode.class, JsonNode.class)
                    : null;
            return job == null ? "" : job.path("name").asText();
        } catch (DataConverterException e) {
            return "";
        }
    }

    /** Returns whether Temporal starts the workflow again by a cron expression. */
    boolean isCron() {
        return !started().getCronSchedule().isEmpty();
    }

    private WorkflowExecutionStartedEventAttributes started() {
        return events.get(0).getWorkflowExecutionStartedEventAttributes();
    }
}
