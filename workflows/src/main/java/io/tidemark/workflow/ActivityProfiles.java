package io.tidemark.workflow;

import io.temporal.activity.ActivityCancellationType;
import io.temporal.activity.ActivityOptions;
import io.temporal.common.Priority;
import io.temporal.common.RetryOptions;
import io.tidemark.job.JobSpec;
import java.time.Duration;

/**
 * Timeouts, retry policy and priority of each activity. Every activity sends heartbeats.
 *
 * <p>Priority and fairness are orders in which Temporal hands out tasks that wait. A server that does not know them
 * ignores them (docs/temporal-facts.md).
 */
final class ActivityProfiles {
    /** A few bulk requests to Kafka. The first run also creates topics and registers every partition. */
    private static final Duration PLAN_ATTEMPT = Duration.ofMinutes(3);
    /**
     * Reading takes about a minute, but the attempt first waits for a free slot in the worker. The heartbeat timeout
     * detects a dead worker; this timeout need not.
     */
    private static final Duration CONSUME_ATTEMPT = Duration.ofHours(1);
    /** Merges the files of one host, at most a few million cells, after waiting for a free slot in the worker. */
    private static final Duration AGGREGATE_ATTEMPT = Duration.ofMinutes(15);
    /**
     * The wait for a free slot in the worker, plus more than delivery.timeout (30 s), max.block (15 s) and the
     * transaction timeout (60 s) together.
     */
    private static final Duration PRODUCE_ATTEMPT = Duration.ofMinutes(15);
    /** A few bulk requests to Kafka. */
    private static final Duration COMMIT_ATTEMPT = Duration.ofMinutes(1);
    /**
     * Time for the commit after the run has used up its time. The rows are durable by then; only the offsets of the
     * group are behind.
     */
    private static final Duration COMMIT_GRACE = Duration.ofMinutes(1);
    /** A cancelled run ends at most this long after its other activities have stopped. */
    private static final Duration COMMIT_AFTER_CANCEL = Duration.ofSeconds(30);

    /** A few bulk requests, for which the whole run waits. */
    private static final int PLAN_OR_COMMIT = 1;
    /** Work on what has been read: completes it, and frees the host's disk. */
    private static final int WRITE = 2;
    /** Temporal's default. */
    private static final int READ = 3;

    /**
     * The number of attempts is not limited, because every restart of a worker uses one up. A failure that no retry can
     * fix is non-retryable; all others are retried until the time of the run is over.
     */
    private static final RetryOptions RETRIES = RetryOptions.newBuilder()
            .setInitialInterval(Duration.ofSeconds(1))
            .setBackoffCoefficient(2)
            .setMaximumInterval(Duration.ofSeconds(30))
            .build();

    private ActivityProfiles() {}

    static ActivityOptions plan(JobSpec job, Duration left, String summary) {
        return profile(PLAN_ATTEMPT, PLAN_OR_COMMIT, job, left, summary).build();
    }

    static ActivityOptions commit(JobSpec job, Duration left, String summary) {
        Duration time = left.compareTo(COMMIT_GRACE) < 0 ? COMMIT_GRACE : left;
        return profile(COMMIT_ATTEMPT, PLAN_OR_COMMIT, job, time, summary).build();
    }

    static ActivityOptions commitAfterCancel(JobSpec job, String summary) {
        return profile(COMMIT_ATTEMPT, PLAN_OR_COMMIT, job, COMMIT_AFTER_CANCEL, summary)
                .build();
    }

    /** Runs on any host. */
    static ActivityOptions consume(JobSpec job, Duration left, String summary) {
        return profile(CONSUME_ATTEMPT, READ, job, left, summary).build();
    }

    /** Runs on the host that holds the slice's other files. */
    static ActivityOptions consumeOn(String hostQueue, JobSpec job, Duration left, String summary) {
        return on(hostQueue, CONSUME_ATTEMPT, READ, job, left, summary);
    }

    static ActivityOptions aggregate(String hostQueue, JobSpec job, Duration left, String summary) {
        return on(hostQueue, AGGREGATE_ATTEMPT, WRITE, job, left, summary);
    }

    static ActivityOptions produce(String hostQueue, JobSpec job, Duration left, String summary) {
        return on(hostQueue, PRODUCE_ATTEMPT, WRITE, job, left, summary);
    }

    private static ActivityOptions on(
            String hostQueue, Duration attempt, int priority, JobSpec job, Duration left, String summary) {
        return profile(attempt, priority, job, left, summary)
                .setTaskQueue(hostQueue)
                // Only host queues have this timeout. A task waits in the shared queue while all workers are busy, but
                // in a host queue perhaps because the host is gone.
                .setScheduleToStartTimeout(job.limits().hostTimeout())
                .build();
    }

    private static ActivityOptions.Builder profile(
            Duration attempt, int priority, JobSpec job, Duration left, String summary) {
        return ActivityOptions.newBuilder()
                .setStartToCloseTimeout(attempt)
                .setScheduleToCloseTimeout(left)
                .setHeartbeatTimeout(job.limits().heartbeat())
                .setRetryOptions(RETRIES)
                // Jobs take turns, however many tasks each of them has waiting.
                .setPriority(Priority.newBuilder()
                        .setPriorityKey(priority)
                        .setFairnessKey(job.name())
                        .build())
                // Wait until cancelled activities have stopped, so that none still writes when the run publishes the
                // offsets.
                .setCancellationType(ActivityCancellationType.WAIT_CANCELLATION_COMPLETED)
                .setSummary(summary);
    }
}
