package io.tidemark.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.ParentClosePolicy;
import io.temporal.api.enums.v1.WorkflowIdReusePolicy;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.ChildWorkflowFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.ChildWorkflowCancellationType;
import io.temporal.workflow.ChildWorkflowOptions;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import io.tidemark.job.JobCodec;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.job.JobSpec.Overlap;
import io.tidemark.job.form.InvalidJobException;
import io.tidemark.run.FailureKind;
import io.tidemark.run.RunSummary;
import io.tidemark.run.RunSummary.State;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Reads the job, and runs its body as a child workflow. */
public final class KafkaBatchWorkflowImpl implements KafkaBatchWorkflow {
    private RunSummary status = RunLedger.nothing();

    @Override
    public RunSummary run(@Nullable JsonNode json) {
        long startedAt = Workflow.currentTimeMillis();
        JobSpec job = read(json);
        RunLedger sums = new RunLedger(job, Workflow.getInfo().getRunId(), startedAt);
        status = sums.summary();
        Backoff backoff = new Backoff();
        while (true) {
            BatchRunWorkflow body = Workflow.newChildWorkflowStub(BatchRunWorkflow.class, options(job, startedAt));
            Promise<RunSummary> result = Async.function(body::run, job);
            try {
                WorkflowExecution started = Workflow.getWorkflowExecution(body).get();
                Workflow.setCurrentDetails(RunLabels.link(Workflow.getInfo().getNamespace(), started));
                status = result.get();
                return status;
            } catch (ChildWorkflowFailure e) {
                boolean busy = e.getCause() instanceof WorkflowExecutionAlreadyStarted;
                if (Failures.cancelled() || !busy || job.overlap() == Overlap.REFUSE) {
                    throw ended(job, sums, e, busy);
                }
            }
            Workflow.setCurrentDetails(RunLabels.waiting(JobNames.workflowId(job.name())));
            // The run timeout of this workflow is the only limit to the number of attempts.
            backoff.pause();
        }
    }

    @Override
    public RunSummary status() {
        return status;
    }

    @Override
    public void progress(RunSummary summary) {
        status = summary;
    }

    private static JobSpec read(@Nullable JsonNode json) {
        try {
            if (json == null || json.isNull() || json.isMissingNode()) {
                throw new InvalidJobException(
                        "", "there is no job; start the workflow with the job, in JSON, as its only input");
            }
            return JobCodec.read(json);
        } catch (InvalidJobException e) {
            throw invalid(String.valueOf(e.getMessage()), e.path(), e.problem());
        } catch (RuntimeException e) {
            // An unexpected exception would make Temporal retry the workflow task for ever.
            throw invalid("the job cannot be read: " + e, "", e.toString());
        }
    }

    private static ApplicationFailure invalid(String message, String path, String problem) {
        return Failures.fatal(FailureKind.INVALID_JOB.name(), message, path, problem);
    }

    private static ChildWorkflowOptions options(JobSpec job, long startedAt) {
        ChildWorkflowOptions.Builder options = ChildWorkflowOptions.newBuilder()
                .setWorkflowId(JobNames.workflowId(job.name()))
                .setStaticSummary(RunLabels.bodySummary(job))
                // Every run of the job uses this id, and a reset starts the body again.
                .setWorkflowIdReusePolicy(WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE)
                .setParentClosePolicy(ParentClosePolicy.PARENT_CLOSE_POLICY_TERMINATE)
                .setCancellationType(ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED);
        Duration timeout = Workflow.getInfo().getWorkflowRunTimeout();
        if (timeout != null && !timeout.isZero()) {
            // The body keeps time for its commit within its own timeout. That must not exceed what is left of this
            // workflow's timeout.
            long left = timeout.toMillis() - (Workflow.currentTimeMillis() - startedAt);
            options.setWorkflowRunTimeout(Duration.ofMillis(Math.max(1, left)));
        }
        return options.build();
    }

    private RuntimeException ended(JobSpec job, RunLedger sums, ChildWorkflowFailure failure, boolean busy) {
        if (Failures.cancelled()) {
            status = sums.ended(State.FAILED, Workflow.currentTimeMillis(), "the run was cancelled");
            return failure;
        }
        if (failure.getCause() instanceof ApplicationFailure body
                && body.getDetails().getSize() == 1) {
            status = body.getDetails().get(0, RunSummary.class);
            return Failures.fatal(body.getType(), Failures.message(body), status);
        }
        FailureKind kind = busy ? FailureKind.ALREADY_RUNNING : Failures.kind(failure);
        String message = busy
                ? "another run of the job is in progress, as workflow " + JobNames.workflowId(job.name())
                        + ". Wait until it ends, cancel it with: ./tidemark cancel " + job.name()
                        + ", or set overlap: wait in the job"
                : "workflow " + JobNames.workflowId(job.name()) + ", the body of the run, did not complete: "
                        + Failures.message(failure);
        status = sums.ended(State.FAILED, Workflow.currentTimeMillis(), message);
        return Failures.fatal(kind.name(), message, status);
    }
}
