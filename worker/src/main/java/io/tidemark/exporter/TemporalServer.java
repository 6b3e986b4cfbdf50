package io.tidemark.exporter;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.util.Timestamps;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.common.v1.Payloads;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.TaskQueueType;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.api.taskqueue.v1.TaskQueue;
import io.temporal.api.workflowservice.v1.DescribeTaskQueueRequest;
import io.temporal.api.workflowservice.v1.DescribeTaskQueueResponse;
import io.temporal.api.workflowservice.v1.GetWorkflowExecutionHistoryRequest;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowException;
import io.temporal.client.WorkflowExecutionMetadata;
import io.temporal.client.schedules.ScheduleActionStartWorkflow;
import io.temporal.client.schedules.ScheduleClient;
import io.temporal.client.schedules.ScheduleClientOptions;
import io.temporal.client.schedules.ScheduleDescription;
import io.temporal.client.schedules.ScheduleException;
import io.temporal.client.schedules.ScheduleListActionStartWorkflow;
import io.temporal.client.schedules.ScheduleListDescription;
import io.temporal.common.converter.DataConverterException;
import io.temporal.failure.ApplicationFailure;
import io.tidemark.exporter.Problems.Source;
import io.tidemark.exporter.RunFacts.Outcome;
import io.tidemark.job.JobNames;
import io.tidemark.run.FailureKind;
import io.tidemark.run.RunSummary;
import io.tidemark.workflow.KafkaBatchWorkflow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Asks a Temporal server. */
public final class TemporalServer implements Temporal {
    /** A worker's poll is answered after a minute if there is no task, and sent again. The server lists it for 5 minutes. */
    private static final Duration POLLED = Duration.ofMinutes(2);

    private final WorkflowClient client;
    private final ScheduleClient schedules;
    private final String prefix;

    /**
     * Asks the server and namespace of a client.
     *
     * @param prefix how the names of jobs begin that this release cannot read
     */
    public TemporalServer(WorkflowClient client, String prefix) {
        this.client = client;
        this.prefix = prefix;
        schedules = ScheduleClient.newInstance(
                client.getWorkflowServiceStubs(),
                ScheduleClientOptions.newBuilder()
                        .setNamespace(client.getOptions().getNamespace())
                        .setDataConverter(client.getOptions().getDataConverter())
                        .build());
    }

    @Override
    public List<ScheduleFacts> schedules(Problems problems) {
        List<ScheduleFacts> found = new ArrayList<>();
        try (Stream<ScheduleListDescription> all = schedules.listSchedules()) {
            List<String> ids = all.filter(TemporalServer::startsRuns)
                    .map(ScheduleListDescription::getScheduleId)
                    .toList();
            ids.forEach(id -> describe(id, problems).flatMap(this::facts).ifPresent(found::add));
        }
        return found;
    }

    /** Returns a schedule; empty if it was deleted meanwhile, or if it cannot be read, which is counted. */
    private Optional<ScheduleDescription> describe(String id, Problems problems) {
        try {
            return Optional.of(schedules.getHandle(id).describe());
        } catch (RuntimeException e) {
            Throwable cause = e instanceof ScheduleException ? e.getCause() : e;
            if (!(cause instanceof StatusRuntimeException rpc)) {
                problems.add(Source.SCHEDULES, e);
            } else if (rpc.getStatus().getCode() != Status.Code.NOT_FOUND) {
                // The server would not answer about the next one either.
                throw e;
            }
            return Optional.empty();
        }
    }

    private static boolean startsRuns(ScheduleListDescription listed) {
        return listed.getSchedule() != null
                && listed.getSchedule().getAction() instanceof ScheduleListActionStartWorkflow action
                && action.getWorkflow().equals(KafkaBatchWorkflow.TYPE);
    }

    private Optional<ScheduleFacts> facts(ScheduleDescription described) {
        if (!(described.getSchedule().getAction() instanceof ScheduleActionStartWorkflow action)) {
            return Optional.empty();
        }
        JsonNode json = null;
        try {
            if (action.getArguments().getSize() > 0) {
                json = action.getArguments().get(0, JsonNode.class);
            }
        } catch (DataConverterException e) {
            // Not a job: the schedule starts runs that are refused.
        }
        String name = json == null ? "" : json.path("name").asText();
        // The name is part of questions.
        if (!name.matches("[a-z0-9-]+")) {
            return Optional.empty();
        }
        Duration runTimeout = action.getOptions().getWorkflowRunTimeout();
        return Optional.of(new ScheduleFacts(
                WatchedJob.of(json).orElseGet(() -> WatchedJob.named(name, prefix)),
                String.valueOf(action.getOptions().getTaskQueue()),
                described.getInfo().getCreatedAt(),
                described.getInfo().getNextActionTimes(),
                described.getSchedule().getState() != null
                        && described.getSchedule().getState().isPaused(),
                described.getInfo().getNumActionsMissedCatchupWindow(),
                described.getInfo().getNumActionsSkippedOverlap(),
                runTimeout == null || runTimeout.isZero() ? null : runTimeout));
    }

    @Override
    public List<RunFacts> runs(String condition, int most) {
        try (Stream<WorkflowExecutionMetadata> found = client.listExecutions(condition)) {
            return found.limit(most)
                    // Others were not started by a run.
                    .filter(each -> each.getExecution().getWorkflowId().startsWith(JobNames.workflowId("")))
                    .map(TemporalServer::facts)
                    .toList();
        }
    }

    private static RunFacts facts(WorkflowExecutionMetadata run) {
        Outcome outcome = outcome(run.getStatus());
        return new RunFacts(
                JobNames.jobOf(run.getExecution().getWorkflowId()),
                run.getExecution().getRunId(),
                run.getTaskQueue(),
                run.getStartTime(),
                outcome == null ? null : run.getCloseTime(),
                outcome);
    }

    private static @Nullable Outcome outcome(WorkflowExecutionStatus status) {
        return switch (status) {
            case WORKFLOW_EXECUTION_STATUS_RUNNING -> null;
            case WORKFLOW_EXECUTION_STATUS_COMPLETED -> Outcome.DONE;
            case WORKFLOW_EXECUTION_STATUS_CANCELED -> Outcome.CANCELLED;
            default -> Outcome.FAILED;
        };
    }

    @Override
    public Outcome failure(RunFacts run) {
        try {
            client.newUntypedWorkflowStub(JobNames.workflowId(run.job()), Optional.of(run.runId()), Optional.empty())
                    .getResult(RunSummary.class);
            return Outcome.DONE;
        } catch (WorkflowException e) {
            return e.getCause() instanceof ApplicationFailure failure
                            && FailureKind.PARTITIONS_FAILED.name().equals(failure.getType())
                            && isPartial(failure)
                    ? Outcome.PARTIAL
                    : Outcome.FAILED;
        }
    }

    private static boolean isPartial(ApplicationFailure failure) {
        try {
            return failure.getDetails().getSize() == 1
                    && failure.getDetails().get(0, RunSummary.class).done() > 0;
        } catch (DataConverterException e) {
            return false;
        }
    }

    /** The first event of a history has the input. The rest of it may be large. */
    @Override
    public Optional<WatchedJob> job(RunFacts run) {
        Payloads input = client.getWorkflowServiceStubs()
                .blockingStub()
                .getWorkflowExecutionHistory(GetWorkflowExecutionHistoryRequest.newBuilder()
                        .setNamespace(client.getOptions().getNamespace())
                        .setExecution(WorkflowExecution.newBuilder()
                                .setWorkflowId(JobNames.workflowId(run.job()))
                                .setRunId(run.runId()))
                        .setMaximumPageSize(1)
                        .build())
                .getHistory()
                .getEvents(0)
                .getWorkflowExecutionStartedEventAttributes()
                .getInput();
        try {
            return WatchedJob.of(client.getOptions()
                    .getDataConverter()
                    .fromPayloads(0, Optional.of(input), JsonNode.class, JsonNode.class));
        } catch (DataConverterException e) {
            return Optional.empty();
        }
    }

    @Override
    public List<QueueFacts> queue(String name) {
        return List.of(
                queue(name, "workflow", TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW),
                queue(name, "activity", TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY));
    }

    private QueueFacts queue(String name, String kind, TaskQueueType type) {
        DescribeTaskQueueResponse described = client.getWorkflowServiceStubs()
                .blockingStub()
                .describeTaskQueue(DescribeTaskQueueRequest.newBuilder()
                        .setNamespace(client.getOptions().getNamespace())
                        .setTaskQueue(TaskQueue.newBuilder().setName(name))
                        .setTaskQueueType(type)
                        .setReportStats(true)
                        .build());
        long since = Instant.now().minus(POLLED).toEpochMilli();
        return new QueueFacts(
                name,
                kind,
                (int) described.getPollersList().stream()
                        .filter(each -> Timestamps.toMillis(each.getLastAccessTime()) > since)
                        .count(),
                described.hasStats()
                        ? OptionalLong.of(described.getStats().getApproximateBacklogCount())
                        : OptionalLong.empty());
    }
}
