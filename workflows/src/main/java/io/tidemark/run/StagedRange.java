package io.tidemark.run;

import io.tidemark.state.RecordCounts;

/**
 * A range that was read, and what was in it.
 *
 * @param range the offsets that were read; may end before the range that was asked for
 * @param counts what became of each of them
 * @param leaderEpoch epoch of the leader that appended the last of its offsets, or -1 where it is not known
 * @param newest the latest record time that was met, in milliseconds since the epoch, or -1 where there was none
 * @param logStart where the partition's log began when it was read, or -1 where it is not known
 */
public record StagedRange(PartitionRange range, RecordCounts counts, int leaderEpoch, long newest, long logStart) {
    /**
     * Makes sure that every offset of the range is accounted for.
     *
     * @throws TidemarkException NOT_RECONCILED
     */
    public void requireReconciled(String topic) {
        if (counts.offsets() != range.length()) {
            throw new TidemarkException(
                    FailureKind.NOT_RECONCILED,
                    topic + "[" + range.partition() + "]: offsets " + range.from() + " to " + range.to() + " are "
                            + range.length() + ", and " + counts.offsets() + " are accounted for: " + counts.folded()
                            + " folded, " + counts.deadLettered() + " dead-lettered, " + counts.skipped()
                            + " skipped, " + counts.invisible() + " invisible, " + counts.lost()
                            + " lost. Nothing of them was written; this is a defect of Tidemark or of what it read"
                            + " from. Run again with --reader consumer, and report it");
        }
    }

    /** Both, where the other begins at the end of this one. */
    public StagedRange join(StagedRange next) {
        if (next.range.from() != range.to()) {
            throw new IllegalArgumentException("partition " + range.partition() + ": a split ends at offset "
                    + range.to() + " and the next begins at " + next.range.from());
        }
        return new StagedRange(
                new PartitionRange(range.partition(), range.from(), next.range.to()),
                counts.plus(next.counts),
                next.range.length() == 0 ? leaderEpoch : next.leaderEpoch,
                Math.max(newest, next.newest),
                Math.max(logStart, next.logStart));
    }
}
