package io.tidemark.workflow;

import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.workflow.Async;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInfo;
import org.jspecify.annotations.Nullable;

/**
 * Tells how far a run is: in the Web UI at once, which costs nothing, and to the parent in some ten steps, each of which
 * is a signal in two histories.
 */
final class RunProgress implements SliceListener {
    private static final int STEPS = 10;

    private final RunLedger ledger;
    private final @Nullable KafkaBatchWorkflow parent;
    private long told = -1;

    RunProgress(RunLedger ledger) {
        this.ledger = ledger;
        this.parent = parent(Workflow.getInfo());
    }

    /** Something has changed. */
    void tell() {
        show();
        counted();
    }

    @Override
    public void show() {
        Workflow.setCurrentDetails(RunLabels.details(ledger.summary()));
    }

    @Override
    public void counted() {
        long step = ledger.stepsDone(STEPS);
        // The last step is the result itself.
        if (parent != null && step > told && step < STEPS && !Failures.cancelled()) {
            told = step;
            // Nobody waits for it: a parent that has gone must not hold the run up.
            Async.procedure(parent::progress, ledger.summary());
        }
    }

    private static @Nullable KafkaBatchWorkflow parent(WorkflowInfo info) {
        return info.getParentWorkflowId()
                .flatMap(id -> info.getParentRunId()
                        .map(runId -> Workflow.newExternalWorkflowStub(
                                KafkaBatchWorkflow.class,
                                WorkflowExecution.newBuilder()
                                        .setWorkflowId(id)
                                        .setRunId(runId)
                                        .build())))
                .orElse(null);
    }
}
