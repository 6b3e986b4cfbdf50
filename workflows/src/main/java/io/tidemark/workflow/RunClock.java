package io.tidemark.workflow;

import io.temporal.workflow.Workflow;
import io.tidemark.job.JobSpec;
import io.tidemark.job.form.Times;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Tells whether a run may start more work: its time, its budget of time, and the length of its history. */
final class RunClock {
    /**
     * Temporal terminates a workflow at 51,200 events. The activities in flight and the commit must fit into the rest.
     */
    static final int MAX_EVENTS = 40_000;

    private final JobSpec job;
    private final long deadline;
    private final long budgetEnd;

    /**
     * Makes the clock of a run.
     *
     * @param deadline end of its time, in milliseconds since the epoch
     * @param budgetEnd end of its budget of time, in milliseconds since the epoch, or 0 if it has none
     */
    RunClock(JobSpec job, long deadline, long budgetEnd) {
        this.job = job;
        this.deadline = deadline;
        this.budgetEnd = budgetEnd;
    }

    /** Returns the time that is left, at least 1 ms, because Temporal treats a timeout of 0 as no timeout. */
    Duration left() {
        return Duration.ofMillis(Math.max(1, deadline - Workflow.currentTimeMillis()));
    }

    /**
     * Returns the budget that is used up, such as {@code budget.time 1h}, or null while the run may start more work. A
     * used-up budget ends the run successfully.
     */
    @Nullable
    String enough() {
        Duration time = job.budget().time();
        return time != null && budgetEnd > 0 && Workflow.currentTimeMillis() >= budgetEnd
                ? "budget.time " + Times.text(time)
                : null;
    }

    /** Returns why the run must stop and fail what is not done, or null while it may continue. */
    @Nullable
    String over() {
        if (Workflow.currentTimeMillis() >= deadline) {
            return "the run ran out of time at " + Instant.ofEpochMilli(deadline) + " (limits.time is "
                    + Times.text(job.limits().time()) + ")";
        }
        if (Workflow.getInfo().getHistoryLength() >= MAX_EVENTS) {
            return "the workflow history is close to Temporal's limit ("
                    + Workflow.getInfo().getHistoryLength()
                    + " events); raise limits.offsetsPerSplit or partitionsPerSlice";
        }
        return null;
    }
}
