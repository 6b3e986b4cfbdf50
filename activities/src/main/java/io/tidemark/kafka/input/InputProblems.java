package io.tidemark.kafka.input;

import io.tidemark.kafka.client.Access;
import io.tidemark.kafka.client.KafkaCalls;
import io.tidemark.kafka.client.Right;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.CorruptRecordException;

/** The ways in which an input topic no longer fits what was read from it. */
public final class InputProblems {
    private InputProblems() {}

    /** Retention was faster than we. */
    public static TidemarkException retentionGap(String topic, int partition, long through, long begin) {
        return new TidemarkException(
                FailureKind.RETENTION_GAP,
                topic + "[" + partition + "]: the next offset to read is " + through + ", and the log begins at "
                        + begin
                        + ": " + (begin - through) + " offsets were removed by retention before they were read. Totals"
                        + " that continue lack them: if you want that, write input.dataLoss: continue into the job; to"
                        + " start anew from what is there, give the job a new name");
    }

    /** The log is shorter than what was read from it. */
    public static TidemarkException truncated(String topic, int partition, long through, long end) {
        return lost(topic, partition, through, "the log ends at " + end);
    }

    /** The log is not that which was read: it branched off before the next offset, and may be as long again. */
    public static TidemarkException diverged(String topic, int partition, long through, long branch) {
        return lost(
                topic, partition, through, "since offset " + branch + " the log is another than the one that was read");
    }

    /** The log has no epoch as late as that of the last record that was read. */
    static TidemarkException unknownEpoch(String topic, int partition, long through) {
        return lost(
                topic,
                partition,
                through,
                "the log has nothing of the leader epoch of the record before it, nor of a later one");
    }

    private static TidemarkException lost(String topic, int partition, long through, String but) {
        return new TidemarkException(
                FailureKind.TRUNCATED,
                topic + "[" + partition + "]: the next offset to read is " + through + ", and " + but
                        + ": records that were counted are gone (an unclean leader election, or a restored backup?)."
                        + " To start anew from what is there, give the job a new name");
    }

    /** What reading an input has thrown, with a name. */
    static TidemarkException named(String topic, KafkaException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (isDamage(cause)) {
                return damaged(topic, cause);
            }
        }
        return KafkaCalls.named("input " + topic, e, Access.topic(topic, Right.READ));
    }

    /** A consumer has words for it, and no class. */
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
                        + ". It is damaged on its broker's disk, or was on the way. If it stays so, let another replica"
                        + " lead the partition; where none is whole, delete the records up to the damage"
                        + " (kafka-delete-records.sh), and input.dataLoss: continue counts them as lost",
                cause);
    }

    /** A topic of the same name, but not the same topic. */
    public static TidemarkException recreated(String topic, String expected, String found) {
        return new TidemarkException(
                FailureKind.TOPIC_RECREATED,
                "topic " + topic + " has the id " + found + "; the totals of this job were made with " + expected
                        + ": it was deleted and created again. To start anew, give the job a new name");
    }
}
