package io.tidemark.state;

/**
 * Which windows of a partition are closed, and which have totals.
 *
 * @param closedBefore windows that start before it are closed; {@link Mark#NOTHING_CLOSED} if none is
 * @param watermark the greatest event time of the records in committed batches, in milliseconds since the epoch; {@link
 *     #NO_RECORD} if there is none, or if all were read before the job had {@code close}
 * @param oldest the start of the oldest window that has totals; {@link #NO_TOTALS} if there are none
 * @param rowless whether totals may have no row yet, because the job emits final rows only
 */
public record Windows(long closedBefore, long watermark, long oldest, boolean rowless) {
    /** Windows whose totals have rows. */
    public Windows(long closedBefore, long watermark, long oldest) {
        this(closedBefore, watermark, oldest, false);
    }

    /** The value of {@code watermark} before the first record. */
    public static final long NO_RECORD = Long.MIN_VALUE;

    /** The value of {@code oldest} without totals. */
    public static final long NO_TOTALS = Long.MAX_VALUE;

    /** A partition without any record. */
    public static final Windows NONE = new Windows(Mark.NOTHING_CLOSED, NO_RECORD, NO_TOTALS);

    /** Whether a window that starts before this time has totals. */
    public boolean hasTotalsBefore(long time) {
        return oldest < time;
    }
}
