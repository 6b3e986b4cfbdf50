package io.tidemark.workflow;

import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInfo;
import io.tidemark.job.JobSpec;
import io.tidemark.job.form.Times;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Tells whether a run may start more work: its time, its budget of time, and the size of its history. */
final class RunClock {
    /**
     * Temporal terminates a workflow at 51,200 events. The activities in flight and the commit must fit into the rest.
     */
    static final int MAX_EVENTS = 40_000;
    /**
     * Temporal terminates a workflow at 50 MiB of history. What is in flight must fit into the rest: at most 10,000
     * partitions of a group, whose ranges, staged files and verdicts take about 1.5 KB each.
     */
    static final long MAX_BYTES = 30L * 1024 * 1024;

    private final JobSpec job;
    private final long deadline;
    private final long budgetEnd;
    private final long time;
    private final boolean countsBytes;

    /**
     * Makes the clock of a run.
     *
     * @param deadline end of its time, in milliseconds since the epoch
     * @param budgetEnd end of its budget of time, in milliseconds since the epoch, or 0 if it has none
     * @param time how long it may take, in milliseconds, or 0 for {@code limits.time}
     * @param countsBytes whether the size of the history bounds the work too; not in a run that 0.1 started
     */
    RunClock(JobSpec job, long deadline, long budgetEnd, long time, boolean countsBytes) {
        this.job = job;
        this.deadline = deadline;
        this.budgetEnd = budgetEnd;
        this.time = time;
        this.countsBytes = countsBytes;
    }

    /** Returns the end of the budget of time, in milliseconds since the epoch, or 0 if there is none. */
    long budgetEnd() {
        return budgetEnd;
    }

    /** Returns the time that is left, at least 1 ms, because Temporal treats a timeout of 0 as no timeout. */
    Duration left() {
        return Duration.ofMillis(Math.max(1, deadline - Workflow.currentTimeMillis()));
    }

    /**
     * Returns the bound that is used up, such as {@code budget.time 1h}, or null while the run may start more work. A
     * used-up budget or a full history ends the run successfully.
     */
    @Nullable
    String enough() {
        String budget = budgetUsed();
        return budget != null ? budget : full();
    }

    /** Returns the budget that is used up, or null. */
    @Nullable
    String budgetUsed() {
        Duration budget = job.budget().time();
        return budget != null && budgetEnd > 0 && Workflow.currentTimeMillis() >= budgetEnd
                ? "budget.time " + Times.text(budget)
                : null;
    }

    /**
     * Returns the bound that the history of the workflow has reached, such as {@code 40,000 events of history}, or null.
     * Like a used-up budget it ends the run successfully; but no further chain is started, whatever is owed.
     */
    @Nullable
    String full() {
        WorkflowInfo info = Workflow.getInfo();
        if (info.getHistoryLength() >= MAX_EVENTS) {
            return "40,000 events of history";
        }
        return countsBytes && info.getHistorySize() >= MAX_BYTES ? "30 MiB of history" : null;
    }

    /** Returns why the run must stop and fail what is not done, or null while it may continue. */
    @Nullable
    String over() {
        return Workflow.currentTimeMillis() < deadline ? null : outOfTime();
    }

    /** Returns the message of a failure; if an activity ended with the time of the run, with the bound that was reached. */
    String message(TemporalFailure failure) {
        return Failures.message(failure) + (Failures.outOfTime(failure) ? "; " + outOfTime() : "");
    }

    private String outOfTime() {
        return "the run ran out of time at " + Instant.ofEpochMilli(deadline) + " (" + bound() + ")";
    }

    /** Returns which of the two bounds of its time the run has reached. */
    private String bound() {
        Duration limit = job.limits().time();
        if (time == 0 || time >= limit.toMillis()) {
            return "limits.time is " + Times.text(limit);
        }
        return "the run timeout of its workflow leaves "
                + Times.text(Duration.ofSeconds(time / 1_000))
                + ", which is less than limits.time, " + Times.text(limit)
                + "; start the workflow with a run timeout of at least " + Times.text(RunTime.leastTimeout(job));
    }
}
