package io.tidemark.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temporal.api.enums.v1.ScheduleOverlapPolicy;
import io.temporal.client.schedules.Schedule;
import io.temporal.client.schedules.ScheduleAlreadyRunningException;
import io.temporal.client.schedules.ScheduleHandle;
import io.temporal.client.schedules.ScheduleListActionStartWorkflow;
import io.temporal.client.schedules.ScheduleListDescription;
import io.temporal.client.schedules.ScheduleOptions;
import io.temporal.client.schedules.SchedulePolicy;
import io.temporal.client.schedules.ScheduleSpec;
import io.temporal.client.schedules.ScheduleState;
import io.temporal.client.schedules.ScheduleUpdate;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.workflow.KafkaBatchWorkflow;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Creates, shows, pauses, triggers and deletes the schedule of a job. */
@Command(
        name = "schedule",
        description = "Create and control the Temporal schedule of a job.",
        subcommands = {ScheduleApplyCommand.class, ScheduleDiffCommand.class},
        synopsisSubcommandLabel = "COMMAND")
final class ScheduleCommand {
    private static final String DEFAULT_CRON = "@daily";

    @Command(
            name = "create",
            description = {
                "Create the schedule of a job, or update it. A paused schedule stays paused.",
                "The schedule holds a copy of the job. After a change of the job file, run this command again. Without --cron"
                        + " it then keeps its times."
            },
            sortOptions = false)
    int create(
            @Mixin JobOptions job,
            @Option(names = "--id", paramLabel = "ID", description = "Schedule id. Default: tidemark-<job>.") @Nullable
                    String id,
            @Option(
                            names = "--cron",
                            paramLabel = "CRON",
                            description =
                                    "When to run: five cron fields, a name such as @daily, or @every 90m. Days must match"
                                            + " both the day of the month and the day of the week. Default: @daily.")
                    @Nullable
                    String cron,
            @Option(names = "--time-zone", paramLabel = "ZONE", description = "Time zone of --cron. Default: UTC.")
                    @Nullable
                    String timeZone,
            @Option(
                            names = "--catch-up",
                            paramLabel = "PERIOD",
                            converter = Durations.class,
                            description =
                                    "How late a missed run may still start. Default: the longest time between two runs.")
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
        CronText when = CronText.parse(cron == null ? DEFAULT_CRON : cron);
        ZoneId zone = CronText.zone(timeZone == null ? "UTC" : timeZone);
        if (when.namesZone()) {
            throw CliException.usage("'" + cron + "': give the zone with --time-zone");
        }
        String scheduleId = id != null ? id : JobNames.scheduleId(spec.name());
        try (TemporalConnection connection = temporal.connect()) {
            if (id == null) {
                requireNoneOfVersion01(connection, file);
            }
            Schedule.Builder schedule = Schedule.newBuilder()
                    .setAction(ScheduleFile.action(connection, file, scheduleId, runTimeout, ""))
                    .setSpec(ScheduleSpec.newBuilder()
                            .setCronExpressions(List.of(when.text()))
                            .setTimeZoneName(zone.getId())
                            .build())
                    .setPolicy(SchedulePolicy.newBuilder()
                            .setOverlap(ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_SKIP)
                            .setCatchupWindow(catchUp != null ? catchUp : when.longestPause(Instant.now()))
                            .setPauseOnFailure(pauseOnFailure)
                            .build());
            boolean created = create(
                    connection, scheduleId, schedule.setState(state(paused)).build());
            if (!created) {
                update(connection, scheduleId, spec.name(), schedule.build(), cron, timeZone, catchUp);
            }
            ScheduleView view = new ScheduleView(StoredSchedule.of(
                    connection.schedules().getHandle(scheduleId).describe()));
            if (print.json()) {
                print.printer().json(view.json().put("created", created));
            } else {
                print.printer()
                        .line((created ? "created " : "updated ") + scheduleId + ": "
                                + (cron != null ? cron : created ? DEFAULT_CRON : view.cron()) + " in " + view.zone());
                view.printNext(print.printer());
            }
            if (when.restrictsBothDays()) {
                print.note("note: '" + cron
                        + "' restricts the day of the month and the day of the week. A schedule runs only"
                        + " on days that match both; Unix cron, and ./tidemark cron, also run on days that match one");
            }
            return ExitCode.DONE.code();
        }
    }

    /** A second schedule of the same job would start each run twice. */
    private static void requireNoneOfVersion01(TemporalConnection connection, JobFile file) {
        StoredSchedule.ofVersion01(connection, file.job()).ifPresent(old -> {
            throw CliException.failed("the job " + file.job().name() + " already has the schedule " + old.id()
                    + ", with the id that version 0.1 gave it. To update it, add --id " + old.id()
                    + "; to replace it by " + JobNames.scheduleId(file.job().name())
                    + ", run ./tidemark schedule delete " + old.id() + " first");
        });
    }

    private static boolean create(TemporalConnection connection, String scheduleId, Schedule schedule) {
        try {
            connection
                    .schedules()
                    .createSchedule(
                            scheduleId, schedule, ScheduleOptions.newBuilder().build());
            return true;
        } catch (ScheduleAlreadyRunningException e) {
            return false;
        }
    }

    private static void update(
            TemporalConnection connection,
            String scheduleId,
            String job,
            Schedule schedule,
            @Nullable String cron,
            @Nullable String timeZone,
            @Nullable Duration catchUp) {
        connection.schedules().getHandle(scheduleId).update(input -> {
            StoredSchedule stored = StoredSchedule.of(input.getDescription());
            stored.requireJob(job);
            Schedule.Builder updated = Schedule.newBuilder(schedule);
            if (cron == null && timeZone != null) {
                throw CliException.usage("schedule " + scheduleId + " exists: give --cron together with --time-zone");
            } else if (cron == null) {
                updated.setSpec(stored.schedule().getSpec());
                SchedulePolicy old = stored.schedule().getPolicy();
                if (catchUp == null && old != null && old.getCatchupWindow() != null) {
                    updated.setPolicy(SchedulePolicy.newBuilder(Objects.requireNonNull(schedule.getPolicy()))
                            .setCatchupWindow(old.getCatchupWindow())
                            .build());
                }
            }
            // A paused schedule stays paused: the reason may still hold.
            ScheduleState state = stored.schedule().getState();
            if (state != null && (state.isPaused() || !isPaused(schedule))) {
                updated.setState(state);
            }
            return new ScheduleUpdate(updated.build());
        });
    }

    private static ScheduleState state(boolean paused) {
        return ScheduleState.newBuilder()
                .setPaused(paused)
                .setNote(paused ? "created paused" : "")
                .build();
    }

    private static boolean isPaused(Schedule schedule) {
        return schedule.getState() != null && schedule.getState().isPaused();
    }

    @Command(name = "list", description = "List the schedules of all jobs, with their next times.")
    int list(
            @Option(
                            names = "--limit",
                            paramLabel = "N",
                            defaultValue = "100",
                            converter = Positive.class,
                            description = "Maximum number of schedules to list. Default: ${DEFAULT-VALUE}.")
                    int limit,
            @Mixin TemporalOptions temporal,
            @Mixin PrintOptions print) {
        try (TemporalConnection connection = temporal.connect();
                Stream<ScheduleListDescription> all = connection.schedules().listSchedules()) {
            // The list of the server has no jobs.
            List<ScheduleView> found = all.filter(ScheduleCommand::startsRuns)
                    .map(each -> StoredSchedule.find(connection, each.getScheduleId()))
                    .flatMap(Optional::stream)
                    .limit(limit)
                    .map(ScheduleView::new)
                    .toList();
            if (print.json()) {
                found.forEach(each -> print.printer().json(each.json()));
            } else if (found.isEmpty()) {
                print.printer()
                        .line("no schedules at " + connection.address()
                                + "; create one with ./tidemark schedule create JOB");
            } else {
                print.printer()
                        .table(
                                List.of("schedule", "job", "cron", "zone", "next"),
                                found.stream().map(ScheduleView::row).toList());
            }
            return ExitCode.DONE.code();
        }
    }

    static boolean startsRuns(ScheduleListDescription listed) {
        return listed.getSchedule() != null
                && listed.getSchedule().getAction() instanceof ScheduleListActionStartWorkflow action
                && action.getWorkflow().equals(KafkaBatchWorkflow.TYPE);
    }

    @Command(
            name = "describe",
            description = {
                "Show the times of a schedule and the results of its last runs.",
                "A schedule holds a copy of the job. With a job file, describe also shows the fields in which they differ."
            })
    int describe(@Mixin ScheduleId id, @Mixin TemporalOptions temporal, @Mixin PrintOptions print) {
        try (TemporalConnection connection = temporal.connect()) {
            JobFile file = JobFile.ifFile(id.text()).orElse(null);
            ScheduleView view = new ScheduleView(id.find(connection));
            ObjectNode described = view.json(connection, file);
            if (print.json()) {
                print.printer().json(described);
            } else {
                view.print(print.printer(), described, file);
            }
            return ExitCode.DONE.code();
        }
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
        StoredSchedule stored;
        try (TemporalConnection connection = temporal.connect()) {
            stored = id.find(connection);
            change.accept(connection.schedules().getHandle(stored.id()));
        }
        if (print.json()) {
            print.printer()
                    .json(JsonNodeFactory.instance
                            .objectNode()
                            .put("scheduleId", stored.id())
                            .put("job", stored.jobName())
                            .put("done", done));
        } else {
            print.printer().line(done + " " + stored.id());
        }
        return ExitCode.DONE.code();
    }

    /** The schedule that a command is about. */
    static final class ScheduleId {
        @Parameters(
                index = "0",
                paramLabel = "JOB|ID",
                description =
                        "Job file, name of the job, or schedule id. A schedule that belongs to another job than the"
                                + " file's is refused.")
        @SuppressWarnings("NullAway.Init")
        private String text;

        String text() {
            return text;
        }

        StoredSchedule find(TemporalConnection connection) {
            return StoredSchedule.named(connection, text);
        }
    }
}
