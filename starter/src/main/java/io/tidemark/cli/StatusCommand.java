package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowException;
import io.temporal.client.WorkflowExecutionDescription;
import io.temporal.client.WorkflowExecutionMetadata;
import io.temporal.client.WorkflowStub;
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
        description = {
            "Show the progress of a job's run, or the result of its last run. Without a job, list the runs.",
            "The exit code is that of the run: 0 if it is in progress or done, else 1, 3 or 5."
        },
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
                    "Show how many offsets of the job's last run were folded, filtered, dead-lettered, skipped, late,"
                            + " invisible and lost; with the workflow id or run id of a run, those of that run.")
    private @Nullable String run;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "20",
            converter = Positive.class,
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
            if (name == null && LAST.equals(run)) {
                throw CliException.usage("--run without an id shows the last run of one job; name the job, or an id");
            } else if (name == null && run == null) {
                list(connection);
                return ExitCode.DONE.code();
            }
            return show(connection, new RunLookup(connection), name).code();
        }
    }

    private WorkflowExecutionDescription find(TemporalConnection connection, RunLookup lookup, @Nullable String name) {
        String id = LAST.equals(run) ? null : run;
        Optional<WorkflowExecutionDescription> found =
                id != null ? lookup.run(id, name) : lookup.last(String.valueOf(name));
        if (found.isEmpty()) {
            throw CliException.failed(
                    "no run " + (id == null ? "" : id + " ") + (name == null ? "" : "of " + name + " ") + "is known at "
                            + connection.address() + "; start one with ./tidemark run");
        }
        String of = lookup.job(found.get());
        if (name != null && !of.equals(name)) {
            throw CliException.failed(id + " is a run of the job " + of + ", not of " + name);
        }
        return found.get();
    }

    private ExitCode show(TemporalConnection connection, RunLookup lookup, @Nullable String name) {
        WorkflowExecutionDescription described = find(connection, lookup, name);
        WorkflowExecution execution = described.getExecution();
        boolean running = described.getStatus() == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING;
        String startedBy = described.getParentExecution() == null
                ? ""
                : described.getParentExecution().getWorkflowId();
        if (!print.json()) {
            // Before the query, which may have to wait for a worker.
            print.printer()
                    .line(execution.getWorkflowId() + " is " + text(described.getStatus()) + ", started "
                            + Texts.time(described.getStartTime()) + (startedBy.isEmpty() ? "" : " by " + startedBy));
        }
        WorkflowStub stub = lookup.stub(described);
        boolean noWorker = running && !connection.mayHaveWorker(described.getTaskQueue());
        Optional<RunSummary> summary = noWorker ? Optional.empty() : RunProbe.query(stub);
        RunFailure failure = null;
        if (!running) {
            try {
                RunSummary result = stub.getResult(RunSummary.class);
                // The result is final. A run that failed has no result; its summary comes from the query.
                summary = Optional.of(result);
            } catch (WorkflowException e) {
                failure = RunFailure.of(e);
            }
        }
        if (print.json()) {
            ObjectNode json = RunCommand.started(execution)
                    .put("job", lookup.job(described))
                    .put("startedBy", startedBy)
                    .put("state", text(described.getStatus()))
                    .put("started", described.getStartTime().toString());
            json.set("summary", summary.<JsonNode>map(SummaryView::json).orElse(NullNode.getInstance()));
            if (failure != null) {
                json.set("error", failure.json());
            }
            print.printer().json(json);
        } else if (summary.isPresent()) {
            boolean cancelled = failure != null && failure.cancelled();
            if (run == null) {
                SummaryView.print(print.printer(), summary.get(), Instant.now(), cancelled);
            } else {
                SummaryView.printAccount(print.printer(), summary.get(), Instant.now(), cancelled);
            }
        } else if (running) {
            print.note((noWorker ? "no worker polls " + described.getTaskQueue() : "no worker answers")
                    + ", so the progress is unknown; start a worker with ./tidemark worker");
        }
        if (failure != null && !failure.cancelled() && !print.json()) {
            print.printer().line("failed: " + failure.text(summary.orElse(null)));
        }
        return failure == null ? ExitCode.DONE : failure.exitCode();
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
                            List.of("workflow", "state", "started", "took", "run id"),
                            runs.stream()
                                    .map(run -> List.of(
                                            run.getExecution().getWorkflowId(),
                                            text(run.getStatus()),
                                            Texts.time(run.getStartTime()),
                                            ended(run)
                                                    .map(end ->
                                                            Texts.duration(Duration.between(run.getStartTime(), end)))
                                                    .orElse(""),
                                            run.getExecution().getRunId()))
                                    .toList());
        }
    }

    /** The SDK returns 1970-01-01 for a run that has not ended. */
    private static Optional<Instant> ended(WorkflowExecutionMetadata run) {
        return Optional.ofNullable(run.getCloseTime()).filter(time -> time.getEpochSecond() > 0);
    }

    /** {@code running}, {@code completed}, {@code cancelled}, {@code timed out}. */
    static String text(WorkflowExecutionStatus status) {
        return status.name()
                .replace("WORKFLOW_EXECUTION_STATUS_", "")
                .replace("CANCELED", "CANCELLED")
                .replace('_', ' ')
                .toLowerCase(Locale.ROOT);
    }
}
