package io.tidemark.job;

/**
 * What is read.
 *
 * @param topic the input topic
 * @param timestamp where the event time of a record comes from
 * @param check how much of a record is looked at
 * @param dataLoss what a run does if retention deleted records before they were read
 * @param openTransactions what a run does if a transaction of another application is open in the topic
 */
public record InputSpec(
        String topic, TimestampSpec timestamp, Check check, DataLoss dataLoss, OpenTransactions openTransactions) {
    /** How much of a record is looked at. */
    public enum Check {
        /** All of it, to its end: a record with more than one value is a bad record. */
        WHOLE,
        /** Only the bytes up to the last field that the job needs. */
        NEEDED
    }

    /** What a run does if retention deleted records before they were read. */
    public enum DataLoss {
        /** The partition fails, in this run and the next ones, until the job or the topic changes. */
        FAIL,
        /** The run resumes at the oldest remaining record and reports how many offsets were lost. */
        CONTINUE
    }

    /** What a run does if an open transaction keeps the records behind it from being read. */
    public enum OpenTransactions {
        /** The run processes the records before the transaction and reports how many are held back. */
        PROCEED,
        /** The run waits for all records that were there when it started, at most for {@code limits.time}. */
        WAIT
    }
}
