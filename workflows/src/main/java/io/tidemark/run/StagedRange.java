package io.tidemark.run;

import io.tidemark.state.RecordCounts;
import org.jspecify.annotations.Nullable;

/**
 * A range that was read, with the numbers of its records.
 *
 * @param range the offsets that were read; may end before the end of the requested range
 * @param counts numbers of offsets by what became of them
 * @param leaderEpoch epoch of the leader that appended the last offset, or -1 if unknown
 * @param newest the latest record time, in milliseconds since the epoch, or -1 if there is none
 * @param logStart the first offset of the partition when it was read, or -1 if unknown
 * @param eventTime the greatest event time of a record that was folded or late, in milliseconds since the epoch; null if
 *     there is none, or if the job has no {@code close}
 */
public record StagedRange(
        PartitionRange range,
        RecordCounts counts,
        int leaderEpoch,
        long newest,
        long logStart,
        @Nullable Long eventTime) {
    /**
     * Checks that the counts add up to the number of offsets in the range.
     *
     * @throws TidemarkException NOT_RECONCILED if they do not
     */
    public void requireReconciled(String topic) {
        if (counts.offsets() != range.length()) {
            throw new TidemarkException(
                    FailureKind.NOT_RECONCILED,
                    topic + "[" + range.partition() + "]: the counts of offsets " + range.from() + " to " + range.to()
                            + " do not add up: expected " + range.length() + ", found " + counts.offsets() + ": "
                            + counts.folded() + " folded, " + counts.filtered() + " filtered, " + counts.deadLettered()
                            + " dead-lettered, "
                            + counts.skipped()
                            + " skipped, " + counts.late() + " late, " + counts.invisible() + " invisible, "
                            + counts.lost()
                            + " lost. Nothing of this range was written. This is a defect of Tidemark or of the broker."
                            + " Run the worker with --reader consumer, and report it");
        }
    }

    /** Returns the same numbers for a range of the same offsets. */
    public StagedRange with(PartitionRange other) {
        return new StagedRange(other, counts, leaderEpoch, newest, logStart, eventTime);
    }

    /** Returns this range and {@code next} as one. {@code next} must begin at the end of this range. */
    public StagedRange join(StagedRange next) {
        if (next.range.from() != range.to()) {
            throw new IllegalArgumentException("partition " + range.partition() + ": a split ends at offset "
                    + range.to() + " and the next begins at " + next.range.from());
        }
        return new StagedRange(
                range.join(next.range),
                counts.plus(next.counts),
                next.range.length() == 0 ? leaderEpoch : next.leaderEpoch,
                Math.max(newest, next.newest),
                Math.max(logStart, next.logStart),
                later(eventTime, next.eventTime));
    }

    private static @Nullable Long later(@Nullable Long one, @Nullable Long other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return Math.max(one, other);
    }
}
