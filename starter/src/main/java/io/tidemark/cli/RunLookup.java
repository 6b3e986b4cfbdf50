package io.tidemark.cli;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.client.WorkflowException;
import io.temporal.client.WorkflowExecutionDescription;
import io.temporal.client.WorkflowExecutionMetadata;
import io.temporal.client.WorkflowStub;
import io.tidemark.job.JobNames;
import io.tidemark.workflow.BatchRunWorkflow;
import io.tidemark.workflow.KafkaBatchWorkflow;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the workflow with the numbers of a run. A run has three ids: the workflow id and the run id of the workflow that
 * a person or a schedule started, and the run id of its body {@code tidemark-<job>}.
 */
final class RunLookup {
    private final TemporalConnection temporal;

    RunLookup(TemporalConnection temporal) {
        this.temporal = temporal;
    }

    /** Returns the body of the last run of a job. */
    Optional<WorkflowExecutionDescription> last(String job) {
        return describe(JobNames.workflowId(job), null);
    }

    /**
     * Returns the body of the run with any of its ids; the started workflow if its body has not started.
     *
     * @param job the name of the job, or null if it is not known
     */
    Optional<WorkflowExecutionDescription> run(String id, @Nullable String job) {
        if (isRunId(id) && job != null) {
            Optional<WorkflowExecutionDescription> body = describe(JobNames.workflowId(job), id);
            if (body.isPresent()) {
                return body;
            }
            Optional<WorkflowExecutionDescription> last = last(job);
            WorkflowExecution parent =
                    last.map(WorkflowExecutionMetadata::getParentExecution).orElse(null);
            if (parent != null && parent.getRunId().equals(id)) {
                return last;
            }
        }
        return describe(id, null)
                .or(() -> isRunId(id) ? listed(id) : Optional.empty())
                .flatMap(this::body);
    }

    /** The list is the only place where a run id alone is enough. The in-memory server has none. */
    private Optional<WorkflowExecutionDescription> listed(String runId) {
        try (Stream<WorkflowExecutionMetadata> found = temporal.client().listExecutions("RunId = '" + runId + "'")) {
            return found.findFirst()
                    .flatMap(each -> describe(each.getExecution().getWorkflowId(), runId));
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.UNIMPLEMENTED) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private Optional<WorkflowExecutionDescription> body(WorkflowExecutionDescription found) {
        if (found.getWorkflowType().equals(BatchRunWorkflow.TYPE)) {
            return Optional.of(found);
        } else if (!found.getWorkflowType().equals(KafkaBatchWorkflow.TYPE)) {
            return Optional.empty();
        }
        return new RunHistory(temporal, found.getExecution())
                .body()
                .flatMap(body -> describe(body.getWorkflowId(), body.getRunId()))
                .or(() -> Optional.of(found));
    }

    /** Returns the job of a workflow that this class found. */
    String job(WorkflowExecutionDescription found) {
        return found.getWorkflowType().equals(BatchRunWorkflow.TYPE)
                ? JobNames.jobOf(found.getExecution().getWorkflowId())
                : new RunHistory(temporal, found.getExecution()).job();
    }

    /** Returns a workflow; empty if the server does not know it. */
    Optional<WorkflowExecutionDescription> describe(String workflowId, @Nullable String runId) {
        try {
            return Optional.of(temporal.client()
                    .newUntypedWorkflowStub(workflowId, Optional.ofNullable(runId), Optional.empty())
                    .describe());
        } catch (WorkflowException e) {
            return Optional.empty();
        }
    }

    WorkflowStub stub(WorkflowExecutionMetadata found) {
        return temporal.client()
                .newUntypedWorkflowStub(
                        found.getExecution().getWorkflowId(),
                        Optional.of(found.getExecution().getRunId()),
                        Optional.empty());
    }

    private static boolean isRunId(String text) {
        try {
            return UUID.fromString(text).toString().equals(text);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
