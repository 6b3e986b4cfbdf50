package io.tidemark.cli;

import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowException;
import io.temporal.client.WorkflowExecutionMetadata;
import io.temporal.client.WorkflowStub;
import io.temporal.common.converter.DataConverterException;
import io.temporal.failure.ApplicationFailure;
import io.tidemark.run.RunSummary;
import org.jspecify.annotations.Nullable;

/**
 * What came, or comes, of a run.
 *
 * @param summary its numbers; null if nobody can say them
 * @param failure why it did not complete; null if it did, or if it is in progress
 * @param noWorker whether it is in progress and certainly no worker polls its queue
 */
record RunResult(@Nullable RunSummary summary, @Nullable RunFailure failure, boolean noWorker) {
    /**
     * Reads the result of a run. A run in progress is asked for it, and with {@code ask} also one that ended without saying
     * its numbers, such as one that was cancelled: that takes a worker.
     */
    static RunResult of(
            TemporalConnection connection,
            WorkflowStub stub,
            WorkflowExecutionMetadata found,
            String queue,
            boolean ask) {
        if (found.getStatus() == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING) {
            boolean noWorker = !connection.mayHaveWorker(queue);
            return new RunResult(noWorker ? null : RunProbe.query(stub).orElse(null), null, noWorker);
        }
        try {
            return new RunResult(stub.getResult(RunSummary.class), null, false);
        } catch (WorkflowException e) {
            RunSummary summary = inFailure(e);
            if (summary == null && ask && connection.mayHaveWorker(queue)) {
                summary = RunProbe.query(stub).orElse(null);
            }
            return new RunResult(summary, RunFailure.of(e), false);
        } catch (DataConverterException e) {
            return new RunResult(null, null, false);
        }
    }

    /** A body that fails puts its summary into its failure. */
    private static @Nullable RunSummary inFailure(Throwable thrown) {
        for (Throwable cause : Failures.causes(thrown)) {
            if (cause instanceof ApplicationFailure failure
                    && failure.getDetails().getSize() > 0) {
                try {
                    return failure.getDetails().get(0, RunSummary.class);
                } catch (DataConverterException e) {
                    // Another failure, with other details.
                }
            }
        }
        return null;
    }
}
