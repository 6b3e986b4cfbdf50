package io.tidemark.job;

/**
 * What is read.
 *
 * @param topic the input topic
 * @param timestamp where the event time of a record comes from
 * @param check how much of a record is looked at
 * @param dataLoss what a run does if retention deleted records before they were read
 * @param openTransactions what a run does if a transaction of another application is open in the topic
 * @param rows what a run does if the topic holds rows that a Tidemark job wrote
 * @param until where a run ends
 * @param maxRecordBytes size of the largest record that can be counted: key, value and headers, without compression
 * @param key how the key of a record is read, if the job needs it
 */
public record InputSpec(
        String topic,
        TimestampSpec timestamp,
        Check check,
        DataLoss dataLoss,
        OpenTransactions openTransactions,
        Rows rows,
        Until until,
        int maxRecordBytes,
        Key key) {
    /** How much of a record is looked at. */
    public enum Check {
        /** All of it, to its end: a record with more than one value is a bad record. */
        WHOLE,
        /** Only the bytes up to the last field that the job needs. */
        NEEDED
    }

    /** What a run does if records that it needs were lost: unread ones of the input, or rows of the output. */
    public enum DataLoss {
        /** The partition fails, in this run and the next ones, until the job or the topic changes. */
        FAIL,
        /** The run continues with the records that remain, and reports the loss. */
        CONTINUE
    }

    /** What a run does if an open transaction keeps the records behind it from being read. */
    public enum OpenTransactions {
        /** The run processes the records before the transaction and reports how many are held back. */
        PROCEED,
        /** The run waits for all records that were there when it started, at most for {@code limits.time}. */
        WAIT
    }

    /** How the key of a record is read. */
    public enum Key {
        /** As a text in UTF-8. */
        STRING,
        /** As a JSON object with fields. */
        JSON,
        /** As a whole number of eight bytes, as Kafka's {@code LongSerializer} writes it. */
        LONG
    }

    /** Where a run ends. */
    public enum Until {
        /** At the last stable offset that the partition has when the run is planned. */
        END,
        /** Before the first record whose timestamp is at or after the nominal time of the run. */
        NOMINAL
    }

    /** What a run does if the topic holds rows of a Tidemark job, which contain each correction of a row. */
    public enum Rows {
        /** The run fails before it reads anything. */
        REFUSE,
        /** Each row counts as a record, also if it corrects an earlier one. */
        COUNT
    }
}
