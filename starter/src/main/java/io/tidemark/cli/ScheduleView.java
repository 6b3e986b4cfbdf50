package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowException;
import io.temporal.client.WorkflowStub;
import io.temporal.client.WorkflowTargetOptions;
import io.temporal.client.schedules.ScheduleActionExecutionStartWorkflow;
import io.temporal.client.schedules.ScheduleActionResult;
import io.temporal.client.schedules.ScheduleActionStartWorkflow;
import io.temporal.client.schedules.SchedulePolicy;
import io.temporal.client.schedules.ScheduleState;
import io.tidemark.run.RunSummary;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What {@code schedule describe} and {@code schedule list} print about a schedule. */
final class ScheduleView {
    /** Most recent runs that {@code describe} prints. */
    private static final int RUNS_SHOWN = 5;

    private static final int TIMES_SHOWN = 3;

    private final StoredSchedule stored;
    private final ZoneId zone;

    ScheduleView(StoredSchedule stored) {
        this.stored = stored;
        this.zone = ScheduleTimes.zone(stored.schedule().getSpec());
    }

    boolean paused() {
        ScheduleState state = stored.schedule().getState();
        return state != null && state.isPaused();
    }

    private String note() {
        ScheduleState state = stored.schedule().getState();
        return state == null || state.getNote() == null ? "" : state.getNote();
    }

    /** Returns the next times as the server computes them, also of a paused schedule. */
    private List<Instant> next() {
        return stored.description().getInfo().getNextActionTimes().stream()
                .limit(TIMES_SHOWN)
                .toList();
    }

    /** Returns the owner of the files from which apply created the schedule; null for another schedule. */
    private @Nullable String owner() {
        return stored.description().getMemo(ScheduleSync.OWNER, String.class) instanceof String owner ? owner : null;
    }

    ZoneId zone() {
        return zone;
    }

    String cron() {
        return ScheduleTimes.cron(stored.schedule().getSpec());
    }

    /** Prints the next times, or that a paused schedule has none. */
    void printNext(Printer printer) {
        List<Instant> next = next();
        if (next.isEmpty()) {
            printer.line("  next         never: no date matches");
        } else if (paused()) {
            printer.line("  next         none while it is paused; resumed now, the first would be "
                    + Texts.time(next.get(0), zone));
        } else {
            next.forEach(each -> printer.line("  next         " + Texts.time(each, zone)));
        }
    }

    /** Returns the row of {@code schedule list}. */
    List<String> row() {
        List<Instant> next = next();
        return List.of(
                stored.id(),
                stored.jobName(),
                cron(),
                zone.getId(),
                paused() ? "paused" : next.isEmpty() ? "never" : Texts.time(next.get(0), zone));
    }

    /** Returns what all commands print as JSON: ids, job, times. */
    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("scheduleId", stored.id())
                .put("job", stored.jobName())
                .put("cron", cron())
                .put("timeZone", zone.getId())
                .put("paused", paused());
        ArrayNode next = json.putArray("next");
        if (!paused()) {
            next().forEach(each -> next.add(each.toString()));
        }
        return json;
    }

    /** Returns the job's fields in which the schedule's copy and a job file differ. */
    List<String> differences(JobFile file) {
        JsonNode now = file.json();
        TreeSet<String> names = new TreeSet<>();
        stored.job().fieldNames().forEachRemaining(names::add);
        now.fieldNames().forEachRemaining(names::add);
        return names.stream()
                // As texts: what was parsed has numbers of other Java types.
                .filter(each -> !now.path(each)
                        .toString()
                        .equals(stored.job().path(each).toString()))
                .toList();
    }

    ObjectNode json(TemporalConnection connection, @Nullable JobFile file) {
        ObjectNode json = json().put("note", note());
        if (stored.schedule().getAction() instanceof ScheduleActionStartWorkflow action) {
            json.put(
                    "summary",
                    Optional.ofNullable(action.getOptions().getStaticSummary()).orElse(""));
        }
        json.put("owner", owner());
        SchedulePolicy policy = stored.schedule().getPolicy();
        Duration catchUp = policy == null ? null : policy.getCatchupWindow();
        json.put("catchUpSeconds", catchUp == null ? null : catchUp.toSeconds());
        if (file != null) {
            ArrayNode differs = json.putArray("differsFromFile");
            differences(file).forEach(differs::add);
        }
        json.put("runs", stored.description().getInfo().getNumActions());
        json.put("skippedOverlap", stored.description().getInfo().getNumActionsSkippedOverlap());
        json.put("missedCatchUp", stored.description().getInfo().getNumActionsMissedCatchupWindow());
        ArrayNode recent = json.putArray("recent");
        List<ScheduleActionResult> results = stored.description().getInfo().getRecentActions();
        for (ScheduleActionResult each : results.subList(Math.max(0, results.size() - RUNS_SHOWN), results.size())) {
            if (each.getAction() instanceof ScheduleActionExecutionStartWorkflow started) {
                recent.add(run(connection, started)
                        .put("started", each.getStartedAt().toString()));
            }
        }
        return json;
    }

    void print(Printer printer, ObjectNode json, @Nullable JobFile file) {
        printer.line(stored.id() + (paused() ? " is paused: " + note() : ""));
        printer.line("  what         " + json.path("summary").asText());
        printer.line("  job          " + stored.jobName()
                + ", a copy: after a change of the job file run ./tidemark schedule create again");
        if (file != null && !json.path("differsFromFile").isEmpty()) {
            printer.line("  differs      from " + file.path() + " in " + String.join(", ", differences(file))
                    + "; to use the file, run ./tidemark schedule create " + file.path());
        }
        printer.line("  cron         " + cron() + " in " + zone);
        if (owner() != null) {
            printer.line("  owner        " + owner() + ": created from a file by ./tidemark schedule apply");
        }
        JsonNode catchUp = json.path("catchUpSeconds");
        printer.line("  catch-up     "
                + (catchUp.isNull() ? "the server's default" : Texts.duration(Duration.ofSeconds(catchUp.asLong()))));
        printer.line("  runs         " + json.path("runs").asLong() + " started, "
                + json.path("skippedOverlap").asLong() + " skipped because the previous run was active, "
                + json.path("missedCatchUp").asLong() + " missed");
        printNext(printer);
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode each : json.path("recent")) {
            rows.add(List.of(
                    Texts.time(Instant.parse(each.path("started").asText()), zone),
                    each.path("workflowId").asText(),
                    each.path("state").asText(),
                    result(each)));
        }
        if (!rows.isEmpty()) {
            printer.line("");
            printer.table(List.of("started", "workflow", "state", "result"), rows);
        }
    }

    private static String result(JsonNode run) {
        return run.has("error")
                ? RunFailure.text(run.path("error"))
                : run.has("records")
                        ? Texts.count(run.path("records").asLong(), "record") + ", "
                                + Texts.count(run.path("rows").asLong(), "row")
                        : "";
    }

    private static ObjectNode run(TemporalConnection connection, ScheduleActionExecutionStartWorkflow started) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("workflowId", started.getWorkflowId())
                .put("runId", started.getFirstExecutionRunId());
        WorkflowStub run = connection
                .client()
                .newUntypedWorkflowStub(WorkflowTargetOptions.newBuilder()
                        .setWorkflowId(started.getWorkflowId())
                        .setRunId(started.getFirstExecutionRunId())
                        .build());
        try {
            WorkflowExecutionStatus status = run.describe().getStatus();
            json.put("state", StatusCommand.text(status));
            if (status != WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING) {
                RunSummary summary = run.getResult(RunSummary.class);
                json.put("records", summary.counts().folded()).put("rows", summary.rows());
            }
        } catch (WorkflowException e) {
            json.set("error", RunFailure.of(e).json());
        }
        return json;
    }
}
