package io.tidemark.workflow;

import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import io.tidemark.run.RunSummary;

/**
 * Some slices of a run, a child of {@link BatchRunWorkflow}: what keeps the history of a run over thousands of
 * partitions readable.
 */
@WorkflowInterface
public interface PartitionGroupWorkflow {
    /** The workflow type. */
    String TYPE = "KafkaBatchPartitions";

    /**
     * Takes every partition of the group as far as it goes. Ends well where some fail, too.
     *
     * @return the sums of these partitions alone
     */
    @WorkflowMethod(name = TYPE)
    RunSummary run(SliceGroup group);

    /** How far these partitions are. */
    @QueryMethod(name = "status", description = "Totals, and each partition's numbers")
    RunSummary status();
}
