package io.tidemark.cli;

import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.client.WorkflowStub;
import io.tidemark.job.JobNames;
import io.tidemark.workflow.KafkaBatchWorkflow;
import java.time.Duration;
import java.time.Instant;
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

    @Option(
            names = "--id",
            paramLabel = "ID",
            description = "Workflow id. Default: <input topic>_batch_processor-cron.")
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
        String workflowId =
                id != null ? id : JobNames.scheduleId(file.job().input().topic()) + "-cron";
        try (TemporalConnection connection = temporal.connect()) {
            // The run timeout bounds each run; an execution timeout would end the whole chain.
            WorkflowStub run = connection
                    .client()
                    .newUntypedWorkflowStub(
                            KafkaBatchWorkflow.TYPE,
                            connection
                                    .startOptions(file.job(), workflowId, runTimeout)
                                    .setCronSchedule(when.text())
                                    .build());
            WorkflowExecution execution = RunCommand.start(run, file, workflowId, connection);
            String next = when.next(Instant.now(), when.zone()).map(Texts::time).orElse("never");
            if (print.json()) {
                print.printer()
                        .json(RunCommand.started(execution).put("cron", cron).put("next", next));
            } else {
                print.printer()
                        .line("started " + workflowId + "; it runs next at " + next
                                + ". End it with: temporal workflow terminate --workflow-id " + workflowId);
            }
            return ExitCode.DONE;
        }
    }
}
