package io.tidemark.cli;

import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.tidemark.run.FailureKind;
import org.jspecify.annotations.Nullable;

/** How a run ended, from good to bad. */
enum RunOutcome {
    DONE("done", "done", ""),
    RUNNING("running", "running", "…"),
    CANCELLED("cancelled", "cancelled", "–"),
    TERMINATED("terminated", "terminated", "–"),
    PARTITIONS_FAILED("partitionsFailed", "partitions failed", "!"),
    TIMED_OUT("timedOut", "timed out", "×"),
    FAILED("failed", "failed", "×");

    private final String jsonName;
    private final String text;
    private final String symbol;

    RunOutcome(String jsonName, String text, String symbol) {
        this.jsonName = jsonName;
        this.text = text;
        this.symbol = symbol;
    }

    static RunOutcome of(WorkflowExecutionStatus status, @Nullable RunFailure failure) {
        return switch (status) {
            case WORKFLOW_EXECUTION_STATUS_RUNNING, WORKFLOW_EXECUTION_STATUS_PAUSED -> RUNNING;
            case WORKFLOW_EXECUTION_STATUS_COMPLETED -> DONE;
            case WORKFLOW_EXECUTION_STATUS_CANCELED -> CANCELLED;
            case WORKFLOW_EXECUTION_STATUS_TERMINATED -> TERMINATED;
            case WORKFLOW_EXECUTION_STATUS_TIMED_OUT -> TIMED_OUT;
            default ->
                failure != null && failure.kind().equals(FailureKind.PARTITIONS_FAILED.name())
                        ? PARTITIONS_FAILED
                        : FAILED;
        };
    }

    /** Returns the outcome with this name; {@link #FAILED} for one that this version does not know. */
    static RunOutcome named(String jsonName) {
        for (RunOutcome each : values()) {
            if (each.jsonName.equals(jsonName)) {
                return each;
            }
        }
        return FAILED;
    }

    /** {@code partitionsFailed}: the name in JSON, and the class in the page. */
    String jsonName() {
        return jsonName;
    }

    /** {@code partitions failed}. */
    String text() {
        return text;
    }

    /** A character for readers who do not see the colour; empty for a good run. */
    String symbol() {
        return symbol;
    }
}
