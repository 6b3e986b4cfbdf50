package io.tidemark.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.enums.v1.ScheduleOverlapPolicy;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.client.WorkflowTargetOptions;
import io.temporal.client.schedules.Schedule;
import io.temporal.client.schedules.ScheduleActionExecutionStartWorkflow;
import io.temporal.client.schedules.ScheduleActionResult;
import io.temporal.client.schedules.ScheduleActionStartWorkflow;
import io.temporal.client.schedules.ScheduleAlreadyRunningException;
import io.temporal.client.schedules.ScheduleDescription;
import io.temporal.client.schedules.ScheduleException;
import io.temporal.client.schedules.ScheduleHandle;
import io.temporal.client.schedules.ScheduleOptions;
import io.temporal.client.schedules.SchedulePolicy;
import io.temporal.client.schedules.ScheduleSpec;
import io.temporal.client.schedules.ScheduleState;
import io.temporal.client.schedules.ScheduleUpdate;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.run.RunSummary;
import io.tidemark.workflow.KafkaBatchWorkflow;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Creates, shows, pauses, triggers and deletes the schedule of a job. */
@Command(
        name = "schedule",
        description = "Create and control the Temporal schedule of a job.",
        synopsisSubcommandLabel = "COMMAND")
final class ScheduleCommand {
    /** Most recent runs that {@code describe} prints. */
    private static final int RUNS_SHOWN = 5;

    @Command(
            name = "create",
            description = "Create the schedule of a job, or update it. A paused schedule stays paused.",
            sortOptions = false)
    int create(
            @Mixin JobOptions job,
            @Option(
                            names = "--id",
                            paramLabel = "ID",
                            description = "Schedule id. Default: <input topic>_batch_processor.")
                    @Nullable
                    String id,
            @Option(
                            names = "--cron",
                            paramLabel = "CRON",
                            defaultValue = "@daily",
                            description =
                                    "When to run: five cron fields, a name such as @daily, or @every 90m. Default:"
                                            + " ${DEFAULT-VALUE}.")
                    String cron,
            @Option(
                            names = "--time-zone",
                            paramLabel = "ZONE",
                            defaultValue = "UTC",
                            description = "Time zone of --cron. Default: ${DEFAULT-VALUE}.")
                    String timeZone,
            @Option(
                            names = "--catch-up",
                            paramLabel = "PERIOD",
                            converter = Durations.class,
                            description = "How late a missed run may still start. Default: one period of --cron.")
                    @Nullable
                    Duration catchUp,
            @Option(names = "--pause-on-failure", description = "Pause the schedule when a run fails.")
                    boolean pauseOnFailure,
            @Option(
                            names = "--run-timeout",
                            paramLabel = "PERIOD",
                            converter = Durations.class,
                            description =
                                    "Time after which Temporal ends each run. Default: limits.time and 2 minutes.")
                    @Nullable
                    Duration runTimeout,
            @Option(names = "--paused", description = "Create the schedule paused, or pause it.") boolean paused,
            @Mixin TemporalOptions temporal,
            @Mixin PrintOptions print) {
        JobFile file = job.read();
        JobSpec spec = file.job();
        CronText when = CronText.parse(cron);
        ZoneId zone = CronText.zone(timeZone);
        if (cron.contains("TZ=")) {
            throw CliException.usage("'" + cron + "': give the zone with --time-zone");
        }
        Duration late = catchUp != null ? catchUp : when.period(Instant.now(), zone);
        String scheduleId = id != null ? id : JobNames.scheduleId(spec.input().topic());
        try (TemporalConnection connection = temporal.connect()) {
            // The SDK cannot read a schedule back that has a summary without details.
            WorkflowOptions options = connection
                    .startOptions(spec, spec.name() + "-run", runTimeout)
                    .setStaticDetails("Scheduled by `" + scheduleId + "`: `" + cron + "` in " + zone + ".")
                    .build();
            Schedule.Builder schedule = Schedule.newBuilder()
                    .setAction(ScheduleActionStartWorkflow.newBuilder()
                            .setWorkflowType(KafkaBatchWorkflow.TYPE)
                            .setArguments(file.json())
                            .setOptions(options)
                            .build())
                    .setSpec(ScheduleSpec.newBuilder()
                            .setCronExpressions(List.of(cron))
                            .setTimeZoneName(zone.getId())
                            .build())
                    .setPolicy(SchedulePolicy.newBuilder()
                            .setOverlap(ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_SKIP)
                            .setCatchupWindow(late)
                            .setPauseOnFailure(pauseOnFailure)
                            .build());
            boolean created = createOrUpdate(connection, scheduleId, schedule, paused);
            String next = when.next(Instant.now(), zone).map(Texts::time).orElse("never");
            if (print.json()) {
                print.printer()
                        .json(JsonNodeFactory.instance
                                .objectNode()
                                .put("scheduleId", scheduleId)
                                .put("created", created)
                                .put("next", next));
            } else {
                print.printer()
                        .line((created ? "created " : "updated ") + scheduleId + ": " + cron + " in " + zone
                                + ", next at " + next);
            }
            return ExitCode.DONE;
        }
    }

    private static boolean createOrUpdate(
            TemporalConnection connection, String scheduleId, Schedule.Builder schedule, boolean paused) {
        ScheduleState created = ScheduleState.newBuilder()
                .setPaused(paused)
                .setNote(paused ? "created paused" : "")
                .build();
        try {
            connection
                    .schedules()
                    .createSchedule(
                            scheduleId,
                            schedule.setState(created).build(),
                            ScheduleOptions.newBuilder().build());
            return true;
        } catch (ScheduleAlreadyRunningException e) {
            // A paused schedule stays paused: the reason may still hold.
            connection.schedules().getHandle(scheduleId).update(input -> {
                ScheduleState state = input.getDescription().getSchedule().getState();
                boolean pause = paused && (state == null || !state.isPaused());
                return new ScheduleUpdate(schedule.setState(pause || state == null ? created : state)
                        .build());
            });
            return false;
        }
    }

    @Command(name = "describe", description = "Show the next times of a schedule and the results of its last runs.")
    int describe(@Mixin ScheduleId id, @Mixin TemporalOptions temporal, @Mixin PrintOptions print) {
        String scheduleId = id.read();
        try (TemporalConnection connection = temporal.connect()) {
            ObjectNode described = describe(connection, scheduleId);
            if (print.json()) {
                print.printer().json(described);
                return ExitCode.DONE;
            }
            Printer printer = print.printer();
            printer.line(scheduleId
                    + (described.path("paused").asBoolean()
                            ? " is paused: " + described.path("note").asText()
                            : ""));
            printer.line("  what         " + described.path("summary").asText());
            printer.line("  catch-up     " + described.path("catchUp").asText());
            printer.line("  runs         " + described.path("runs").asLong() + " started, "
                    + described.path("skippedOverlap").asLong() + " skipped because the previous run was active, "
                    + described.path("missedCatchUp").asLong() + " missed");
            described.path("next").forEach(each -> printer.line("  next         " + each.asText()));
            if (!described.path("recent").isEmpty()) {
                printer.line("");
                printer.table(
                        List.of("started", "workflow", "state", "result"),
                        StreamSupport.stream(described.path("recent").spliterator(), false)
                                .map(each -> List.of(
                                        each.path("started").asText(),
                                        each.path("workflowId").asText(),
                                        each.path("state").asText(),
                                        each.path("result").asText()))
                                .toList());
            }
            return ExitCode.DONE;
        }
    }

    private static ObjectNode describe(TemporalConnection connection, String scheduleId) {
        ScheduleDescription description = known(
                scheduleId, () -> connection.schedules().getHandle(scheduleId).describe());
        Schedule schedule = description.getSchedule();
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("scheduleId", scheduleId);
        ScheduleState state = schedule.getState();
        json.put("paused", state != null && state.isPaused());
        json.put("note", state == null || state.getNote() == null ? "" : state.getNote());
        if (schedule.getAction() instanceof ScheduleActionStartWorkflow action) {
            json.put(
                    "summary",
                    Optional.ofNullable(action.getOptions().getStaticSummary()).orElse(""));
        }
        SchedulePolicy policy = schedule.getPolicy();
        json.put(
                "catchUp",
                policy == null || policy.getCatchupWindow() == null ? "" : Texts.duration(policy.getCatchupWindow()));
        json.put("runs", description.getInfo().getNumActions());
        json.put("skippedOverlap", description.getInfo().getNumActionsSkippedOverlap());
        json.put("missedCatchUp", description.getInfo().getNumActionsMissedCatchupWindow());
        ArrayNode next = json.putArray("next");
        description.getInfo().getNextActionTimes().stream()
                .limit(3)
                .map(Texts::time)
                .forEach(next::add);
        ArrayNode recent = json.putArray("recent");
        List<ScheduleActionResult> results = description.getInfo().getRecentActions();
        for (ScheduleActionResult each : results.subList(Math.max(0, results.size() - RUNS_SHOWN), results.size())) {
            if (each.getAction() instanceof ScheduleActionExecutionStartWorkflow started) {
                recent.add(run(connection, started).put("started", Texts.time(each.getStartedAt())));
            }
        }
        return json;
    }

    private static ObjectNode run(TemporalConnection connection, ScheduleActionExecutionStartWorkflow started) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("workflowId", started.getWorkflowId());
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
                json.put(
                        "result",
                        Texts.count(summary.counts().folded(), "record") + ", " + Texts.count(summary.rows(), "row"));
            }
        } catch (WorkflowException e) {
            json.put("result", Failures.ofWorkflow(e));
        }
        return json;
    }

    @Command(name = "trigger", description = "Start a run now, besides the scheduled ones.")
    int trigger(@Mixin ScheduleId id, @Mixin TemporalOptions temporal, @Mixin PrintOptions print) {
        return change(id, temporal, print, "triggered", ScheduleHandle::trigger);
    }

    @Command(name = "pause", description = "Pause the schedule: it starts no runs until it is resumed.")
    int pause(
            @Mixin ScheduleId id,
            @Option(
                            names = "--note",
                            paramLabel = "TEXT",
                            description = "Reason, shown by describe. Default: ${DEFAULT-VALUE}.",
                            defaultValue = "paused by hand")
                    String note,
            @Mixin TemporalOptions temporal,
            @Mixin PrintOptions print) {
        return change(id, temporal, print, "paused", handle -> handle.pause(note));
    }

    @Command(name = "resume", description = "Resume a paused schedule.")
    int resume(
            @Mixin ScheduleId id,
            @Option(
                            names = "--note",
                            paramLabel = "TEXT",
                            description = "Reason, shown by describe. Default: ${DEFAULT-VALUE}.",
                            defaultValue = "resumed by hand")
                    String note,
            @Mixin TemporalOptions temporal,
            @Mixin PrintOptions print) {
        return change(id, temporal, print, "resumed", handle -> handle.unpause(note));
    }

    @Command(name = "delete", description = "Delete the schedule. Its runs, rows and offsets stay.")
    int delete(@Mixin ScheduleId id, @Mixin TemporalOptions temporal, @Mixin PrintOptions print) {
        return change(id, temporal, print, "deleted", ScheduleHandle::delete);
    }

    private static int change(
            ScheduleId id, TemporalOptions temporal, PrintOptions print, String done, Consumer<ScheduleHandle> change) {
        String scheduleId = id.read();
        try (TemporalConnection connection = temporal.connect()) {
            known(scheduleId, () -> {
                change.accept(connection.schedules().getHandle(scheduleId));
                return scheduleId;
            });
        }
        if (print.json()) {
            print.printer()
                    .json(JsonNodeFactory.instance
                            .objectNode()
                            .put("scheduleId", scheduleId)
                            .put("done", done));
        } else {
            print.printer().line(done + " " + scheduleId);
        }
        return ExitCode.DONE;
    }

    private static <T> T known(String scheduleId, Supplier<T> call) {
        try {
            return call.get();
        } catch (ScheduleException e) {
            if (e.getCause() instanceof StatusRuntimeException rpc
                    && rpc.getStatus().getCode() == Status.Code.NOT_FOUND) {
                throw CliException.failed(
                        "there is no schedule " + scheduleId + "; create it with ./tidemark schedule create JOB");
            }
            throw e;
        }
    }

    /** The schedule that a command is about. */
    static final class ScheduleId {
        @Parameters(index = "0", paramLabel = "JOB|ID", description = "Job file or schedule id.")
        @SuppressWarnings("NullAway.Init")
        private String text;

        String read() {
            return JobFile.ifFile(text)
                    .map(file -> JobNames.scheduleId(file.job().input().topic()))
                    .orElse(text);
        }
    }
}
