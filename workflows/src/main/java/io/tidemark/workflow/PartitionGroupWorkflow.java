package io.tidemark.workflow;

import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.SignalMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import io.tidemark.run.RunSummary;

/**
 * Processes some slices of a run, as a child of {@link BatchRunWorkflow}. It keeps the histories of a run over
 * thousands of partitions readable.
 */
@WorkflowInterface
public interface PartitionGroupWorkflow {
    /** The workflow type. */
    String TYPE = "KafkaBatchPartitions";

    /**
     * Processes every partition of the group as far as possible. Completes even if partitions fail; the result names
     * them.
     *
     * @return the sums over the partitions of this group only
     */
    @WorkflowMethod(name = TYPE)
    RunSummary run(SliceGroup group);

    /** Returns the progress of these partitions. */
    @QueryMethod(name = "status", description = "Totals, and each partition's numbers")
    RunSummary status();

    /** Receives what was asked of the run from its body. */
    @SignalMethod(name = "orders", description = "Sent by the run's body")
    void orders(RunOrders orders);
}
