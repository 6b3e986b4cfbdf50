package io.tidemark.cli;

import io.temporal.client.WorkflowException;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowStub;
import io.temporal.client.WorkflowUpdateException;
import io.temporal.failure.ApplicationFailure;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Sends requests to runs in progress. */
final class RunRequests {
    /** A worker answers in a few milliseconds, and within a few seconds if it has to replay a large run first. */
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(15);

    private RunRequests() {}

    /**
     * Sends an update to a run and returns its answer.
     *
     * @throws CliException if the run rejects it, has ended, or no worker answers
     */
    static String send(WorkflowStub run, String update, Object... arguments) {
        String id = run.getExecution().getWorkflowId();
        try {
            return CompletableFuture.supplyAsync(() -> run.update(update, String.class, arguments))
                    .get(ANSWER_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw CliException.away("no worker has answered for " + id + " within " + ANSWER_TIMEOUT.toSeconds()
                    + " s. A worker that comes back takes the request; start one with ./tidemark worker");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CliException.interrupted("interrupted. The run may have received the request");
        } catch (ExecutionException e) {
            throw refused(id, e.getCause() == null ? e : e.getCause());
        }
    }

    private static RuntimeException refused(String id, Throwable cause) {
        if (cause instanceof WorkflowNotFoundException) {
            return CliException.failed("the run " + id + " has ended");
        }
        if (cause instanceof WorkflowUpdateException && cause.getCause() instanceof ApplicationFailure reason) {
            String text = String.valueOf(reason.getOriginalMessage());
            return CliException.failed(
                    text.startsWith("Unknown update")
                            ? "the worker that executes " + id + " is of a release without this request. Update the"
                                    + " workers, or cancel the run with ./tidemark cancel"
                            : text);
        }
        if (cause instanceof WorkflowException) {
            return CliException.failed("the run " + id + " did not take the request: " + cause.getMessage());
        }
        return cause instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(cause);
    }
}
