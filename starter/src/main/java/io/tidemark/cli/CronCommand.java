package io.tidemark.cli;

import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowExecutionMetadata;
import io.temporal.client.WorkflowStub;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.workflow.KafkaBatchWorkflow;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Starts a cron workflow, which Temporal repeats by a cron expression. */
@Command(
        name = "cron",
        description =
                "Start a cron workflow that runs a job repeatedly. Prefer schedule create: Temporal calls cron deprecated.",
        sortOptions = false)
final class CronCommand implements Callable<Integer> {
    @Mixin
    private JobOptions job = new JobOptions();

    @Parameters(
            index = "1",
            paramLabel = "CRON",
            description =
                    "When to run: five cron fields, a name such as @daily, or @every 90m. In UTC, unless it begins"
                            + " with CRON_TZ=zone.")
    @SuppressWarnings("NullAway.Init")
    private String cron;

    @Mixin
    private PrintOptions print = new PrintOptions();

    @Option(names = "--id", paramLabel = "ID", description = "Workflow id. Default: <job>-cron.")
    private @Nullable String id;

    @Option(
            names = "--run-timeout",
            paramLabel = "PERIOD",
            converter = Durations.class,
            description = "Time after which Temporal ends each run. Default: limits.time and 2 minutes.")
    private @Nullable Duration runTimeout;

    @Mixin
    private TemporalOptions temporal = new TemporalOptions();

    @Override
    public Integer call() {
        JobFile file = job.read();
        CronText when = CronText.parse(cron);
        String workflowId = id != null ? id : file.job().name() + "-cron";
        try (TemporalConnection connection = temporal.connect()) {
            RunLookup lookup = new RunLookup(connection);
            if (id == null) {
                requireNoneOfVersion01(connection, lookup, file.job());
            }
            // The run timeout bounds each run; an execution timeout would end the whole chain.
            WorkflowStub run = connection
                    .client()
                    .newUntypedWorkflowStub(
                            KafkaBatchWorkflow.TYPE,
                            connection
                                    .startOptions(file.job(), workflowId, runTimeout)
                                    .setCronSchedule(when.text())
                                    .build());
            WorkflowExecution execution = RunCommand.start(run, file, null, workflowId, connection);
            Optional<Instant> next = lookup.describe(workflowId, execution.getRunId())
                    .map(WorkflowExecutionMetadata::getExecutionTime)
                    .filter(time -> time.isAfter(Instant.now()))
                    // The in-memory server does not say.
                    .or(() -> when.next(Instant.now(), when.zone()));
            if (print.json()) {
                print.printer()
                        .json(RunCommand.started(execution)
                                .put("job", file.job().name())
                                .put("cron", cron)
                                .put("next", next.map(Instant::toString).orElse(null)));
            } else {
                print.printer()
                        .line("started " + workflowId + "; it runs next at "
                                + next.map(time -> Texts.time(time, when.zone()))
                                        .orElse("never")
                                + ". End it with ./tidemark cancel " + workflowId);
            }
            if (when.restrictsBothDays()) {
                print.note(
                        "note: '" + cron + "' restricts the day of the month and the day of the week. A cron workflow"
                                + " runs on days that match either; ./tidemark schedule only on days that match both");
            }
            return ExitCode.DONE.code();
        }
    }

    /** A second cron workflow of the same job would start each run twice. */
    private static void requireNoneOfVersion01(TemporalConnection connection, RunLookup lookup, JobSpec job) {
        String old = JobNames.tutorialScheduleId(job.input().topic()) + "-cron";
        lookup.describe(old, null)
                .filter(each -> each.getStatus() == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING)
                .filter(each ->
                        new RunHistory(connection, each.getExecution()).job().equals(job.name()))
                .ifPresent(each -> {
                    throw CliException.busy("the job " + job.name() + " already has the cron workflow " + old
                            + ", with the id that version 0.1 gave it. Keep it, or end it first with ./tidemark cancel "
                            + old);
                });
    }
}
