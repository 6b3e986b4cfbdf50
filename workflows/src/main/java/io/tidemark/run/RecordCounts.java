package io.tidemark.run;

/**
 * What became of the records of one range.
 *
 * @param folded records that went into rows
 * @param deadLettered bad records that went to the dead-letter topic
 * @param skipped bad records that were only counted
 * @param bytes bytes of keys and values read
 */
public record RecordCounts(long folded, long deadLettered, long skipped, long bytes) {
    /** No records at all. */
    public static final RecordCounts NONE = new RecordCounts(0, 0, 0, 0);

    /** Both together. */
    public RecordCounts plus(RecordCounts other) {
        return new RecordCounts(
                folded + other.folded, deadLettered + other.deadLettered, skipped + other.skipped, bytes + other.bytes);
    }

    /** Records that could not be counted, whatever became of them. */
    public long bad() {
        return deadLettered + skipped;
    }
}
