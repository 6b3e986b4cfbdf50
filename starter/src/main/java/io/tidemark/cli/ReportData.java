package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.client.WorkflowExecutionMetadata;
import io.temporal.client.schedules.ScheduleException;
import io.tidemark.job.JobNames;
import io.tidemark.workflow.BatchRunWorkflow;
import io.tidemark.workflow.KafkaBatchWorkflow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Collects from Temporal what a report shows. */
final class ReportData implements AutoCloseable {
    /** Of a server with more runs, jobs that have not run for long have to be named. */
    private static final int MOST_LISTED = 2_000;

    private static final int REQUESTS_AT_ONCE = 8;

    private final TemporalConnection connection;
    private final int most;
    private final @Nullable RunArchive archive;
    private final RunLookup lookup;
    private final ExecutorService requests = Executors.newFixedThreadPool(REQUESTS_AT_ONCE, task -> {
        Thread thread = new Thread(task, "report");
        thread.setDaemon(true);
        return thread;
    });

    /** {@code most} is the number of runs of each job. */
    ReportData(TemporalConnection connection, int most, @Nullable RunArchive archive) {
        this.connection = connection;
        this.most = most;
        this.archive = archive;
        this.lookup = new RunLookup(connection);
    }

    /** Returns the names of the jobs that have a schedule or ran lately. */
    Set<String> jobs() {
        Set<String> names = new TreeSet<>();
        try (Stream<WorkflowExecutionMetadata> runs = list("WorkflowType = '" + BatchRunWorkflow.TYPE + "'")) {
            runs.limit(MOST_LISTED)
                    .forEach(
                            each -> names.add(JobNames.jobOf(each.getExecution().getWorkflowId())));
        }
        try (var schedules = connection.schedules().listSchedules()) {
            schedules
                    .limit(MOST_LISTED)
                    .map(each -> StoredSchedule.find(connection, each.getScheduleId()))
                    .flatMap(Optional::stream)
                    .filter(StoredSchedule::startsRuns)
                    .forEach(each -> names.add(each.jobName()));
        }
        return names;
    }

    /** Returns what the page needs of a job: its last runs, the newest first, its schedule and its definition. */
    ObjectNode job(String name, @Nullable JsonNode definition) {
        List<WorkflowExecutionMetadata> bodies = bodies(name);
        List<Future<ObjectNode>> asked = new ArrayList<>();
        RunHistory newest = bodies.isEmpty()
                ? null
                : new RunHistory(connection, bodies.get(0).getExecution());
        for (WorkflowExecutionMetadata each : bodies) {
            RunHistory history = asked.isEmpty() ? newest : null;
            asked.add(requests.submit(() -> document(each, name, history)));
        }
        for (WorkflowExecutionMetadata each : refused(name, bodies)) {
            asked.add(requests.submit(() -> document(each, name, null)));
        }
        Map<String, JsonNode> runs = new LinkedHashMap<>();
        for (Future<ObjectNode> each : asked) {
            JsonNode document = get(each);
            runs.put(document.path("runId").asText(), document);
            if (archive != null) {
                archive.add(document);
            }
        }
        if (archive != null) {
            archive.of(name).forEach(each -> runs.put(each.path("runId").asText(), each));
        }
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("job", name);
        Optional<StoredSchedule> schedule = schedule(name);
        json.set(
                "definition",
                definition != null
                        ? definition
                        : schedule.map(StoredSchedule::job)
                                .orElseGet(() -> newest == null ? json.nullNode() : newest.definition()));
        json.set("schedule", schedule.<JsonNode>map(ReportData::schedule).orElseGet(json::nullNode));
        ArrayNode shown = json.putArray("runs");
        runs.values().stream()
                .map(ReportRun::of)
                .sorted(ReportRun.NEWEST_FIRST)
                .limit(most)
                .forEach(each -> shown.add(shown.isEmpty() ? each.document() : shortened(each.document())));
        json.set("partitions", partitions(newest, runs));
        return json;
    }

    /** Only of the last run the page shows single partitions and steps. */
    private static JsonNode shortened(JsonNode document) {
        ObjectNode copy = document.deepCopy();
        copy.putArray("steps");
        if (copy.path("summary") instanceof ObjectNode summary) {
            summary.putArray("details");
        }
        return copy;
    }

    private ArrayNode partitions(@Nullable RunHistory newest, Map<String, JsonNode> runs) {
        ReportRun shown = runs.values().stream()
                .map(ReportRun::of)
                .filter(each -> each.number("offsetsPlanned") > 0)
                .min(ReportRun.NEWEST_FIRST)
                .orElse(null);
        ArrayNode none = JsonNodeFactory.instance.arrayNode();
        if (shown == null) {
            return none;
        }
        RunSteps steps =
                newest == null || !newest.isOf(shown.document().path("runId").asText())
                        ? RunSteps.NONE
                        : RunSteps.of(newest);
        return steps.partitions(shown.summary());
    }

    private List<WorkflowExecutionMetadata> bodies(String name) {
        try (Stream<WorkflowExecutionMetadata> found = list("WorkflowType = '" + BatchRunWorkflow.TYPE
                + "' AND WorkflowId = '" + quoted(JobNames.workflowId(name)) + "'")) {
            return found.limit(most)
                    .sorted(Comparator.comparing(WorkflowExecutionMetadata::getStartTime)
                            .reversed())
                    .toList();
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() != Status.Code.UNIMPLEMENTED) {
                throw e;
            }
            // The in-memory server has no lists, and no schedules.
            return lookup.last(name)
                    .<List<WorkflowExecutionMetadata>>map(List::of)
                    .orElse(List.of());
        }
    }

    /** Returns the failed starts of runs that never got a body, for example because the job is invalid. */
    private List<WorkflowExecutionMetadata> refused(String name, List<WorkflowExecutionMetadata> bodies) {
        Set<String> started = bodies.stream()
                .map(WorkflowExecutionMetadata::getParentExecution)
                .filter(Objects::nonNull)
                .map(WorkflowExecution::getRunId)
                .collect(Collectors.toSet());
        Instant since = bodies.size() < most || bodies.isEmpty()
                ? Instant.EPOCH
                : bodies.get(bodies.size() - 1).getStartTime();
        try (Stream<WorkflowExecutionMetadata> found = list("WorkflowType = '" + KafkaBatchWorkflow.TYPE
                + "' AND ExecutionStatus IN ('Failed', 'TimedOut', 'Terminated') AND WorkflowId STARTS_WITH '"
                + quoted(name) + "-'")) {
            return found.limit(most)
                    .filter(each -> !started.contains(each.getExecution().getRunId()))
                    .filter(each -> !each.getStartTime().isBefore(since))
                    .filter(each -> {
                        RunHistory history = new RunHistory(connection, each.getExecution());
                        return history.job().equals(name) && history.body().isEmpty();
                    })
                    .toList();
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() != Status.Code.UNIMPLEMENTED) {
                throw e;
            }
            return List.of();
        }
    }

    private Stream<WorkflowExecutionMetadata> list(String query) {
        return connection.client().listExecutions(query);
    }

    private static String quoted(String text) {
        return text.replace("'", "''");
    }

    /** {@code whole} is the history of the newest run; of the others the start is enough. */
    private ObjectNode document(WorkflowExecutionMetadata found, String job, @Nullable RunHistory whole) {
        RunResult result = RunResult.of(connection, lookup.stub(found), found, connection.taskQueue(), whole != null);
        RunHistory history = whole == null ? RunHistory.start(connection, found.getExecution()) : whole;
        return RunDocument.json(found, job, result, history, whole != null);
    }

    private static ObjectNode get(Future<ObjectNode> asked) {
        try {
            return asked.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            throw CliException.interrupted("interrupted");
        }
    }

    private Optional<StoredSchedule> schedule(String name) {
        try {
            return StoredSchedule.find(connection, JobNames.scheduleId(name))
                    .filter(each -> each.jobName().equals(name));
        } catch (StatusRuntimeException | ScheduleException e) {
            if (Status.fromThrowable(e).getCode() == Status.Code.UNIMPLEMENTED) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static ObjectNode schedule(StoredSchedule stored) {
        List<Instant> times = stored.description().getInfo().getNextActionTimes();
        Set<Duration> periods = new LinkedHashSet<>();
        for (int i = 1; i < times.size(); i++) {
            periods.add(Duration.between(times.get(i - 1), times.get(i)));
        }
        return new ScheduleView(stored)
                .json()
                .put(
                        "periodSeconds",
                        periods.stream()
                                .min(Comparator.naturalOrder())
                                .orElse(Duration.ZERO)
                                .toSeconds());
    }

    @Override
    public void close() {
        requests.shutdownNow();
    }
}
