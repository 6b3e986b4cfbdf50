package io.tidemark.run;

import io.tidemark.state.Mark;
import io.tidemark.state.RecordCounts;
import org.jspecify.annotations.Nullable;

/**
 * What {@code produce} decided about one partition after it fenced all older attempts and read the stored progress.
 *
 * @param verdict the decision
 * @param through the next offset to read, according to the stored progress
 * @param counts numbers of the records in the transaction; {@link RecordCounts#NONE} if unknown
 * @param rows rows written
 * @param closed which windows are closed; null in a job without {@code close}
 * @param problem the reason; only for {@link Verdict#FAILED}
 */
public record PartitionVerdict(
        int partition,
        Verdict verdict,
        long through,
        RecordCounts counts,
        long rows,
        @Nullable Closed closed,
        @Nullable PartitionProblem problem) {

    /**
     * What the stored progress says about closed windows, and what the transaction closed.
     *
     * @param closedBefore windows that start before it are closed; {@link Mark#NOTHING_CLOSED} if none is
     * @param target windows that start before it may be closed by another batch without offsets; at most {@code closedBefore}
     *     if there is none
     * @param windows windows that this batch closed and that had totals
     * @param finalRows rows of closed windows among {@code rows}
     */
    public record Closed(long closedBefore, long target, long windows, long finalRows) {}

    /** Returns how far the partition is processed. */
    public Mark mark() {
        return new Mark(through, closed == null ? Mark.NOTHING_CLOSED : closed.closedBefore());
    }

    /** The possible outcomes for the range of a partition. */
    public enum Verdict {
        /** Its rows, dead letters and progress are committed. */
        DONE,
        /** An earlier attempt has committed it. */
        DONE_BEFORE,
        /** The stored progress is not the start of the range. The range must be read again from {@code through}. */
        STALE,
        /** The staged files are missing or have other checksums. The range must be read again. */
        STAGED_LOST,
        /** The partition cannot be processed. */
        FAILED
    }
}
