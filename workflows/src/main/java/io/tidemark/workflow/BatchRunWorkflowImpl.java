package io.tidemark.workflow;

import io.temporal.activity.ActivityOptions;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Workflow;
import io.tidemark.job.JobSpec;
import io.tidemark.job.Stage;
import io.tidemark.run.FailureKind;
import io.tidemark.run.RunPlan;
import io.tidemark.run.RunSummary;
import io.tidemark.run.RunSummary.State;
import io.tidemark.state.PlanIdentity;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Plans a run, processes its slices, and commits the offsets. */
public final class BatchRunWorkflowImpl implements BatchRunWorkflow {
    private @Nullable RunLedger ledger;

    @Override
    public RunSummary run(JobSpec job, long nominal) {
        String runId = Workflow.getInfo().getRunId();
        long startedAt = Workflow.currentTimeMillis();
        RunLedger sums = new RunLedger(job, runId, startedAt);
        ledger = sums;
        RunProgress progress = new RunProgress(sums);
        long time = RunTime.within(
                        Workflow.getInfo().getWorkflowRunTimeout(), job.limits().time())
                .toMillis();
        Duration budget = job.budget().time();
        long budgetEnd = budget == null ? 0 : startedAt + budget.toMillis();
        RunClock clock = new RunClock(job, startedAt + time, budgetEnd, time, false);
        Stages stages = new Stages(job, runId, nominal == 0 ? startedAt : nominal, startedAt + time, time);
        RunPlan plan;
        try {
            plan = stages.plan(job, clock);
        } catch (TemporalFailure e) {
            throw ended(sums, clock, e, "");
        }
        sums.planned(plan);
        String context = "";
        try {
            stages.process(job, plan, clock, sums, progress);
            if (job.stage() == Stage.RECORDS) {
                context = "partial totals are durable, and the next run adds them to the rows: ";
                stages.totals(clock, sums, progress);
            }
            context = "the rows are durable, but the offsets of the consumer group are not published: ";
            commit(ActivityProfiles.commit(job, clock.left(), RunLabels.commit(job)), job, runId, plan.identity());
        } catch (TemporalFailure e) {
            if (Failures.cancelled()) {
                commitAfterCancel(job, runId, plan.identity());
            }
            throw ended(sums, clock, e, context);
        }
        if (sums.failed() > 0) {
            String message = RunLabels.problems(sums.summary());
            RunSummary end = sums.ended(State.FAILED, Workflow.currentTimeMillis(), message);
            Workflow.setCurrentDetails(RunLabels.details(end));
            throw Failures.fatal(FailureKind.PARTITIONS_FAILED.name(), message, end);
        }
        RunSummary end = sums.ended(State.DONE, Workflow.currentTimeMillis(), null);
        Workflow.setCurrentDetails(RunLabels.details(end));
        return end;
    }

    @Override
    public RunSummary status() {
        return ledger == null ? RunLedger.nothing() : ledger.summary();
    }

    private static void commit(ActivityOptions options, JobSpec job, String runId, PlanIdentity identity) {
        activities(options).commitOffsets(job, runId, identity);
    }

    /**
     * Publishes the durable progress after a cancellation. A failure is only logged, because the next run publishes the
     * same offsets.
     */
    private static void commitAfterCancel(JobSpec job, String runId, PlanIdentity identity) {
        Workflow.newDetachedCancellationScope(() -> {
                    try {
                        commit(ActivityProfiles.commitAfterCancel(job, RunLabels.commit(job)), job, runId, identity);
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

    private static TemporalFailure ended(RunLedger sums, RunClock clock, TemporalFailure failure, String context) {
        long now = Workflow.currentTimeMillis();
        if (Failures.cancelled()) {
            Workflow.setCurrentDetails(RunLabels.details(sums.ended(State.FAILED, now, "the run was cancelled")));
            return failure;
        }
        String message = context + clock.message(failure);
        RunSummary end = sums.ended(State.FAILED, now, message);
        Workflow.setCurrentDetails(RunLabels.details(end));
        return Failures.fatal(Failures.kind(failure).name(), message, end);
    }

    static BatchActivities activities(ActivityOptions options) {
        return Workflow.newActivityStub(BatchActivities.class, options);
    }
}
