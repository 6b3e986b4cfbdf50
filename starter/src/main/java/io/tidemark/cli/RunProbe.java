package io.tidemark.cli;

import io.grpc.StatusRuntimeException;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.EventType;
import io.temporal.api.workflow.v1.PendingActivityInfo;
import io.temporal.api.workflow.v1.PendingChildExecutionInfo;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionResponse;
import io.temporal.api.workflowservice.v1.GetWorkflowExecutionHistoryRequest;
import io.temporal.client.WorkflowException;
import io.temporal.client.WorkflowStub;
import io.temporal.common.converter.DataConverterException;
import io.tidemark.run.ConsumeProgress;
import io.tidemark.run.RunSummary;
import io.tidemark.workflow.BatchRunWorkflow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Asks Temporal for the progress of a run. If the server or the worker does not answer, the result is empty. */
final class RunProbe {
    /** Each child costs a request, and the partitions of more children do not fit on a screen. */
    private static final int MAX_CHILDREN = 8;

    /** How long a worker has to answer a query: the client would repeat the request for several times as long. */
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(3);

    private final TemporalConnection temporal;
    private final WorkflowStub run;
    private boolean taken;
    private @Nullable WorkflowExecution body;

    RunProbe(TemporalConnection temporal, WorkflowStub run) {
        this.temporal = temporal;
        this.run = run;
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

    /**
     * Returns the status of the run; empty if no worker answers in time. It comes from the body, which has the numbers of
     * this moment. The workflow that was started hears of them only now and then.
     */
    Optional<RunSummary> summary() {
        // Without a worker the query would only wait for its timeout.
        if (!taken()) {
            return Optional.empty();
        }
        return body().map(this::stub).or(() -> Optional.of(run)).flatMap(RunProbe::query);
    }

    /** Returns the status of a workflow; empty if no worker answers in time. */
    static Optional<RunSummary> query(WorkflowStub workflow) {
        try {
            return Optional.ofNullable(CompletableFuture.supplyAsync(() -> workflow.query("status", RunSummary.class))
                    .get(ANSWER_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS));
        } catch (ExecutionException | TimeoutException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** Returns the heartbeats of the consume activities that are running. */
    List<ConsumeProgress> reading() {
        List<ConsumeProgress> found = new ArrayList<>();
        try {
            Optional<WorkflowExecution> known = body();
            if (known.isEmpty()) {
                return found;
            }
            DescribeWorkflowExecutionResponse described = describe(known.get());
            collect(described, found);
            List<PendingChildExecutionInfo> children = described.getPendingChildrenList();
            for (PendingChildExecutionInfo child : children.subList(0, Math.min(MAX_CHILDREN, children.size()))) {
                collect(describe(execution(child)), found);
            }
        } catch (WorkflowException | StatusRuntimeException e) {
            // The workflow has ended meanwhile.
        }
        return found;
    }

    /** Returns the body of this run to send requests to; empty if it has not begun. */
    Optional<WorkflowStub> bodyStub() {
        return body().map(this::stub);
    }

    /** Returns the body of this run. Its workflow id alone may belong to another run, for whose end this run waits. */
    private synchronized Optional<WorkflowExecution> body() {
        if (body == null) {
            try {
                body = describe(run.getExecution()).getPendingChildrenList().stream()
                        .filter(each -> each.getWorkflowTypeName().equals(BatchRunWorkflow.TYPE))
                        .findFirst()
                        .map(RunProbe::execution)
                        .or(() -> new RunHistory(temporal, run.getExecution()).body())
                        .orElse(null);
            } catch (WorkflowException | StatusRuntimeException e) {
                return Optional.empty();
            }
        }
        return Optional.ofNullable(body);
    }

    private static WorkflowExecution execution(PendingChildExecutionInfo child) {
        return WorkflowExecution.newBuilder()
                .setWorkflowId(child.getWorkflowId())
                .setRunId(child.getRunId())
                .build();
    }

    private WorkflowStub stub(WorkflowExecution workflow) {
        return temporal.client()
                .newUntypedWorkflowStub(workflow.getWorkflowId(), Optional.of(workflow.getRunId()), Optional.empty());
    }

    private DescribeWorkflowExecutionResponse describe(WorkflowExecution workflow) {
        return stub(workflow).describe().getRawDescription();
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
