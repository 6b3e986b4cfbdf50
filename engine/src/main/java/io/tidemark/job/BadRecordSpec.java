package io.tidemark.job;

/**
 * What to do with a record that cannot be counted: it is not JSON, a field is missing or has the wrong type, its time
 * cannot be read, its value is null, a number is too large, or the values of its group are too long.
 *
 * @param policy what happens to the record
 * @param limit most bad records of one partition in one run; beyond this number the partition fails
 * @param groupBytes most bytes of the values of a record's group together, as UTF-8; a record with more is bad
 */
public record BadRecordSpec(Policy policy, long limit, int groupBytes) {
    /** What happens to a bad record. */
    public enum Policy {
        /** It is written to the topic {@code <output>.dead-letter}, in the transaction of the rows. */
        DEAD_LETTER,
        /** It is counted and not processed. */
        SKIP,
        /** Its partition fails. */
        FAIL
    }
}
