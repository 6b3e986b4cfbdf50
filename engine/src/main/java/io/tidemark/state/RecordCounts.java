package io.tidemark.state;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The account of one range: how many offsets had which outcome. Every offset is counted once, so that all counts
 * but {@code bytes} and {@code reasons} add up to the length of the range.
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
 * @param reasons numbers of bad records by the name of the reason, {@link
 *     io.tidemark.json.MalformedRecordException.Reason}. They add up to {@link #bad}, or to less if an earlier release counted
 *     some of them. Names instead of the constants, because a later release may have other reasons
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
        long bytes,
        @JsonInclude(Include.NON_EMPTY) Map<String, Long> reasons) {
    /** Copies the reasons. Without any, they may be null: a release that did not count them wrote the account. */
    public RecordCounts {
        reasons = reasons == null || reasons.isEmpty()
                ? Map.of()
                : Collections.unmodifiableSortedMap(new TreeMap<>(reasons));
    }

    /** No records at all. */
    public static final RecordCounts NONE = new RecordCounts(0, 0, 0, 0, 0, 0, 0, 0, 0, Map.of());

    /** Returns the account of {@code records} good records. */
    public static RecordCounts folded(long records, long bytes) {
        return new RecordCounts(records, 0, 0, 0, 0, 0, 0, 0, bytes, Map.of());
    }

    /** Returns the account of {@code offsets} offsets that another run committed. */
    public static RecordCounts elsewhere(long offsets) {
        return new RecordCounts(0, 0, 0, 0, 0, 0, 0, offsets, 0, Map.of());
    }

    /** Returns the sum of both accounts. */
    public RecordCounts plus(RecordCounts other) {
        SortedMap<String, Long> both = new TreeMap<>(reasons);
        other.reasons.forEach((reason, records) -> both.merge(reason, records, Long::sum));
        return new RecordCounts(
                folded + other.folded,
                filtered + other.filtered,
                deadLettered + other.deadLettered,
                skipped + other.skipped,
                late + other.late,
                invisible + other.invisible,
                lost + other.lost,
                elsewhere + other.elsewhere,
                bytes + other.bytes,
                both);
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
