package io.tidemark.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.SignalMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import io.tidemark.run.RunSummary;
import org.jspecify.annotations.Nullable;

/**
 * The workflow that a person, a schedule or cron starts, under any workflow id. It reads the job and starts the body of
 * the run ({@link BatchRunWorkflow}) as a child, under an id that only one run of a job can hold.
 */
@WorkflowInterface
public interface KafkaBatchWorkflow extends ControlledRun {
    /** The workflow type. */
    String TYPE = "KafkaBatch";

    /** The default task queue of the workers. */
    String TASK_QUEUE = "kafka-batch";

    /**
     * The field of the memo with which the command line says that it has accepted the job. A worker that refuses such a
     * job is of an older release than the command line.
     */
    String ACCEPTED = "tidemark.accepted";

    /**
     * Runs a job once, up to the end that its input has when the run is planned.
     *
     * @param job the job as JSON; see {@link io.tidemark.job.JobCodec}
     * @param at the nominal time of the run in ISO 8601, such as {@code 2026-11-28T02:30:00Z}; null, or missing, for the
     *     time at which the run starts. A run of a schedule has the time of the schedule, whatever this says
     * @return the summary of the run
     */
    @WorkflowMethod(name = TYPE)
    RunSummary run(JsonNode job, @Nullable String at);

    /** Returns the progress of the run. */
    @QueryMethod(name = "status", description = "Totals, and each partition's numbers")
    RunSummary status();

    /** Receives the progress of the run from its body. */
    @SignalMethod(name = "progress", description = "Sent by the run's body")
    void progress(RunSummary summary);
}
