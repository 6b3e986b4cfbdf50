package io.tidemark.kafka.input;

import io.tidemark.kafka.client.Access;
import io.tidemark.kafka.client.KafkaCalls;
import io.tidemark.kafka.client.Right;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.CorruptRecordException;

/** The failures that say how an input topic no longer matches what was read from it. */
public final class InputProblems {
    private InputProblems() {}

    /** Retention removed records before they were read. */
    public static TidemarkException retentionGap(String topic, int partition, long through, long begin) {
        return new TidemarkException(
                FailureKind.RETENTION_GAP,
                topic + "[" + partition + "]: the next offset to read is " + through + ", but the log begins at "
                        + begin + ": retention removed " + (begin - through)
                        + " offsets before they were read. To continue"
                        + " with totals that lack them, set input.dataLoss: continue in the job; to count again from the"
                        + " records that remain, give the job a new name");
    }

    /** A broker refused an offset that the leader has: a replica that is behind, or a leader that has just changed. */
    static TidemarkException behind(String topic, int partition, long offset, long end) {
        return new TidemarkException(
                FailureKind.KAFKA_UNAVAILABLE,
                topic + "[" + partition + "]: a broker answered that offset " + offset
                        + " is out of range, but the log ends" + " at " + end
                        + ": that broker is behind the leader. The read is tried again");
    }

    /** The log ends before the offset up to which it was read. */
    public static TidemarkException truncated(String topic, int partition, long through, long end) {
        return lost(topic, partition, through, "the log ends at " + end);
    }

    /**
     * The log has another history than the one that was read: it differs from offset {@code branch} on, and may have
     * grown past {@code through} again.
     */
    public static TidemarkException diverged(String topic, int partition, long through, long branch) {
        return lost(
                topic, partition, through, "since offset " + branch + " the log differs from the one that was read");
    }

    /** The log contains no leader epoch as recent as that of the last record that was read. */
    static TidemarkException unknownEpoch(String topic, int partition, long through) {
        return lost(
                topic,
                partition,
                through,
                "the log contains neither the leader epoch of the record before it nor a later one");
    }

    private static TidemarkException lost(String topic, int partition, long through, String but) {
        return new TidemarkException(
                FailureKind.TRUNCATED,
                topic + "[" + partition + "]: the next offset to read is " + through + ", but " + but
                        + ": records that were counted are gone. Was there an unclean leader election, or was a backup"
                        + " restored? To count again from the records that remain, give the job a new name");
    }

    /** Translates an error that was thrown while an input was read. */
    static TidemarkException named(String topic, KafkaException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (isDamage(cause)) {
                return damaged(topic, cause);
            }
        }
        return KafkaCalls.named("input " + topic, e, Access.topic(topic, Right.READ));
    }

    /** The consumer reports damage with a message, not with a class. */
    private static boolean isDamage(Throwable failure) {
        String said = String.valueOf(failure.getMessage());
        return failure instanceof CorruptRecordException
                || said.contains(" is invalid, cause: ")
                || said.startsWith("Encountered corrupt message ");
    }

    private static TidemarkException damaged(String topic, Throwable cause) {
        return new TidemarkException(
                FailureKind.INPUT_DAMAGED,
                "input " + topic + ": " + cause.getMessage()
                        + ". The batch is damaged on the broker's disk, or was damaged in transit. If the error remains,"
                        + " make another replica the leader of the partition; if no replica is intact, delete the records"
                        + " up to and including the damage (kafka-delete-records.sh) and set input.dataLoss: continue in the"
                        + " job, which counts them as lost",
                cause);
    }

    /** The topic was deleted and created again under the same name. */
    public static TidemarkException recreated(String topic, String expected, String found) {
        return new TidemarkException(
                FailureKind.TOPIC_RECREATED,
                "topic " + topic + " has the id " + found + ", but this job's totals belong to " + expected
                        + ": the topic was deleted and created again. To start with the new topic, give the job a new"
                        + " name");
    }
}
