package io.tidemark.cli;

import io.temporal.client.WorkflowOptions;
import io.temporal.client.schedules.Schedule;
import io.temporal.client.schedules.ScheduleActionStartWorkflow;
import io.temporal.client.schedules.SchedulePolicy;
import io.temporal.client.schedules.ScheduleSpec;
import io.tidemark.job.JobNames;
import io.tidemark.job.form.Times;
import io.tidemark.workflow.KafkaBatchWorkflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A schedule file, such as {@code voltage-daily.schedule.yaml}: a job, and when it runs.
 *
 * @param path the file
 * @param settings its fields
 * @param job the job file that it names
 */
record ScheduleFile(Path path, ScheduleSettings settings, JobFile job) {
    private static final String NAMES = ".*\\.schedule\\.(ya?ml|json)";

    /**
     * Reads all schedule files of a folder, without its subfolders.
     *
     * @throws CliException with file, line and field; also if there is no file, or if two are for the same job
     */
    static List<ScheduleFile> readAll(Path folder) {
        List<Path> paths;
        try (Stream<Path> all = Files.list(folder)) {
            paths = all.filter(each -> each.getFileName().toString().matches(NAMES))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw CliException.usage(folder + ": "
                    + (Files.isDirectory(folder)
                            ? "cannot be read"
                            : Files.exists(folder) ? "is not a folder" : "does not exist"));
        }
        if (paths.isEmpty()) {
            throw CliException.usage(folder + ": holds no schedule file; its name must end in .schedule.yaml");
        }
        List<ScheduleFile> files = new ArrayList<>();
        Map<String, Path> byJob = new HashMap<>();
        for (Path each : paths) {
            ScheduleFile file = read(each);
            Path other = byJob.put(file.jobName(), each);
            if (other != null) {
                throw CliException.usage(each + ": job " + file.jobName() + " already has the schedule file " + other
                        + "; write all its times into one file");
            }
            files.add(file);
        }
        return files;
    }

    private static ScheduleFile read(Path path) {
        ScheduleSettings settings = YamlFile.read(path).as(ScheduleSettings::read);
        Path job = path.resolveSibling(settings.job()).normalize();
        if (!Files.exists(job)) {
            throw CliException.usage(path + ": job: there is no file " + job);
        }
        return new ScheduleFile(path, settings, JobFile.read(job, List.of()));
    }

    String jobName() {
        return job.job().name();
    }

    String scheduleId() {
        return JobNames.scheduleId(jobName());
    }

    /** Returns the schedule that the file asks for, not paused. */
    Schedule schedule(TemporalConnection connection) {
        ScheduleSpec spec = ScheduleSpec.newBuilder()
                .setCronExpressions(
                        settings.times().stream().map(CronText::text).toList())
                .setTimeZoneName(Times.text(settings.zone()))
                .setJitter(settings.jitter().isZero() ? null : settings.jitter())
                .build();
        SchedulePolicy policy = SchedulePolicy.newBuilder()
                .setOverlap(settings.overlap().policy())
                .setCatchupWindow(settings.catchUp(Instant.now()))
                .setPauseOnFailure(settings.pauseOnFailure())
                .build();
        return Schedule.newBuilder()
                .setAction(action(connection, job, scheduleId(), settings.runTimeout(), settings.note()))
                .setSpec(spec)
                .setPolicy(policy)
                .build();
    }

    /**
     * Returns what a schedule starts.
     *
     * @param runTimeout the run timeout, or null for the job's default
     * @param note a text that the details of each run show; may be empty
     */
    static ScheduleActionStartWorkflow action(
            TemporalConnection connection,
            JobFile file,
            String scheduleId,
            @Nullable Duration runTimeout,
            String note) {
        // The SDK cannot read a schedule back that has a summary without details.
        WorkflowOptions options = connection
                .startOptions(file.job(), file.job().name() + "-run", runTimeout)
                .setStaticDetails(details(scheduleId) + (note.isEmpty() ? "" : "\n\n" + note))
                .build();
        return ScheduleActionStartWorkflow.newBuilder()
                .setWorkflowType(KafkaBatchWorkflow.TYPE)
                .setArguments(file.json())
                .setOptions(options)
                .build();
    }

    /** Returns the first paragraph of the details. The note follows it. */
    static String details(String scheduleId) {
        return "Scheduled by `" + scheduleId + "`.";
    }
}
