package io.tidemark.run;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Every way in which a run or a partition can fail. The name is the type of the failure in the Web UI and in the output of
 * the command line. The first sentence of each kind is also the first sentence of its section in
 * docs/reference/failures.md.
 */
public enum FailureKind {
    /** The job cannot be read or cannot be run as written. */
    INVALID_JOB(false),
    /** Another run of the same job is in progress. */
    ALREADY_RUNNING(false),
    /** A topic that the job needs does not exist. */
    TOPIC_MISSING(false),
    /** A topic was deleted and created again since the stored totals were made. */
    TOPIC_RECREATED(false),
    /** The worker's settings point to another Kafka cluster than the one in which the run was planned. */
    OTHER_CLUSTER(false),
    /** The output topic has fewer partitions than the input topic. */
    TOO_FEW_PARTITIONS(false),
    /** The output topic has another number of partitions than the job says (scope: topic). */
    OUTPUT_RESIZED(false),
    /** The job has no progress yet, but its output topic already has records. */
    OUTPUT_NOT_EMPTY(false),
    /** The job was changed so that its stored totals no longer match its definition. */
    JOB_CHANGED(false),
    /** The job's stored progress is missing or older than the offsets of its consumer group. */
    STATE_LOST(false),
    /** A record in the job's state topic is missing, damaged, from a newer version, or does not match the plan. */
    STATE_UNREADABLE(false),
    /** Partial totals were removed before they were added to the totals (scope: topic). */
    PARTIALS_LOST(false),
    /** Partial totals of a window were found after the window was closed (scope: topic). */
    PARTIAL_AFTER_CLOSE(false),
    /** Retention removed records of the input before they were read. */
    RETENTION_GAP(false),
    /** The input topic lost records that were already counted. */
    TRUNCATED(false),
    /** The brokers lost rows that the job had written to its output. */
    ROWS_LOST(false),
    /** A batch of the input is damaged, on the broker's disk or in transit. */
    INPUT_DAMAGED(true),
    /**
     * A transaction of another producer is open in the input, and the job waits for it (input.openTransactions: wait).
     */
    TRANSACTION_OPEN(true),
    /** A transaction hangs in the job's state topic: Kafka will never end it. */
    TRANSACTION_HANGS(false),
    /** Another program changed the committed offsets of the job's consumer group. */
    GROUP_OFFSETS_MOVED(false),
    /** The job's consumer group has live members. */
    GROUP_HAS_MEMBERS(false),
    /** A record cannot be counted, and the job fails on bad records (badRecords: fail). */
    BAD_RECORD(false),
    /** A partition has more bad records in this run than badRecords.limit allows. */
    TOO_MANY_BAD_RECORDS(false),
    /** A partition has more cells than limits.cells allows; a cell is one group in one window. */
    TOO_MANY_CELLS(false),
    /** A cell has more different values than an exact distinct of the job may keep. */
    TOO_MANY_VALUES(false),
    /** The stored totals of a partition have more bytes than limits.bytes allows. */
    STATE_TOO_LARGE(false),
    /** The worker has no plugin with an aggregate that the job uses. */
    AGGREGATOR_MISSING(true),
    /** The code of a plugin failed, or broke a promise. */
    AGGREGATOR_FAILED(false),
    /** A step needs more memory than the worker has for all its steps together. */
    TOO_LITTLE_MEMORY(false),
    /** A step needs memory that other steps of the worker hold. */
    MEMORY_IN_USE(true),
    /** The counts of a range do not add up to its number of offsets. */
    NOT_RECONCILED(false),
    /** A result is not a finite number. */
    NOT_FINITE(false),
    /** A row, dead letter or state record is larger than Kafka accepts. */
    RECORD_TOO_LARGE(false),
    /** The job writes to a topic that the worker's --output-topics does not allow. */
    TOPIC_NOT_ALLOWED(false),
    /** A topic of the job can lose records with one broker, and the worker does not accept that (--weak-replication). */
    WEAK_REPLICATION(false),
    /** The worker's Kafka user lacks a permission. */
    NOT_AUTHORIZED(false),
    /** Kafka rejected the worker's credentials. */
    NOT_AUTHENTICATED(false),
    /** Kafka or its client rejects a name, a setting or a request, and will reject it again. */
    REFUSED_BY_KAFKA(false),
    /** A newer attempt fenced this one, or the broker aborted its transaction. */
    FENCED(true),
    /** A quota delayed a transaction for longer than transaction.timeout.ms, and the broker aborted it. */
    TRANSACTION_TIMED_OUT(false),
    /** Kafka did not answer in time. */
    KAFKA_UNAVAILABLE(true),
    /** Staged files could not be written or read. */
    STAGING_FAILED(true),
    /** Staged files are missing. */
    STAGED_LOST(false),
    /** The time of the run ended before the work did. */
    TIME_OVER(false),
    /** At least one partition failed. */
    PARTITIONS_FAILED(false),
    /** The run was cancelled or terminated. */
    CANCELLED(false),
    /** The error has no kind of its own. */
    UNEXPECTED(true);

    private final boolean retryable;

    FailureKind(boolean retryable) {
        this.retryable = retryable;
    }

    /** Returns the kind with this name, or {@link #UNEXPECTED} for a name that only a newer version knows. */
    @JsonCreator
    public static FailureKind named(@Nullable String name) {
        return Arrays.stream(values())
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElse(UNEXPECTED);
    }

    /** True if Temporal retries an activity that fails with this kind; it then retries until limits.time has passed. */
    public boolean retryable() {
        return retryable;
    }
}
