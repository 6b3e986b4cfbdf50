package io.tidemark.run;

import io.tidemark.state.RecordCounts;
import org.jspecify.annotations.Nullable;

/**
 * What {@code produce} decided for one partition, after it had fenced every older attempt and read the stored progress.
 *
 * @param verdict the decision
 * @param through the next offset to read, as stored in Kafka when the decision fell
 * @param counts what went into the transaction; {@link RecordCounts#NONE} where nothing is known
 * @param rows how many rows were written
 * @param problem why, for {@link Verdict#FAILED} only
 */
public record PartitionVerdict(
        int partition,
        Verdict verdict,
        long through,
        RecordCounts counts,
        long rows,
        @Nullable PartitionProblem problem) {

    /** What became of a partition's range. */
    public enum Verdict {
        /** Its rows, dead letters and progress are committed. */
        DONE,
        /** An earlier attempt had committed it. */
        DONE_BEFORE,
        /** The stored progress is not where the range begins: read again from {@code through}. */
        STALE,
        /** The staged files are gone or are not the ones that were announced: read again. */
        STAGED_LOST,
        /** It cannot be done. */
        FAILED
    }
}
