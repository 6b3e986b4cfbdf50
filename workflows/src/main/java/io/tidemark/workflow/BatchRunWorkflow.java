package io.tidemark.workflow;

import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import io.tidemark.job.JobSpec;
import io.tidemark.run.RunSummary;

/**
 * The body of a run, a child of {@link KafkaBatchWorkflow} with the id {@code tidemark-<job>}: plan, slices, commit. The
 * fixed id is what keeps two runs of a job apart, however they were started.
 */
@WorkflowInterface
public interface BatchRunWorkflow {
    /** The workflow type. */
    String TYPE = "KafkaBatchRun";

    /** Runs the job once. */
    @WorkflowMethod(name = TYPE)
    RunSummary run(JobSpec job);

    /** How far the run is. */
    @QueryMethod(name = "status", description = "Totals, and each partition's numbers")
    RunSummary status();
}
