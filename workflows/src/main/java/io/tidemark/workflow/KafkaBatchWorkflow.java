package io.tidemark.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.SignalMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import io.tidemark.run.RunSummary;

/**
 * What a person, a schedule or cron starts, under any workflow id. It reads the job and has the run's body
 * ({@link BatchRunWorkflow}) do the work under an id that only one run of a job can hold.
 */
@WorkflowInterface
public interface KafkaBatchWorkflow {
    /** The workflow type. */
    String TYPE = "KafkaBatch";

    /** The task queue that workers poll unless told otherwise. */
    String TASK_QUEUE = "kafka-batch";

    /**
     * Runs a job to the end that its input has now.
     *
     * @param job the job as JSON; see {@link io.tidemark.job.JobCodec}
     * @return what was done
     */
    @WorkflowMethod(name = TYPE)
    RunSummary run(JsonNode job);

    /** How far the run is. */
    @QueryMethod(name = "status", description = "Totals, and each partition's numbers")
    RunSummary status();

    /** The run's body tells how far it is. */
    @SignalMethod(name = "progress", description = "Sent by the run's body")
    void progress(RunSummary summary);
}
