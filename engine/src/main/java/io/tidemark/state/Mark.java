package io.tidemark.state;

/**
 * How far a partition is processed. Neither number ever falls, so one of two marks of a partition is the later one.
 *
 * @param through the next input offset to read
 * @param closedBefore windows that start before it are closed, in milliseconds since the epoch; {@link #NOTHING_CLOSED} if
 *     none is
 */
public record Mark(long through, long closedBefore) {
    /** The value of {@code closedBefore} if no window is closed. */
    public static final long NOTHING_CLOSED = Long.MIN_VALUE;

    /** Whether this mark is at least as far as the other one. */
    public boolean reaches(Mark other) {
        return through >= other.through && closedBefore >= other.closedBefore;
    }
}
