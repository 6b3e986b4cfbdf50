package io.tidemark.workflow;

import io.temporal.workflow.Functions;
import io.temporal.workflow.Workflow;
import io.tidemark.job.CloseSpec;
import io.tidemark.job.JobSpec;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.RunPlan;
import io.tidemark.state.PlanIdentity;
import java.util.ArrayList;
import java.util.List;

/**
 * Plans and processes the stages of a run. Most jobs have one. With rows over all partitions there is a second one, whose input
 * is what the first has written.
 *
 * @param job the job of the run
 * @param runId Temporal's run id of the body
 * @param nominal the nominal time of the run, in milliseconds since the epoch
 * @param deadline end of the time of the run, in milliseconds since the epoch
 * @param time how long the run may take, in milliseconds
 * @param details where workflows in which partitions failed are named
 */
record Stages(JobSpec job, String runId, long nominal, long deadline, long time, RunDetails details) {
    /** Slices for each child workflow: keeps its history below about 2,000 events, and the number of children low. */
    static final int SLICES_PER_GROUP = 100;
    /**
     * Partitions for each child workflow, at least one slice: a chain takes about 1.5 KB of history for each of its
     * partitions, and Temporal terminates a workflow at 50 MiB.
     */
    static final int PARTITIONS_PER_GROUP = 10_000;
    /** Child workflows at work at once. Each processes {@code limits.slicesInFlight} slices at once. */
    static final int GROUPS_IN_FLIGHT = 4;

    /** Plans a stage. */
    RunPlan plan(JobSpec stage, RunClock clock) {
        return BatchRunWorkflowImpl.activities(ActivityProfiles.plan(stage, clock.left(), RunLabels.plan(stage)))
                .listPartitions(stage, nominal);
    }

    /** Processes ranges of a stage. */
    void process(
            JobSpec stage,
            PlanIdentity identity,
            List<PartitionRange> ranges,
            RunClock clock,
            RunLedger sums,
            SliceListener listener,
            RunControl control) {
        if (ranges.isEmpty()) {
            return;
        }
        listener.show();
        listener.counted();
        readAndWrite(
                new SliceGroup(
                        stage, runId, identity, ranges, deadline, clock.budgetEnd(), true, time, 1, control.orders()),
                clock,
                sums,
                listener,
                control);
    }

    /**
     * Plans and processes the stage of totals. It has no budget: what the first stage has written must get into the rows, or a
     * run whose budget is always used up would never write one.
     */
    void totals(RunClock clock, RunLedger sums, SliceListener listener) {
        CloseSpec close = job.close();
        if (close != null && close.by() == CloseSpec.By.EVENT_TIME) {
            announce(clock, sums, listener);
        }
        JobSpec stage = job.totals();
        // What was asked of the run concerns its reading, which has ended.
        RunControl nothing = new RunControl();
        RunClock unbudgeted = new RunClock(stage, deadline, 0, time, true, nothing);
        RunPlan plan = plan(stage, unbudgeted);
        RunLedger ofTotals = new RunLedger(stage, runId, Workflow.currentTimeMillis());
        ofTotals.planned(plan);
        sums.totals(ofTotals);
        process(stage, plan.identity(), plan.ranges(), unbudgeted, ofTotals, listener, nothing);
    }

    /**
     * Closes windows in the stage of records by the event times that this run has read: only now they are known of all
     * partitions. Reads nothing more.
     */
    private void announce(RunClock clock, RunLedger sums, SliceListener listener) {
        RunPlan plan = plan(job, clock);
        List<PartitionRange> closing = plan.ranges().stream()
                .map(each -> new PartitionRange(each.partition(), each.from(), each.from(), each.closing()))
                .filter(each -> !each.isDone())
                .toList();
        RunLedger announced = new RunLedger(job, runId, Workflow.currentTimeMillis());
        RunControl nothing = new RunControl();
        process(
                job,
                plan.identity(),
                closing,
                new RunClock(job, deadline, 0, time, true, nothing),
                announced,
                listener,
                nothing);
        announced.summary().problems().forEach(sums::failed);
    }

    /**
     * Processes all slices: in this workflow if they are one group, otherwise in a child workflow for each group, so
     * that every history stays short.
     */
    private void readAndWrite(
            SliceGroup all, RunClock clock, RunLedger sums, SliceListener progress, RunControl control) {
        List<List<PartitionRange>> groups = Slices.groups(
                all.job(),
                all.ranges(),
                SLICES_PER_GROUP,
                Slices.areBounded() ? PARTITIONS_PER_GROUP : Integer.MAX_VALUE);
        if (groups.size() == 1) {
            Slices.run(all, sums, progress, control);
            return;
        }
        Slices.inTurn(all.job(), groups);
        List<GroupRun> parts = new ArrayList<>();
        List<Functions.Proc> children = new ArrayList<>();
        for (List<PartitionRange> ranges : groups) {
            boolean owed = children.isEmpty();
            GroupRun part = new GroupRun(ranges);
            parts.add(part);
            children.add(() -> {
                String enough = owed && !clock.finishing() ? null : clock.enough();
                if (enough == null) {
                    int atOnce = Math.min(GROUPS_IN_FLIGHT, groups.size());
                    part.run(all.of(ranges, owed, atOnce, control.orders()), sums, details);
                } else {
                    part.leave(enough, sums);
                }
                progress.show();
                progress.counted();
            });
        }
        control.planned(parts);
        SlidingWindow.run(() -> GROUPS_IN_FLIGHT, children);
    }
}
