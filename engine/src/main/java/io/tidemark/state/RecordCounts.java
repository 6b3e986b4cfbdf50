package io.tidemark.state;

/**
 * The account of one range: how many offsets had which outcome. Every offset is counted once, so that all counts
 * but {@code bytes} add up to the length of the range.
 *
 * @param folded records added to the totals
 * @param filtered records of which the job's condition ({@code where}) is false
 * @param deadLettered bad records written to the dead-letter topic
 * @param skipped bad records that were only counted
 * @param late records whose window an earlier batch has closed
 * @param invisible offsets without a committed record: transaction markers, records of aborted transactions, and those
 *     that compaction removed
 * @param lost offsets that retention removed before they were read, in a job with {@code dataLoss: continue}
 * @param elsewhere offsets that another run of the job committed in the meantime; they are in that run's account
 * @param bytes bytes of keys and values read
 */
public record RecordCounts(
        long folded,
        long filtered,
        long deadLettered,
        long skipped,
        long late,
        long invisible,
        long lost,
        long elsewhere,
        long bytes) {
    /** No records at all. */
    public static final RecordCounts NONE = new RecordCounts(0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** Returns the account of {@code records} good records. */
    public static RecordCounts folded(long records, long bytes) {
        return new RecordCounts(records, 0, 0, 0, 0, 0, 0, 0, bytes);
    }

    /** Returns the account of {@code offsets} offsets that another run committed. */
    public static RecordCounts elsewhere(long offsets) {
        return new RecordCounts(0, 0, 0, 0, 0, 0, 0, offsets, 0);
    }

    /** Returns the sum of both accounts. */
    public RecordCounts plus(RecordCounts other) {
        return new RecordCounts(
                folded + other.folded,
                filtered + other.filtered,
                deadLettered + other.deadLettered,
                skipped + other.skipped,
                late + other.late,
                invisible + other.invisible,
                lost + other.lost,
                elsewhere + other.elsewhere,
                bytes + other.bytes);
    }

    /** Returns the number of bad records, dead-lettered or skipped. */
    public long bad() {
        return deadLettered + skipped;
    }

    /** Returns the number of offsets. */
    public long offsets() {
        return folded + filtered + deadLettered + skipped + late + invisible + lost + elsewhere;
    }
}
