package io.tidemark.workflow;

import io.temporal.api.enums.v1.ParentClosePolicy;
import io.temporal.api.enums.v1.WorkflowIdReusePolicy;
import io.temporal.failure.ChildWorkflowFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.ChildWorkflowCancellationType;
import io.temporal.workflow.ChildWorkflowOptions;
import io.temporal.workflow.Workflow;
import io.tidemark.run.PartitionProblem;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.RunSummary;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A group of slices, which a child workflow of the run processes. */
final class GroupRun implements RunControl.Part {
    private final List<PartitionRange> ranges;
    private boolean ended;
    private @Nullable PartitionGroupWorkflow running;

    GroupRun(List<PartitionRange> ranges) {
        this.ranges = ranges;
    }

    @Override
    public boolean has(int partition) {
        return !ended && ranges.stream().anyMatch(each -> each.partition() == partition);
    }

    @Override
    public void hear(RunOrders orders) {
        if (running != null) {
            // Not awaited: a child that has just ended has nothing to hear.
            Async.procedure(running::orders, orders);
        }
    }

    /** Leaves all partitions to the next run. */
    void leave(String why, RunLedger sums) {
        ended = true;
        ranges.forEach(each -> sums.leave(each, why));
    }

    /** Runs the child workflow, and adds its sums. */
    void run(SliceGroup group, RunLedger sums, RunDetails details) {
        PartitionGroupWorkflow child = Workflow.newChildWorkflowStub(
                PartitionGroupWorkflow.class,
                ChildWorkflowOptions.newBuilder()
                        .setWorkflowId(RunLabels.groupId(group.job(), group.ranges()))
                        .setStaticSummary(RunLabels.groupSummary(group.job(), group.ranges()))
                        // A reset of this workflow starts its children again, under the same ids.
                        .setWorkflowIdReusePolicy(WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE)
                        .setParentClosePolicy(ParentClosePolicy.PARENT_CLOSE_POLICY_TERMINATE)
                        .setCancellationType(ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED)
                        .build());
        running = child;
        try {
            RunSummary end = child.run(group);
            sums.add(end);
            if (end.failed() > 0) {
                details.failedIn(Workflow.getWorkflowExecution(child).get());
            }
        } catch (ChildWorkflowFailure e) {
            if (Failures.cancelled()) {
                throw e;
            }
            details.failedIn(e.getExecution());
            String message = "child workflow " + RunLabels.groupId(group.job(), group.ranges()) + " did not complete: "
                    + Failures.message(e);
            group.ranges()
                    .forEach(range -> sums.failed(new PartitionProblem(range.partition(), Failures.kind(e), message)));
        } finally {
            running = null;
            ended = true;
        }
    }
}
