package io.tidemark.run;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Every way in which a run or a partition can fail. The name is what an operator sees in the Web UI, as the type of the
 * failure.
 */
public enum FailureKind {
    /** The job makes no sense. */
    INVALID_JOB(false),
    /** Another run of the job is under way. */
    ALREADY_RUNNING(false),
    /** A topic that the job names does not exist. */
    TOPIC_MISSING(false),
    /** A topic has another id than the one that the stored totals were made from: it was deleted and created again. */
    TOPIC_RECREATED(false),
    /** The worker's settings lead to another Kafka cluster than that in which the run was planned. */
    OTHER_CLUSTER(false),
    /** The output topic has fewer partitions than the input. */
    TOO_FEW_PARTITIONS(false),
    /** The job means something else than the totals that are stored under its name. */
    JOB_CHANGED(false),
    /** There is no stored progress where there must be some. */
    STATE_LOST(false),
    /** Stored progress or totals cannot be read. */
    STATE_UNREADABLE(false),
    /** Retention removed records before they were read. */
    RETENTION_GAP(false),
    /** The input lost records that were counted: it ends before them, or goes on as another log. */
    TRUNCATED(false),
    /** A batch of the input is not what was written, on its broker's disk or on the way from there. */
    INPUT_DAMAGED(true),
    /** A transaction of somebody else is open in the input, and the job waits for such. */
    TRANSACTION_OPEN(true),
    /** A transaction is open in the job's state, and Kafka has forgotten to end it. */
    TRANSACTION_HANGS(false),
    /** Somebody else moved the offsets of the job's group. */
    GROUP_OFFSETS_MOVED(false),
    /** The job's group has live members. */
    GROUP_HAS_MEMBERS(false),
    /** A bad record, in a job that fails on them. */
    BAD_RECORD(false),
    /** More bad records than the job allows. */
    TOO_MANY_BAD_RECORDS(false),
    /** More cells than the job allows. */
    TOO_MANY_CELLS(false),
    /** More memory than a worker has for all its steps. */
    TOO_LITTLE_MEMORY(false),
    /** Other steps of the worker hold the memory that this one needs. */
    MEMORY_IN_USE(true),
    /** Offsets of a range that became neither a row nor anything else that is counted, or were counted twice. */
    NOT_RECONCILED(false),
    /** A result that is not a finite number. */
    NOT_FINITE(false),
    /** A row, dead letter or state record is larger than the broker takes. */
    RECORD_TOO_LARGE(false),
    /** The job writes to a topic that the worker may not write to, by its own settings. */
    TOPIC_NOT_ALLOWED(false),
    /** The worker lacks a permission in Kafka. */
    NOT_AUTHORIZED(false),
    /** Kafka refused the worker's credentials. */
    NOT_AUTHENTICATED(false),
    /** Kafka or its client does not take a name, a setting or a request, and will not when it is asked again. */
    REFUSED_BY_KAFKA(false),
    /** A newer attempt of the same work has taken over. */
    FENCED(true),
    /** Kafka did not answer in time. */
    KAFKA_UNAVAILABLE(true),
    /** Staged files could not be written or read. */
    STAGING_FAILED(true),
    /** Staged files are gone: the slice has to be read again. */
    STAGED_LOST(false),
    /** The time of the run is over. */
    TIME_OVER(false),
    /** Some partitions failed; the message names them. */
    PARTITIONS_FAILED(false),
    /** The run was cancelled. */
    CANCELLED(false),
    /** Anything that nobody thought of. */
    UNEXPECTED(true);

    private final boolean retryable;

    FailureKind(boolean retryable) {
        this.retryable = retryable;
    }

    /** The kind of that name; {@link #UNEXPECTED} for one that a newer worker knows and this one does not. */
    @JsonCreator
    public static FailureKind named(@Nullable String name) {
        return Arrays.stream(values())
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElse(UNEXPECTED);
    }

    /** Whether the same attempt, made again, can end otherwise. */
    public boolean retryable() {
        return retryable;
    }
}
