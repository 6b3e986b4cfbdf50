package io.tidemark.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowExecutionDescription;
import io.temporal.client.WorkflowExecutionMetadata;
import io.tidemark.workflow.KafkaBatchWorkflow;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Cancels the run of a job, or a workflow that starts runs. */
@Command(
        name = "cancel",
        description = {
            "Cancel the run of a job that is in progress. What is durable stays; the next run continues from there."
                    + " What was read but not yet written is read again; finish writes it first.",
            "With the id of a cron workflow, end its chain of runs."
        },
        sortOptions = false)
final class CancelCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "JOB|ID", description = "Job file, name of the job, or workflow id of a run.")
    @SuppressWarnings("NullAway.Init")
    private String argument;

    @Mixin
    private TemporalOptions temporal = new TemporalOptions();

    @Mixin
    private PrintOptions print = new PrintOptions();

    @Override
    public Integer call() {
        String name = JobFile.nameOf(argument);
        try (TemporalConnection connection = temporal.connect()) {
            RunLookup lookup = new RunLookup(connection);
            WorkflowExecutionMetadata workflow = lookup.last(name)
                    .filter(CancelCommand::isRunning)
                    .map(body -> ofRun(connection, lookup, body))
                    .or(() -> lookup.describe(argument, null)
                            .filter(each -> each.getWorkflowType().equals(KafkaBatchWorkflow.TYPE))
                            .filter(CancelCommand::isRunning))
                    .orElseThrow(() -> CliException.failed("no run of " + name + " is in progress at "
                            + connection.address() + "; see all runs with ./tidemark status"));
            boolean waits =
                    workflow.getWorkflowType().equals(KafkaBatchWorkflow.TYPE) && isIdleCron(connection, workflow);
            if (waits) {
                // A cancellation would be noticed only at the next time of the cron expression.
                lookup.stub(workflow).terminate("ended by ./tidemark cancel");
            } else {
                lookup.stub(workflow).cancel();
            }
            WorkflowExecution execution = workflow.getExecution();
            if (print.json()) {
                print.printer()
                        .json(JsonNodeFactory.instance
                                .objectNode()
                                .put("workflowId", execution.getWorkflowId())
                                .put("runId", execution.getRunId())
                                .put("done", waits ? "terminated" : "cancelling"));
            } else if (waits) {
                print.printer().line("ended " + execution.getWorkflowId() + ", which was waiting for its next time");
            } else {
                print.printer()
                        .line("cancelling " + execution.getWorkflowId() + "; see its end with ./tidemark status " + name
                                + ". What is durable stays; the next run continues from there");
            }
            return ExitCode.DONE.code();
        }
    }

    /** Returns the workflow that was started for a run. For a cron workflow the body: cancelling it ends only this run. */
    private static WorkflowExecutionMetadata ofRun(
            TemporalConnection connection, RunLookup lookup, WorkflowExecutionDescription body) {
        return Optional.ofNullable(body.getParentExecution())
                .flatMap(parent -> lookup.describe(parent.getWorkflowId(), parent.getRunId()))
                .filter(CancelCommand::isRunning)
                .filter(parent -> !new RunHistory(connection, parent.getExecution()).isCron())
                .orElse(body);
    }

    private static boolean isIdleCron(TemporalConnection connection, WorkflowExecutionMetadata workflow) {
        RunHistory history = new RunHistory(connection, workflow.getExecution());
        return history.isCron() && history.body().isEmpty();
    }

    private static boolean isRunning(WorkflowExecutionMetadata workflow) {
        return workflow.getStatus() == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING;
    }
}
