package io.tidemark.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.client.WorkflowStub;
import io.tidemark.workflow.KafkaBatchWorkflow;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Starts a run and shows its progress until it ends. */
@Command(
        name = "run",
        description = "Run a job once, now, up to the end of its input, and show its progress.",
        sortOptions = false)
final class RunCommand implements Callable<Integer> {
    private static final DateTimeFormatter IN_IDS =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

    @Mixin
    private JobOptions job = new JobOptions();

    @Option(names = "--detach", description = "Start the run and return without waiting for its end.")
    private boolean detach;

    @Option(names = "--id", paramLabel = "ID", description = "Workflow id. Default: <job>-run-<time>.")
    private @Nullable String id;

    @Option(
            names = "--at",
            paramLabel = "TIME",
            description = "Nominal time of the run, such as 2026-11-28T02:30:00Z; not in the future. Windows close, and"
                    + " input.until: nominal ends, by this time. Default: now.")
    private @Nullable OffsetDateTime at;

    @Option(
            names = "--run-timeout",
            paramLabel = "PERIOD",
            converter = Durations.class,
            description = "Time after which Temporal ends the run. Default: limits.time and 2 minutes.")
    private @Nullable Duration runTimeout;

    @Mixin
    private TemporalOptions temporal = new TemporalOptions();

    @Mixin
    private PrintOptions print = new PrintOptions();

    @Override
    public Integer call() {
        JobFile file = job.read();
        if (at != null) {
            notInTheFuture(at, Instant.now());
        }
        String workflowId = id != null ? id : file.job().name() + "-run-" + IN_IDS.format(Instant.now());
        try (TemporalConnection connection = temporal.connect()) {
            WorkflowStub run = connection
                    .client()
                    .newUntypedWorkflowStub(
                            KafkaBatchWorkflow.TYPE,
                            connection
                                    .startOptions(file.job(), workflowId, runTimeout)
                                    .build());
            WorkflowExecution execution = start(run, file, at, workflowId, connection);
            if (!detach) {
                return new RunWatch(connection, run, file.job(), print).toTheEnd();
            }
            if (print.json()) {
                print.printer().json(started(execution));
            } else {
                print.printer()
                        .line("started " + workflowId + "; see it with ./tidemark status "
                                + file.job().name());
            }
            return ExitCode.DONE.code();
        }
    }

    /** Returns a nominal time that was given, unless it has not come yet. */
    static Instant notInTheFuture(OffsetDateTime at, Instant now) {
        if (at.toInstant().isAfter(now)) {
            throw CliException.usage("--at " + at
                    + " is in the future: the run would close windows for records that are" + " still to come");
        }
        return at.toInstant();
    }

    /**
     * Starts a run.
     *
     * @param at its nominal time, or null for the time at which it starts
     */
    static WorkflowExecution start(
            WorkflowStub run,
            JobFile file,
            @Nullable OffsetDateTime at,
            String workflowId,
            TemporalConnection connection) {
        try {
            return at == null ? run.start(file.json()) : run.start(file.json(), at.toString());
        } catch (WorkflowExecutionAlreadyStarted e) {
            throw CliException.busy("a workflow with the id " + workflowId + " is already running at "
                    + connection.address() + "; wait until it ends, cancel it with ./tidemark cancel " + workflowId
                    + ", or choose another id with --id");
        }
    }

    static ObjectNode started(WorkflowExecution execution) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("workflowId", execution.getWorkflowId())
                .put("runId", execution.getRunId());
    }
}
