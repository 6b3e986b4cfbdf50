package io.tidemark.workflow;

import io.temporal.workflow.Workflow;
import io.tidemark.run.RunSummary;
import org.jspecify.annotations.Nullable;

/** Processes the slices of one group, a few at once. */
public final class PartitionGroupWorkflowImpl implements PartitionGroupWorkflow {
    private final RunControl control = new RunControl();
    private @Nullable RunLedger ledger;

    @Override
    public RunSummary run(SliceGroup group) {
        RunLedger sums = new RunLedger(group.job(), group.runId(), Workflow.currentTimeMillis());
        ledger = sums;
        sums.planned(group.ranges());
        RunDetails details = RunDetails.ofThisWorkflow();
        if (group.orders() != null) {
            control.hear(group.orders());
        }
        Slices.run(group, sums, () -> details.show(sums.summary()), control);
        return sums.ended(RunSummary.State.DONE, Workflow.currentTimeMillis(), null);
    }

    @Override
    public void orders(RunOrders orders) {
        control.hear(orders);
    }

    @Override
    public RunSummary status() {
        return ledger == null ? RunLedger.nothing() : ledger.summary();
    }
}
