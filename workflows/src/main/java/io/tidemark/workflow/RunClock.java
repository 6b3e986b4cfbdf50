package io.tidemark.workflow;

import io.temporal.workflow.Workflow;
import io.tidemark.job.JobSpec;
import io.tidemark.job.form.Times;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** How long a run may still go on. What is not done by then is named, and the next run takes it up. */
final class RunClock {
    /** The server ends a workflow at 51,200 events; what is in flight and the commit must still fit. */
    static final int MOST_EVENTS = 40_000;

    private final JobSpec job;
    private final long deadline;
    private final long budgetEnd;

    /**
     * A clock of a run.
     *
     * @param deadline when its time is over, in milliseconds since the epoch
     * @param budgetEnd when its budget of time is, or 0 where it has none
     */
    RunClock(JobSpec job, long deadline, long budgetEnd) {
        this.job = job;
        this.deadline = deadline;
        this.budgetEnd = budgetEnd;
    }

    /** What is left, at least a millisecond: Temporal takes no time at all for no limit. */
    Duration left() {
        return Duration.ofMillis(Math.max(1, deadline - Workflow.currentTimeMillis()));
    }

    /** Which budget is used up, so that the run ends well with what it has, or null while it may begin more. */
    @Nullable
    String enough() {
        Duration time = job.budget().time();
        return time != null && budgetEnd > 0 && Workflow.currentTimeMillis() >= budgetEnd
                ? "budget.time " + Times.text(time)
                : null;
    }

    /** Why nothing more can be done and what is not done has failed, or null while something can. */
    @Nullable
    String over() {
        if (Workflow.currentTimeMillis() >= deadline) {
            return "the time of the run was over at " + Instant.ofEpochMilli(deadline) + " (limits.time is "
                    + job.limits().time() + ")";
        }
        if (Workflow.getInfo().getHistoryLength() >= MOST_EVENTS) {
            return "the workflow's history has " + Workflow.getInfo().getHistoryLength()
                    + " events, and Temporal takes not many more; raise limits.offsetsPerSplit or partitionsPerSlice";
        }
        return null;
    }
}
