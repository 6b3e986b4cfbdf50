package io.tidemark.job;

/**
 * What is read.
 *
 * @param topic the input topic
 * @param timestamp where the event time of a record comes from
 * @param dataLoss what a run does if retention deleted records before they were read
 * @param openTransactions what a run does if a transaction of another application is open in the topic
 * @param maxRecordBytes size of the largest record that can be counted: key, value and headers, without compression
 */
public record InputSpec(
        String topic,
        TimestampSpec timestamp,
        DataLoss dataLoss,
        OpenTransactions openTransactions,
        int maxRecordBytes) {
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
