package io.tidemark.workflow;

import io.temporal.activity.ActivityCancellationType;
import io.temporal.activity.ActivityOptions;
import io.temporal.common.RetryOptions;
import io.tidemark.job.RunLimits;
import java.time.Duration;

/** Timeouts and retries of each activity. All of them send heartbeats. */
final class ActivityProfiles {
    /** Some bulk calls; the first run also creates topics and registers every partition. */
    private static final Duration PLAN_ATTEMPT = Duration.ofMinutes(3);
    /** Reads for a minute, but may wait long for its turn; whether it lives is what its heartbeats tell. */
    private static final Duration CONSUME_ATTEMPT = Duration.ofHours(1);
    /** Files of one host, at most some million cells, and the wait for its turn. */
    private static final Duration AGGREGATE_ATTEMPT = Duration.ofMinutes(15);
    /**
     * The wait for its turn, and longer than delivery.timeout (30 s), max.block (15 s) and a transaction's own timeout
     * (60 s) together.
     */
    private static final Duration PRODUCE_ATTEMPT = Duration.ofMinutes(15);
    /** Bulk calls. */
    private static final Duration COMMIT_ATTEMPT = Duration.ofMinutes(1);
    /** What the commit gets when the time of the run is over: rows are durable, only their offsets lag. */
    private static final Duration COMMIT_GRACE = Duration.ofMinutes(1);
    /** Who cancels a run waits for no more than this. */
    private static final Duration COMMIT_AFTER_CANCEL = Duration.ofSeconds(30);

    /**
     * Attempts are not counted: each restart of a worker uses one up. What no attempt can mend says so itself
     * (non-retryable), the rest ends with the time of the run.
     */
    private static final RetryOptions RETRIES = RetryOptions.newBuilder()
            .setInitialInterval(Duration.ofSeconds(1))
            .setBackoffCoefficient(2)
            .setMaximumInterval(Duration.ofSeconds(30))
            .build();

    private ActivityProfiles() {}

    static ActivityOptions plan(RunLimits limits, Duration left, String summary) {
        return profile(PLAN_ATTEMPT, limits, left, summary).build();
    }

    static ActivityOptions commit(RunLimits limits, Duration left, String summary) {
        Duration patience = left.compareTo(COMMIT_GRACE) < 0 ? COMMIT_GRACE : left;
        return profile(COMMIT_ATTEMPT, limits, patience, summary).build();
    }

    static ActivityOptions commitAfterCancel(RunLimits limits, String summary) {
        return profile(COMMIT_ATTEMPT, limits, COMMIT_AFTER_CANCEL, summary).build();
    }

    /** Any host. */
    static ActivityOptions consume(RunLimits limits, Duration left, String summary) {
        return profile(CONSUME_ATTEMPT, limits, left, summary).build();
    }

    /** On the host that has the slice's other files. */
    static ActivityOptions consumeOn(String hostQueue, RunLimits limits, Duration left, String summary) {
        return on(hostQueue, CONSUME_ATTEMPT, limits, left, summary);
    }

    static ActivityOptions aggregate(String hostQueue, RunLimits limits, Duration left, String summary) {
        return on(hostQueue, AGGREGATE_ATTEMPT, limits, left, summary);
    }

    static ActivityOptions produce(String hostQueue, RunLimits limits, Duration left, String summary) {
        return on(hostQueue, PRODUCE_ATTEMPT, limits, left, summary);
    }

    private static ActivityOptions on(
            String hostQueue, Duration attempt, RunLimits limits, Duration left, String summary) {
        return profile(attempt, limits, left, summary)
                .setTaskQueue(hostQueue)
                // Only here: a shared queue that is slow to answer is busy, a host that does not answer may be gone.
                .setScheduleToStartTimeout(limits.hostTimeout())
                .build();
    }

    private static ActivityOptions.Builder profile(Duration attempt, RunLimits limits, Duration left, String summary) {
        return ActivityOptions.newBuilder()
                .setStartToCloseTimeout(attempt)
                .setScheduleToCloseTimeout(left)
                .setHeartbeatTimeout(limits.heartbeat())
                .setRetryOptions(RETRIES)
                // A cancelled run leaves nothing behind that still writes when the offsets are published.
                .setCancellationType(ActivityCancellationType.WAIT_CANCELLATION_COMPLETED)
                .setSummary(summary);
    }
}
