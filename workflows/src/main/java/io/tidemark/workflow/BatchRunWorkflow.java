package io.tidemark.workflow;

import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.SignalMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import io.tidemark.job.JobSpec;
import io.tidemark.run.RunSummary;

/**
 * The body of a run: plan, slices, commit. It is a child of {@link KafkaBatchWorkflow} with the id {@code
 * tidemark-<job>}. Temporal allows one open workflow for each id, so two runs of a job never overlap, however they were
 * started.
 */
@WorkflowInterface
public interface BatchRunWorkflow extends ControlledRun {
    /** The workflow type. */
    String TYPE = "KafkaBatchRun";

    /**
     * Runs the job once.
     *
     * @param nominal the nominal time of the run, in milliseconds since the epoch; 0, or missing, for its start
     */
    @WorkflowMethod(name = TYPE)
    RunSummary run(JobSpec job, long nominal);

    /** Returns the progress of the run. */
    @QueryMethod(name = "status", description = "Totals, and each partition's numbers")
    RunSummary status();

    /** Receives what was asked of the workflow that started this one. */
    @SignalMethod(name = "orders", description = "Sent by the workflow that started the run")
    void orders(RunOrders orders);
}
