package io.tidemark.workflow;

import io.temporal.workflow.Workflow;
import io.tidemark.job.JobSpec;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** How long a run may still go on. What is not done by then is named, and the next run takes it up. */
final class RunClock {
    /** The server ends a workflow at 51,200 events; what is in flight and the commit must still fit. */
    static final int MOST_EVENTS = 40_000;

    private final JobSpec job;
    private final long deadline;

    RunClock(JobSpec job, long deadline) {
        this.job = job;
        this.deadline = deadline;
    }

    /** What is left, at least a millisecond: Temporal takes no time at all for no limit. */
    Duration left() {
        return Duration.ofMillis(Math.max(1, deadline - Workflow.currentTimeMillis()));
    }

    /** Why nothing more is to be begun, or null while something may. */
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
