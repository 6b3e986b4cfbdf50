package io.tidemark.workflow;

import io.temporal.activity.ActivityOptions;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Workflow;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.job.Stage;
import io.tidemark.run.CommitResult;
import io.tidemark.run.FailureKind;
import io.tidemark.run.RunPlan;
import io.tidemark.run.RunSummary;
import io.tidemark.run.RunSummary.State;
import io.tidemark.state.PlanIdentity;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Plans a run, processes its slices, and commits the offsets. */
public final class BatchRunWorkflowImpl implements BatchRunWorkflow {
    private final RunControl control = new RunControl();
    private final RunDetails details = RunDetails.ofThisWorkflow();
    private @Nullable RunLedger ledger;

    @Override
    public RunSummary run(JobSpec job, long nominal) {
        String runId = Workflow.getInfo().getRunId();
        long startedAt = Workflow.currentTimeMillis();
        RunLedger sums = new RunLedger(job, runId, startedAt);
        ledger = sums;
        RunAttributes attributes = RunAttributes.ofNamespace();
        try {
            RunSummary end = run(job, nominal, runId, startedAt, sums, attributes);
            attributes.done(end);
            return end;
        } catch (TemporalFailure e) {
            attributes.failed(sums.summary());
            throw e;
        }
    }

    private RunSummary run(
            JobSpec job, long nominal, String runId, long startedAt, RunLedger sums, RunAttributes attributes) {
        RunProgress progress = new RunProgress(sums, details);
        long time = RunTime.within(
                        Workflow.getInfo().getWorkflowRunTimeout(), job.limits().time())
                .toMillis();
        Duration budget = job.budget().time();
        long budgetEnd = budget == null ? 0 : startedAt + budget.toMillis();
        RunClock clock = new RunClock(job, startedAt + time, budgetEnd, time, false, control);
        Stages stages = new Stages(job, runId, nominal == 0 ? startedAt : nominal, startedAt + time, time, details);
        RunPlan plan;
        try {
            plan = stages.plan(job, clock);
        } catch (TemporalFailure e) {
            throw ended(sums, clock, e, "");
        }
        sums.planned(plan);
        attributes.planned(sums.summary());
        String context = "";
        try {
            stages.process(job, plan.identity(), plan.ranges(), clock, sums, progress, control);
            control.over();
            if (job.stage() == Stage.RECORDS) {
                context = "partial totals are durable, and the next run adds them to the rows: ";
                stages.totals(clock, sums, progress);
            }
            if (plan.published() != null && sums.nothingToDo()) {
                sums.stateSize(plan.published());
            } else {
                context = "the rows are durable, but the offsets of the consumer group are not published: ";
                CommitResult committed = commit(
                        ActivityProfiles.commit(job, clock.left(), RunLabels.commit(job)), job, runId, plan.identity());
                sums.stateSize(committed.stateSize());
            }
        } catch (TemporalFailure e) {
            if (Failures.cancelled()) {
                commitAfterCancel(job, runId, plan.identity(), sums);
            }
            throw ended(sums, clock, e, context);
        }
        if (sums.failed() > 0) {
            String message = RunLabels.problems(sums.summary());
            RunSummary end = sums.ended(State.FAILED, Workflow.currentTimeMillis(), message);
            details.show(end);
            throw Failures.fatal(FailureKind.PARTITIONS_FAILED.name(), message, end);
        }
        RunSummary end = sums.ended(State.DONE, Workflow.currentTimeMillis(), null);
        details.show(end);
        return end;
    }

    @Override
    public RunSummary status() {
        return ledger == null ? RunLedger.nothing() : ledger.summary();
    }

    @Override
    public void orders(RunOrders orders) {
        control.hear(orders);
    }

    @Override
    public void mayFinish() {
        control.requireWork(job());
    }

    @Override
    public String finish() {
        control.hear(RunOrders.toFinish());
        return RunControl.finishes(job());
    }

    @Override
    public void maySkip(int partition) {
        control.requirePartition(job(), partition);
    }

    @Override
    public String skip(int partition) {
        control.hear(RunOrders.toSkip(partition));
        return RunControl.skips(job(), partition);
    }

    @Override
    public void mayParallel(int slices) {
        control.requireSlices(job(), slices);
    }

    @Override
    public String parallel(int slices) {
        control.hear(RunOrders.toTake(slices));
        return RunControl.takes(job(), slices);
    }

    private static String job() {
        return JobNames.jobOf(Workflow.getInfo().getWorkflowId());
    }

    private static CommitResult commit(ActivityOptions options, JobSpec job, String runId, PlanIdentity identity) {
        return activities(options).commitOffsets(job, runId, identity);
    }

    /**
     * Publishes the durable progress after a cancellation. A failure is only logged, because the next run publishes the
     * same offsets.
     */
    private static void commitAfterCancel(JobSpec job, String runId, PlanIdentity identity, RunLedger sums) {
        Workflow.newDetachedCancellationScope(() -> {
                    try {
                        CommitResult committed = commit(
                                ActivityProfiles.commitAfterCancel(job, RunLabels.commit(job)), job, runId, identity);
                        sums.stateSize(committed.stateSize());
                    } catch (ActivityFailure e) {
                        Workflow.getLogger(BatchRunWorkflowImpl.class)
                                .atWarn()
                                .addKeyValue("job", job.name())
                                .addKeyValue("reason", Failures.message(e))
                                .log("offsets not published after cancellation; the next run publishes them");
                    }
                })
                .run();
    }

    private TemporalFailure ended(RunLedger sums, RunClock clock, TemporalFailure failure, String context) {
        long now = Workflow.currentTimeMillis();
        if (Failures.cancelled()) {
            details.show(sums.ended(State.FAILED, now, "the run was cancelled"));
            return failure;
        }
        String message = context + clock.message(failure);
        RunSummary end = sums.ended(State.FAILED, now, message);
        details.show(end);
        return Failures.fatal(Failures.kind(failure).name(), message, end);
    }

    static BatchActivities activities(ActivityOptions options) {
        return Workflow.newActivityStub(BatchActivities.class, options);
    }
}
