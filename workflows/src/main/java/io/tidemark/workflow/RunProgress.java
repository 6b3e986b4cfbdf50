package io.tidemark.workflow;

import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.workflow.Async;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInfo;
import org.jspecify.annotations.Nullable;

/**
 * Reports the progress of a run: to the Web UI after each change, which adds no event, and to the parent workflow in at
 * most ten signals, because each signal adds events and a task to two workflows. A run of a second sends only the first one.
 */
final class RunProgress implements SliceListener {
    private static final int STEPS = 10;
    private static final long PAUSE_MILLIS = 1_000;

    private final RunLedger ledger;
    private final RunDetails details;
    private final @Nullable KafkaBatchWorkflow parent;
    private final boolean paced;
    private long told = -1;
    private long toldAt;

    RunProgress(RunLedger ledger, RunDetails details) {
        this.ledger = ledger;
        this.details = details;
        this.parent = parent(Workflow.getInfo());
        this.paced = Workflow.getVersion("paced-progress", Workflow.DEFAULT_VERSION, 1) >= 1;
    }

    /** Reports the progress to both. */
    void tell() {
        show();
        counted();
    }

    @Override
    public void show() {
        details.show(ledger.summary());
    }

    @Override
    public void counted() {
        long step = ledger.stepsDone(STEPS);
        // The result of the run reports the last step.
        if (parent != null && step > told && step < STEPS && !isTooSoon() && !Failures.cancelled()) {
            told = step;
            toldAt = Workflow.currentTimeMillis();
            // Not awaited: a parent that no longer exists must not block the run.
            Async.procedure(parent::progress, ledger.summary());
        }
    }

    private boolean isTooSoon() {
        return paced && told >= 0 && Workflow.currentTimeMillis() - toldAt < PAUSE_MILLIS;
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
