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

/** Asks Temporal how far a run is. A server or worker that is busy gives no answer, never an error. */
final class RunProbe {
    /** Each costs a request; the partitions of more would not fit on a screen. */
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

    /** Whether a worker has taken the run up. */
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

    /** What the run tells of itself; empty where no worker answers in time. */
    Optional<RunSummary> summary() {
        // A question that no worker has ever been there for would only wait.
        return taken() ? query(run) : Optional.empty();
    }

    /** What a workflow tells of itself; empty where no worker answers in time. */
    static Optional<RunSummary> query(WorkflowStub workflow) {
        try {
            return Optional.ofNullable(workflow.query("status", RunSummary.class));
        } catch (WorkflowException | StatusRuntimeException | DataConverterException e) {
            return Optional.empty();
        }
    }

    /** The heartbeats of what is being read just now. */
    List<ConsumeProgress> reading() {
        List<ConsumeProgress> found = new ArrayList<>();
        try {
            WorkflowExecutionDescription body = describe(JobNames.workflowId(job));
            WorkflowExecution parent = body.getParentExecution();
            // The fixed id may still belong to somebody else's run, for whose end this one waits.
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
            // Not there yet, or not there any more.
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
                    // A worker of another version; the totals come from elsewhere.
                }
            }
        }
    }
}
