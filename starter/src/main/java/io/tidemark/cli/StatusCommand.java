package io.tidemark.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowExecutionDescription;
import io.temporal.client.WorkflowExecutionMetadata;
import io.tidemark.run.RunSummary;
import io.tidemark.workflow.KafkaBatchWorkflow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
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
                            + " invisible and lost, bad records by reason, and the size of the stored totals; with the"
                            + " workflow id or run id of a run, those of that run.")
    private @Nullable String run;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "20",
            converter = Positive.class,
            description = "Maximum number of runs to list. Default: ${DEFAULT-VALUE}.")
    private int limit = 20;

    @Option(
            names = "--watch",
            description = "Show it again every 2 s until Ctrl-C; where standard output is not a terminal, or with"
                    + " --json, only when it has changed.")
    private boolean watch;

    @Mixin
    private TemporalOptions temporal = new TemporalOptions();

    @Mixin
    private PrintOptions print = new PrintOptions();

    @Override
    public Integer call() {
        String name = job == null ? null : JobFile.nameOf(job);
        if (name == null && LAST.equals(run)) {
            throw CliException.usage("--run without an id shows the last run of one job; name the job, or an id");
        }
        try (TemporalConnection connection = temporal.connect()) {
            if (watch) {
                return new Repetition(print, connection.address())
                        .show(printer -> look(connection, name, printer, printer::line));
            }
            return look(connection, name, print.printer(), print::note);
        }
    }

    private int look(TemporalConnection connection, @Nullable String name, Printer printer, Consumer<String> note) {
        if (name == null && run == null) {
            list(connection, printer);
            return ExitCode.DONE.code();
        }
        return show(connection, new RunLookup(connection), name, printer, note).code();
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

    private ExitCode show(
            TemporalConnection connection,
            RunLookup lookup,
            @Nullable String name,
            Printer printer,
            Consumer<String> note) {
        WorkflowExecutionDescription described = find(connection, lookup, name);
        WorkflowExecution execution = described.getExecution();
        boolean running = described.getStatus() == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING;
        if (!print.json()) {
            WorkflowExecution parent = described.getParentExecution();
            // Before the query, which may have to wait for a worker.
            printer.line(execution.getWorkflowId() + " is " + text(described.getStatus()) + ", started "
                    + Texts.time(described.getStartTime()) + (parent == null ? "" : " by " + parent.getWorkflowId()));
        }
        RunResult result = RunResult.of(connection, lookup.stub(described), described, described.getTaskQueue(), true);
        RunSummary summary = result.summary();
        RunFailure failure = result.failure();
        if (print.json()) {
            printer.json(RunDocument.json(
                    described, lookup.job(described), result, new RunHistory(connection, execution), true));
        } else if (summary != null) {
            boolean cancelled = failure != null && failure.cancelled();
            if (run == null) {
                SummaryView.print(printer, summary, Instant.now(), cancelled);
            } else {
                SummaryView.printAccount(printer, summary, Instant.now(), cancelled);
            }
        } else if (running) {
            note.accept((result.noWorker() ? "no worker polls " + described.getTaskQueue() : "no worker answers")
                    + ", so the progress is unknown; start a worker with ./tidemark worker");
        }
        if (failure != null && !failure.cancelled() && !print.json()) {
            printer.line("failed: " + failure.text(summary));
        }
        return failure == null ? ExitCode.DONE : failure.exitCode();
    }

    private void list(TemporalConnection connection, Printer printer) {
        List<WorkflowExecutionMetadata> runs;
        try (Stream<WorkflowExecutionMetadata> found =
                connection.client().listExecutions("WorkflowType = '" + KafkaBatchWorkflow.TYPE + "'")) {
            runs = found.limit(limit).toList();
        }
        if (print.json()) {
            for (WorkflowExecutionMetadata run : runs) {
                printer.json(JsonNodeFactory.instance
                        .objectNode()
                        .put("workflowId", run.getExecution().getWorkflowId())
                        .put("runId", run.getExecution().getRunId())
                        .put("state", text(run.getStatus()))
                        .put("started", run.getStartTime().toString())
                        .put(
                                "ended",
                                RunDocument.ended(run).map(Instant::toString).orElse(null)));
            }
        } else if (runs.isEmpty()) {
            printer.line("no runs at " + connection.address() + "; start one with ./tidemark run JOB");
        } else {
            printer.table(
                    List.of("workflow", "state", "started", "took", "run id"),
                    runs.stream()
                            .map(run -> List.of(
                                    run.getExecution().getWorkflowId(),
                                    text(run.getStatus()),
                                    Texts.time(run.getStartTime()),
                                    RunDocument.ended(run)
                                            .map(end -> Texts.duration(Duration.between(run.getStartTime(), end)))
                                            .orElse(""),
                                    run.getExecution().getRunId()))
                            .toList());
        }
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
