package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.CanceledFailure;
import io.temporal.failure.TerminatedFailure;
import io.temporal.failure.TimeoutFailure;
import io.tidemark.run.FailureKind;
import io.tidemark.run.RunSummary;
import org.jspecify.annotations.Nullable;

/**
 * Why a run did not complete.
 *
 * @param kind the kind of failure, as in docs/reference/failures.md, or {@code TERMINATED} or {@code TIMED_OUT}
 * @param message what happened, and what to do
 */
record RunFailure(String kind, String message) {
    static final String CANCELLED = "CANCELLED";

    /** Returns the reason of a failed workflow: the innermost failure that has one. */
    static RunFailure of(Throwable thrown) {
        RunFailure found = new RunFailure("UNKNOWN", String.valueOf(thrown.getMessage()));
        for (Throwable cause : Failures.causes(thrown)) {
            if (cause instanceof ApplicationFailure failure) {
                found = new RunFailure(failure.getType(), failure.getOriginalMessage());
            } else if (cause instanceof CanceledFailure) {
                found = new RunFailure(CANCELLED, "the run was cancelled");
            } else if (cause instanceof TerminatedFailure) {
                found = new RunFailure("TERMINATED", "the run was terminated");
            } else if (cause instanceof TimeoutFailure timeout) {
                found = new RunFailure(
                        "TIMED_OUT",
                        "the run timed out (" + timeout.getTimeoutType().name() + ")");
            }
        }
        return found;
    }

    boolean cancelled() {
        return kind.equals(CANCELLED);
    }

    /** {@code PARTITIONS_FAILED: 1 of 2 partitions failed: 0}; a cancellation has only its sentence. */
    String text() {
        return cancelled() ? message : kind + ": " + message;
    }

    /** Returns the text without the reasons of single partitions if the printed summary has them already. */
    String text(@Nullable RunSummary printed) {
        return printed == null || printed.problems().isEmpty() ? text() : text().split("\\. ", 2)[0];
    }

    /** Returns the text of a failure that {@link #json} wrote. */
    static String text(JsonNode json) {
        return new RunFailure(json.path("kind").asText(), json.path("message").asText()).text();
    }

    ObjectNode json() {
        return JsonNodeFactory.instance.objectNode().put("kind", kind).put("message", message);
    }

    ExitCode exitCode() {
        return kind.equals(FailureKind.ALREADY_RUNNING.name())
                ? ExitCode.BUSY
                : kind.equals(FailureKind.PARTITIONS_FAILED.name()) ? ExitCode.PARTITIONS_FAILED : ExitCode.FAILED;
    }
}
