package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.google.protobuf.ByteString;
import io.temporal.api.common.v1.Payloads;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.api.history.v1.WorkflowExecutionStartedEventAttributes;
import io.temporal.api.workflowservice.v1.GetWorkflowExecutionHistoryRequest;
import io.temporal.api.workflowservice.v1.GetWorkflowExecutionHistoryResponse;
import io.temporal.common.converter.DataConverter;
import io.temporal.common.converter.DataConverterException;
import io.tidemark.workflow.BatchRunWorkflow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads from the history of a workflow what its description lacks. */
final class RunHistory {
    /** Of a body with more events only the first are read: its steps are too many to be shown. */
    private static final int MOST_EVENTS = 20_000;

    private static final int PAGE = 1_000;

    private final DataConverter converter;
    private final List<HistoryEvent> events;

    RunHistory(TemporalConnection temporal, WorkflowExecution workflow) {
        this(temporal.client().getOptions().getDataConverter(), read(temporal, workflow, MOST_EVENTS));
    }

    /** The history that a test has. */
    RunHistory(DataConverter converter, List<HistoryEvent> events) {
        this.converter = converter;
        this.events = events;
    }

    /** Returns the start of a history: enough for what a workflow was started with. */
    static RunHistory start(TemporalConnection temporal, WorkflowExecution workflow) {
        return new RunHistory(temporal.client().getOptions().getDataConverter(), read(temporal, workflow, 1));
    }

    private static List<HistoryEvent> read(TemporalConnection temporal, WorkflowExecution workflow, int most) {
        List<HistoryEvent> events = new ArrayList<>();
        ByteString next = ByteString.EMPTY;
        do {
            GetWorkflowExecutionHistoryResponse page = temporal.service()
                    .blockingStub()
                    .getWorkflowExecutionHistory(GetWorkflowExecutionHistoryRequest.newBuilder()
                            .setNamespace(temporal.client().getOptions().getNamespace())
                            .setExecution(workflow)
                            .setMaximumPageSize(Math.min(most, PAGE))
                            .setNextPageToken(next)
                            .build());
            events.addAll(page.getHistory().getEventsList());
            next = page.getNextPageToken();
        } while (!next.isEmpty() && events.size() < most);
        return events;
    }

    List<HistoryEvent> events() {
        return events;
    }

    DataConverter converter() {
        return converter;
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
        return definition().path("name").asText();
    }

    /** Returns the job that the workflow was started with; missing if it cannot be read. */
    JsonNode definition() {
        return input(0);
    }

    /** Returns the nominal time of a body, in milliseconds since the epoch; 0 if it has none. */
    long nominal() {
        return input(1).asLong();
    }

    private JsonNode input(int index) {
        try {
            Payloads input = started().getInput();
            JsonNode value = index < input.getPayloadsCount()
                    ? converter.fromPayloads(index, Optional.of(input), JsonNode.class, JsonNode.class)
                    : null;
            return value == null ? MissingNode.getInstance() : value;
        } catch (DataConverterException e) {
            return MissingNode.getInstance();
        }
    }

    /** Returns whether this is the history of the run with an id. */
    boolean isOf(String runId) {
        return started().getOriginalExecutionRunId().equals(runId);
    }

    /** Returns whether Temporal starts the workflow again by a cron expression. */
    boolean isCron() {
        return !started().getCronSchedule().isEmpty();
    }

    private WorkflowExecutionStartedEventAttributes started() {
        return events.get(0).getWorkflowExecutionStartedEventAttributes();
    }
}
