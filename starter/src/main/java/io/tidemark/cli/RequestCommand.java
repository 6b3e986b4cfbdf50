package io.tidemark.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowExecutionDescription;
import io.tidemark.workflow.ControlledRun;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** A command that asks a run in progress for something, and prints what the run answers. */
abstract class RequestCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "JOB|ID", description = "Job file, name of the job, or workflow id of a run.")
    @SuppressWarnings("NullAway.Init")
    private String argument;

    @Mixin
    private TemporalOptions temporal = new TemporalOptions();

    @Mixin
    private PrintOptions print = new PrintOptions();

    /** Returns the name of the update. */
    abstract String update();

    /** Returns the arguments of the update. */
    abstract Object[] arguments();

    @Override
    public Integer call() {
        String name = JobFile.nameOf(argument);
        try (TemporalConnection connection = temporal.connect()) {
            RunLookup lookup = new RunLookup(connection);
            WorkflowExecutionDescription run = lookup.last(name)
                    .filter(RequestCommand::isRunning)
                    .or(() -> lookup.run(argument, null).filter(RequestCommand::isRunning))
                    .orElseThrow(() -> CliException.failed("no run of " + name + " is in progress at "
                            + connection.address() + "; see all runs with ./tidemark status"));
            String answer = RunRequests.send(lookup.stub(run), update(), arguments());
            WorkflowExecution execution = run.getExecution();
            if (print.json()) {
                print.printer()
                        .json(JsonNodeFactory.instance
                                .objectNode()
                                .put("workflowId", execution.getWorkflowId())
                                .put("runId", execution.getRunId())
                                .put("done", answer));
            } else {
                print.printer().line(answer);
            }
            return ExitCode.DONE.code();
        }
    }

    private static boolean isRunning(WorkflowExecutionDescription workflow) {
        return workflow.getStatus() == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING;
    }

    /** Ends a run early and successfully. */
    @Command(
            name = "finish",
            description = {
                "Let the run of a job that is in progress end early and well: it starts nothing more, writes and"
                        + " publishes what it has read, and leaves the rest to the next run.",
                "This takes about a minute. cancel stops at once, gives up what was read but not yet written, and the"
                        + " run counts as cancelled."
            },
            sortOptions = false)
    static final class Finish extends RequestCommand {
        @Override
        String update() {
            return ControlledRun.FINISH;
        }

        @Override
        Object[] arguments() {
            return new Object[0];
        }
    }

    /** Leaves a partition to the next run. */
    @Command(
            name = "skip",
            description =
                    "Let the run of a job that is in progress leave one partition of its input to the next run, even"
                            + " if it is being read. The other partitions are not affected.",
            sortOptions = false)
    static final class Skip extends RequestCommand {
        @Parameters(index = "1", paramLabel = "PARTITION", description = "Number of the partition of the input.")
        private int partition;

        @Override
        String update() {
            return ControlledRun.SKIP;
        }

        @Override
        Object[] arguments() {
            return new Object[] {partition};
        }
    }

    /** Changes how many slices are processed at once. */
    @Command(
            name = "parallel",
            description =
                    "Change how many slices the run of a job that is in progress processes at once, in each group of"
                            + " 100 slices: limits.slicesInFlight, for this run only. Transactions that have begun are"
                            + " completed.",
            sortOptions = false)
    static final class Parallel extends RequestCommand {
        @Parameters(index = "1", paramLabel = "SLICES", description = "Slices at once, from 1 to 50.")
        private int slices;

        @Override
        String update() {
            return ControlledRun.PARALLEL;
        }

        @Override
        Object[] arguments() {
            return new Object[] {slices};
        }
    }
}
