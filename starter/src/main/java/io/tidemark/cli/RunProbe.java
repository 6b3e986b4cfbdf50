package io.tidemark.cli;

import io.grpc.StatusRuntimeException;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.EventType;
import io.temporal.api.workflow.v1.PendingActivityInfo;
import io.temporal.api.workflow.v1.PendingChildExecutionInfo;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionResponse;
import io.temporal.api.workflowservice.v1.GetWorkflowExecutionHistoryRequest;
import io.temporal.client.WorkflowException;
import io.temporal.client.WorkflowExecutionDescription;
import io.temporal.client.WorkflowStub;
import io.temporal.common.converter.DataConverterException;
import io.tidemark.job.JobNames;
import io.tidemark.run.ConsumeProgress;
import io.tidemark.run.RunSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Asks Temporal for the progress of a run. If the server or the worker does not answer, the result is empty. */
final class RunProbe {
    /** Each child costs a request, and the partitions of more children do not fit on a screen. */
    private static final int MAX_CHILDREN = 8;

    private final TemporalConnection temporal;
    private final WorkflowStub run;
    private final String job;
    private boolean taken;

    RunProbe(TemporalConnection temporal, WorkflowStub run, String job) {
        this.temporal = temporal;
        this.run = run;
        this.job = job;
    }

    /** Returns whether a worker has started the run. */
    boolean taken() {
        if (!taken) {
            try {
                taken = temporal
                        .service()
                        .blockingStub()
                        .getWorkflowExecutionHistory(GetWorkflowExecutionHistoryRequest.newBuilder()
                                .setNamespace(temporal.client().getOptions().getNamespace())
                                .setExecution(run.getExecution())
                                .setMaximumPageSize(10)
                                .build())
                        .getHistory()
                        .getEventsList()
                        .stream()
                        .anyMatch(each -> each.getEventType() == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED);
            } catch (StatusRuntimeException e) {
                return false;
            }
        }
        return taken;
    }

    /** Returns the status of the run; empty if no worker answers in time. */
    Optional<RunSummary> summary() {
        // Without a worker the query would only wait for its timeout.
        return taken() ? query(run) : Optional.empty();
    }

    /** Returns the status of a workflow; empty if no worker answers in time. */
    static Optional<RunSummary> query(WorkflowStub workflow) {
        try {
            return Optional.ofNullable(workflow.query("status", RunSummary.class));
        } catch (WorkflowException | StatusRuntimeException | DataConverterException e) {
            return Optional.empty();
        }
    }

    /** Returns the heartbeats of the consume activities that are running. */
    List<ConsumeProgress> reading() {
        List<ConsumeProgress> found = new ArrayList<>();
        try {
            WorkflowExecutionDescription body = describe(JobNames.workflowId(job));
            WorkflowExecution parent = body.getParentExecution();
            // The fixed workflow id can still belong to another run, for whose end this run waits.
            if (parent == null
                    || !parent.getWorkflowId().equals(run.getExecution().getWorkflowId())) {
                return found;
            }
            collect(body.getRawDescription(), found);
            List<PendingChildExecutionInfo> children = body.getRawDescription().getPendingChildrenList();
            for (PendingChildExecutionInfo child : children.subList(0, Math.min(MAX_CHILDREN, children.size()))) {
                collect(describe(child.getWorkflowId()).getRawDescription(), found);
            }
        } catch (WorkflowException | StatusRuntimeException e) {
            // The workflow has not started yet, or is no longer known.
        }
        return found;
    }

    private WorkflowExecutionDescription describe(String workflowId) {
        return temporal.client().newUntypedWorkflowStub(workflowId).describe();
    }

    private void collect(DescribeWorkflowExecutionResponse described, List<ConsumeProgress> found) {
        for (PendingActivityInfo activity : described.getPendingActivitiesList()) {
            if (activity.getActivityType().getName().equals("consume") && activity.hasHeartbeatDetails()) {
                try {
                    ConsumeProgress progress = temporal.client()
                            .getOptions()
                            .getDataConverter()
                            .fromPayloads(
                                    0,
                                    Optional.of(activity.getHeartbeatDetails()),
                                    ConsumeProgress.class,
                                    ConsumeProgress.class);
                    if (progress != null) {
                        found.add(progress);
                    }
                } catch (DataConverterException e) {
                    // The worker has another version. The totals come from the query, not from heartbeats.
                }
            }
        }
    }
}
