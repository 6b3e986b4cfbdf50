package io.tidemark.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowException;
import io.temporal.client.WorkflowExecutionDescription;
import io.temporal.client.WorkflowExecutionMetadata;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowStub;
import io.tidemark.job.JobNames;
import io.tidemark.run.RunSummary;
import io.tidemark.workflow.KafkaBatchWorkflow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints the last run of a job, found by its fixed workflow id; without a job, lists the runs. */
@Command(
        name = "status",
        description = "Show the progress of a job's run, or the result of its last run. Without a job, list the runs.",
        sortOptions = false)
final class StatusCommand implements Callable<Integer> {
    /** Differs from every run id: run ids are UUIDs. */
    private static final String LAST = "last";

    @Parameters(index = "0", arity = "0..1", paramLabel = "JOB", description = "Job file or name of the job.")
    private @Nullable String job;

    @Option(
            names = "--run",
            arity = "0..1",
            fallbackValue = LAST,
            paramLabel = "RUN",
            description =
                    "Show how many offsets of the job's last run were folded, dead-lettered, skipped, invisible and"
                            + " lost; with a run id, those of that run.")
    private @Nullable String run;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "20",
            description = "Maximum number of runs to list. Default: ${DEFAULT-VALUE}.")
    private int limit = 20;

    @Mixin
    private TemporalOptions temporal = new TemporalOptions();

    @Mixin
    private PrintOptions print = new PrintOptions();

    @Override
    public Integer call() {
        String name = job == null
                ? null
                : JobFile.ifFile(job).map(file -> file.job().name()).orElse(job);
        try (TemporalConnection connection = temporal.connect()) {
            if (name == null && run != null) {
                throw CliException.usage("--run shows a run of one job; name the job: ./tidemark status JOB --run");
            } else if (name == null) {
                list(connection);
            } else {
                show(connection, name);
            }
            return ExitCode.DONE;
        }
    }

    private void show(TemporalConnection connection, String name) {
        WorkflowStub body = connection
                .client()
                .newUntypedWorkflowStub(
                        JobNames.workflowId(name),
                        Optional.ofNullable(run).filter(each -> !each.equals(LAST)),
                        Optional.empty());
        WorkflowExecutionDescription described;
        try {
            described = body.describe();
        } catch (WorkflowNotFoundException e) {
            throw CliException.failed("no run " + (run == null || run.equals(LAST) ? "" : run + " ") + "of " + name
                    + " is known at " + connection.address() + "; start one with ./tidemark run");
        }
        boolean running = described.getStatus() == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING;
        Optional<RunSummary> summary = RunProbe.query(body);
        String error = null;
        if (!running) {
            try {
                RunSummary result = body.getResult(RunSummary.class);
                // The result is final. A run that failed has no result; its summary comes from the query.
                summary = Optional.of(result);
            } catch (WorkflowException e) {
                error = Failures.ofWorkflow(e);
            }
        }
        String startedBy = described.getParentExecution() == null
                ? ""
                : described.getParentExecution().getWorkflowId();
        if (print.json()) {
            ObjectNode json = JsonNodeFactory.instance
                    .objectNode()
                    .put("workflowId", JobNames.workflowId(name))
                    .put("startedBy", startedBy)
                    .put("state", text(described.getStatus()));
            json.putPOJO("summary", summary.orElse(null));
            if (error != null) {
                json.put("error", error);
            }
            print.printer().json(json);
            return;
        }
        print.printer()
                .line(JobNames.workflowId(name) + " is " + text(described.getStatus()) + ", started "
                        + Texts.time(described.getStartTime()) + (startedBy.isEmpty() ? "" : " by " + startedBy));
        if (summary.isPresent()) {
            if (run == null) {
                SummaryView.print(print.printer(), summary.get(), Instant.now());
            } else {
                SummaryView.printAccount(print.printer(), summary.get(), Instant.now());
            }
        } else if (running) {
            print.note("no worker answers, so the progress is unknown; start a worker with ./tidemark worker");
        }
        if (error != null) {
            print.printer().line("failed: " + error);
        }
    }

    private void list(TemporalConnection connection) {
        List<WorkflowExecutionMetadata> runs;
        try (Stream<WorkflowExecutionMetadata> found =
                connection.client().listExecutions("WorkflowType = '" + KafkaBatchWorkflow.TYPE + "'")) {
            runs = found.limit(limit).toList();
        }
        if (print.json()) {
            for (WorkflowExecutionMetadata run : runs) {
                print.printer()
                        .json(JsonNodeFactory.instance
                                .objectNode()
                                .put("workflowId", run.getExecution().getWorkflowId())
                                .put("runId", run.getExecution().getRunId())
                                .put("state", text(run.getStatus()))
                                .put("started", run.getStartTime().toString())
                                .put("ended", ended(run).map(Instant::toString).orElse(null)));
            }
        } else if (runs.isEmpty()) {
            print.printer().line("no runs at " + connection.address() + "; start one with ./tidemark run JOB");
        } else {
            print.printer()
                    .table(
                            List.of("workflow", "state", "started", "took"),
                            runs.stream()
                                    .map(run -> List.of(
                                            run.getExecution().getWorkflowId(),
                                            text(run.getStatus()),
                                            Texts.time(run.getStartTime()),
                                            ended(run)
                                                    .map(end ->
                                                            Texts.duration(Duration.between(run.getStartTime(), end)))
                                                    .orElse("")))
                                    .toList());
        }
    }

    /** The SDK returns 1970-01-01 for a run that has not ended. */
    private static Optional<Instant> ended(WorkflowExecutionMetadata run) {
        return Optional.ofNullable(run.getCloseTime()).filter(time -> time.getEpochSecond() > 0);
    }

    /** {@code running}, {@code completed}, {@code timed out}. */
    static String text(WorkflowExecutionStatus status) {
        return status.name()
                .replace("WORKFLOW_EXECUTION_STATUS_", "")
                .replace('_', ' ')
                .toLowerCase(Locale.ROOT);
    }
}
