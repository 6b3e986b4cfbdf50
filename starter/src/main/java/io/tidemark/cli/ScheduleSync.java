package io.tidemark.cli;

import io.temporal.client.schedules.Schedule;
import io.temporal.client.schedules.ScheduleListDescription;
import io.temporal.client.schedules.ScheduleOptions;
import io.temporal.client.schedules.ScheduleState;
import io.temporal.client.schedules.ScheduleUpdate;
import io.tidemark.cli.ScheduleChange.Action;
import io.tidemark.cli.ScheduleChange.Difference;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Compares the schedules of a Temporal namespace with schedule files, and makes them equal. */
final class ScheduleSync {
    /** The memo of a schedule that {@code apply} created: the owner. Only such a schedule is ever deleted. */
    private static final String OWNER = "tidemark-schedule-owner";

    private final TemporalConnection connection;
    private final String owner;

    ScheduleSync(TemporalConnection connection, String owner) {
        this.connection = connection;
        this.owner = owner;
    }

    /**
     * Returns the change of each file's schedule, and then of schedules without a file.
     *
     * @param prune whether schedules without a file are deleted
     * @throws CliException if a schedule id belongs to another job
     */
    List<ScheduleChange> compare(List<ScheduleFile> files, boolean prune) {
        List<ScheduleChange> changes = new ArrayList<>();
        Set<String> kept = new HashSet<>();
        for (ScheduleFile each : files) {
            changes.add(compare(each));
            kept.add(each.scheduleId());
        }
        if (prune) {
            try (Stream<ScheduleListDescription> all = connection.schedules().listSchedules()) {
                all.filter(ScheduleCommand::startsRuns)
                        .filter(each -> owner.equals(owner(each)) && !kept.contains(each.getScheduleId()))
                        .flatMap(each -> StoredSchedule.find(connection, each.getScheduleId()).stream())
                        .map(each -> new ScheduleChange(Action.DELETE, each.id(), each.jobName(), null, List.of()))
                        .forEach(changes::add);
            }
        }
        return changes;
    }

    private static @Nullable Object owner(ScheduleListDescription listed) {
        return listed.getMemo(OWNER, String.class);
    }

    private ScheduleChange compare(ScheduleFile file) {
        StoredSchedule.ofVersion01(connection, file.job().job()).ifPresent(old -> {
            throw CliException.failed("the job " + file.jobName() + " already has the schedule " + old.id()
                    + ", with the id that version 0.1 gave it, so nothing was changed. Delete it first with"
                    + " ./tidemark schedule delete " + old.id());
        });
        Map<String, String> wanted =
                ScheduleFacts.of(file.schedule(connection), file.job().json());
        StoredSchedule stored =
                StoredSchedule.find(connection, file.scheduleId()).orElse(null);
        List<Difference> differences;
        if (stored == null) {
            differences = ScheduleChange.differences(Map.of(), withPause(wanted, isTrue(file.settings().paused())));
        } else {
            stored.requireJob(file.jobName());
            boolean paused = isPaused(stored.schedule());
            Boolean pause = file.settings().paused();
            differences = ScheduleChange.differences(
                    withPause(ScheduleFacts.of(stored.schedule(), stored.job()), paused),
                    withPause(wanted, pause == null ? paused : pause));
        }
        Action action = stored == null ? Action.CREATE : differences.isEmpty() ? Action.NONE : Action.UPDATE;
        return new ScheduleChange(action, file.scheduleId(), file.jobName(), file, differences);
    }

    private static Map<String, String> withPause(Map<String, String> facts, boolean paused) {
        Map<String, String> all = new TreeMap<>(facts);
        all.put("paused", String.valueOf(paused));
        return all;
    }

    /** Makes one change. What is in the schedule meanwhile is replaced, except its running state. */
    void apply(ScheduleChange change) {
        ScheduleFile file = change.file();
        if (change.action() == Action.DELETE) {
            connection.schedules().getHandle(change.scheduleId()).delete();
        } else if (change.action() == Action.CREATE && file != null) {
            boolean paused = isTrue(file.settings().paused());
            connection
                    .schedules()
                    .createSchedule(
                            file.scheduleId(),
                            Schedule.newBuilder(file.schedule(connection))
                                    .setState(paused ? pausedBy(file) : ScheduleState.newBuilder().build())
                                    .build(),
                            ScheduleOptions.newBuilder()
                                    .setMemo(Map.of(OWNER, owner))
                                    .build());
        } else if (change.action() == Action.UPDATE && file != null) {
            connection.schedules().getHandle(file.scheduleId()).update(input -> {
                StoredSchedule stored = StoredSchedule.of(input.getDescription());
                stored.requireJob(file.jobName());
                return new ScheduleUpdate(Schedule.newBuilder(file.schedule(connection))
                        .setState(state(file, stored.schedule()))
                        .build());
            });
        }
    }

    /** A person's pause, its note and a limit of runs stay, unless the file says something else about the pause. */
    private static @Nullable ScheduleState state(ScheduleFile file, Schedule stored) {
        ScheduleState old = stored.getState();
        Boolean paused = file.settings().paused();
        if (paused == null || paused == isPaused(stored)) {
            return old;
        } else if (old == null) {
            return pausedBy(file);
        }
        return ScheduleState.newBuilder(old)
                .setPaused(paused)
                .setNote((paused ? "paused by " : "resumed by ") + file.path().getFileName())
                .build();
    }

    private static ScheduleState pausedBy(ScheduleFile file) {
        return ScheduleState.newBuilder()
                .setPaused(true)
                .setNote("paused by " + file.path().getFileName())
                .build();
    }

    private static boolean isPaused(Schedule schedule) {
        return schedule.getState() != null && schedule.getState().isPaused();
    }

    private static boolean isTrue(@Nullable Boolean flag) {
        return flag != null && flag;
    }
}
