package io.tidemark.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowException;
import io.temporal.client.WorkflowExecutionMetadata;
import io.tidemark.job.JobNames;
import io.tidemark.run.RunSummary;
import io.tidemark.workflow.BatchRunWorkflow;
import io.tidemark.workflow.KafkaBatchWorkflow;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints a table of the last runs with their results. */
@Command(
        name = "runs",
        description = {
            "Show the last runs of all jobs, or of one, the newest first: how each ended, how long it took, and what it did.",
            "Runs that were refused before they began are among them."
        },
        sortOptions = false)
final class RunsCommand implements Callable<Integer> {
    private static final String FAILED = " AND ExecutionStatus IN ('Failed', 'TimedOut', 'Terminated')";

    @Parameters(index = "0", arity = "0..1", paramLabel = "JOB", description = "Job file or name of the job.")
    private @Nullable String job;

    @Option(
            names = {"-n", "--limit"},
            paramLabel = "N",
            defaultValue = "20",
            converter = Positive.class,
            description = "Maximum number of runs to show. Default: ${DEFAULT-VALUE}.")
    private int limit = 20;

    @Option(names = "--failed", description = "Show only runs that failed, timed out or were terminated.")
    private boolean failed;

    @Mixin
    private TemporalOptions temporal = new TemporalOptions();

    @Mixin
    private PrintOptions print = new PrintOptions();

    /**
     * A run.
     *
     * @param summary what it did; null while it runs, and for one that has no result
     * @param failure why it did not complete, or null
     */
    private record Run(
            WorkflowExecutionMetadata found,
            String job,
            @Nullable RunSummary summary,
            @Nullable RunFailure failure) {

        /** The SDK returns 1970-01-01 for a run that has not ended. */
        Optional<Instant> ended() {
            return Optional.ofNullable(found.getCloseTime()).filter(time -> time.getEpochSecond() > 0);
        }

        List<String> row() {
            return List.of(
                    Texts.time(found.getStartTime()),
                    job,
                    StatusCommand.text(found.getStatus()),
                    ended().map(end -> Texts.duration(Duration.between(found.getStartTime(), end)))
                            .orElse(""),
                    summary == null ? "" : Texts.number(summary.counts().folded()),
                    summary == null ? "" : Texts.number(summary.counts().bad()),
                    summary == null ? "" : Texts.number(summary.rows()),
                    failure == null || failure.cancelled() ? "" : failure.kind(),
                    found.getExecution().getRunId());
        }

        ObjectNode json() {
            ObjectNode json = JsonNodeFactory.instance
                    .objectNode()
                    .put("job", job)
                    .put("workflowId", found.getExecution().getWorkflowId())
                    .put("runId", found.getExecution().getRunId())
                    .put("state", StatusCommand.text(found.getStatus()))
                    .put("started", found.getStartTime().toString())
                    .put("ended", ended().map(Instant::toString).orElse(null))
                    .put("records", summary == null ? null : summary.counts().folded())
                    .put("bad", summary == null ? null : summary.counts().bad())
                    .put("rows", summary == null ? null : summary.rows());
            if (failure != null) {
                json.set("error", failure.json());
            }
            return json;
        }
    }

    @Override
    public Integer call() {
        String name = job == null ? null : JobFile.nameOf(job);
        try (TemporalConnection connection = temporal.connect()) {
            RunLookup lookup = new RunLookup(connection);
            List<Run> runs = find(connection, name)
                    .map(each -> run(connection, lookup, each))
                    .filter(each -> name == null || each.job().equals(name))
                    .limit(limit)
                    .toList();
            if (print.json()) {
                runs.forEach(each -> print.printer().json(each.json()));
            } else if (runs.isEmpty()) {
                print.printer()
                        .line("no " + (failed ? "failed " : "") + "runs " + (name == null ? "" : "of " + name + " ")
                                + "at " + connection.address());
            } else {
                print.printer()
                        .table(
                                List.of(
                                        "started", "job", "state", "took", "records", "bad", "rows", "failure",
                                        "run id"),
                                runs.stream().map(Run::row).toList());
            }
            return ExitCode.DONE.code();
        }
    }

    /** Returns the bodies of runs, and the started workflows that failed without one, the newest first. */
    private Stream<WorkflowExecutionMetadata> find(TemporalConnection connection, @Nullable String name) {
        List<WorkflowExecutionMetadata> bodies = list(
                connection,
                "WorkflowType = '" + BatchRunWorkflow.TYPE + "'"
                        + (name == null ? "" : " AND WorkflowId = '" + quoted(JobNames.workflowId(name)) + "'")
                        + (failed ? FAILED : ""));
        Set<String> withBody = bodies.stream()
                .map(WorkflowExecutionMetadata::getParentExecution)
                .filter(each -> each != null)
                .map(WorkflowExecution::getRunId)
                .collect(Collectors.toSet());
        // The workflow ids of commands and schedules begin with the job's name.
        List<WorkflowExecutionMetadata> refused = list(
                connection,
                "WorkflowType = '" + KafkaBatchWorkflow.TYPE + "'"
                        + (name == null ? "" : " AND WorkflowId STARTS_WITH '" + quoted(name) + "-'") + FAILED);
        return Stream.concat(
                        bodies.stream(),
                        refused.stream()
                                .filter(each ->
                                        !withBody.contains(each.getExecution().getRunId())))
                .sorted(Comparator.comparing(WorkflowExecutionMetadata::getStartTime)
                        .reversed());
    }

    private List<WorkflowExecutionMetadata> list(TemporalConnection connection, String query) {
        try (Stream<WorkflowExecutionMetadata> found = connection.client().listExecutions(query)) {
            return found.limit(limit).toList();
        }
    }

    private static String quoted(String text) {
        return text.replace("'", "''");
    }

    private static Run run(TemporalConnection connection, RunLookup lookup, WorkflowExecutionMetadata found) {
        String job = found.getWorkflowType().equals(BatchRunWorkflow.TYPE)
                ? JobNames.jobOf(found.getExecution().getWorkflowId())
                : new RunHistory(connection, found.getExecution()).job();
        if (found.getStatus() == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING) {
            return new Run(found, job, null, null);
        }
        try {
            return new Run(found, job, lookup.stub(found).getResult(RunSummary.class), null);
        } catch (WorkflowException e) {
            return new Run(found, job, null, RunFailure.of(e));
        }
    }
}
