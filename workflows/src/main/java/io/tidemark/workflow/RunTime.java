package io.tidemark.workflow;

import io.tidemark.job.JobSpec;
import io.tidemark.job.JobSpec.Overlap;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How Temporal's run timeout and the job's {@code limits.time} bound a run together. */
public final class RunTime {
    /** What the body keeps of a run timeout for its commit. */
    private static final Duration COMMIT = Duration.ofMinutes(1);
    /** What a run timeout has beyond {@code limits.time}: the commit, and a minute for the start of entry and body. */
    private static final Duration RESERVE = COMMIT.plusMinutes(1);

    private RunTime() {}

    /** Returns the shortest run timeout that leaves a run all of its {@code limits.time}. */
    public static Duration leastTimeout(JobSpec job) {
        return job.limits().time().plus(RESERVE);
    }

    /** Returns the run timeout to start a job with. A run that waits for another has its full time afterwards. */
    public static Duration timeout(JobSpec job) {
        Duration least = leastTimeout(job);
        return job.overlap() == Overlap.WAIT ? least.plus(job.limits().time()) : least;
    }

    /**
     * Returns how long a body may take: {@code limits.time}, or less if its run timeout would otherwise leave no time for
     * the commit.
     *
     * @param timeout the run timeout of the body; null or zero if there is none
     */
    static Duration within(@Nullable Duration timeout, Duration limit) {
        if (timeout == null || timeout.isZero()) {
            return limit;
        }
        Duration tenth = timeout.dividedBy(10);
        Duration bounded = timeout.minus(tenth.compareTo(COMMIT) < 0 ? tenth : COMMIT);
        return bounded.compareTo(limit) < 0 ? bounded : limit;
    }
}
