package io.tidemark.state;

/**
 * What became of the offsets of one range; every offset is in exactly one of these, so they add up to its length.
 *
 * @param folded records that went into rows
 * @param deadLettered bad records that went to the dead-letter topic
 * @param skipped bad records that were only counted
 * @param invisible offsets without a committed record: transaction markers, records of aborted transactions, and those
 *     that compaction removed
 * @param lost offsets that retention removed before they were read, in a job that goes on without them
 * @param elsewhere offsets that another run of the job, whose own account has them, made durable meanwhile
 * @param bytes bytes of keys and values read
 */
public record RecordCounts(
        long folded, long deadLettered, long skipped, long invisible, long lost, long elsewhere, long bytes) {
    /** No records at all. */
    public static final RecordCounts NONE = new RecordCounts(0, 0, 0, 0, 0, 0, 0);

    /** The account of so many records that were all good. */
    public static RecordCounts folded(long records, long bytes) {
        return new RecordCounts(records, 0, 0, 0, 0, 0, bytes);
    }

    /** The account of offsets that somebody else saw to. */
    public static RecordCounts elsewhere(long offsets) {
        return new RecordCounts(0, 0, 0, 0, 0, offsets, 0);
    }

    /** Both together. */
    public RecordCounts plus(RecordCounts other) {
        return new RecordCounts(
                folded + other.folded,
                deadLettered + other.deadLettered,
                skipped + other.skipped,
                invisible + other.invisible,
                lost + other.lost,
                elsewhere + other.elsewhere,
                bytes + other.bytes);
    }

    /** Records that could not be counted, whatever became of them. */
    public long bad() {
        return deadLettered + skipped;
    }

    /** How many offsets are accounted for. */
    public long offsets() {
        return folded + deadLettered + skipped + invisible + lost + elsewhere;
    }
}
