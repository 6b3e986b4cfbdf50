package io.tidemark.run;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files that {@code consume} or {@code aggregate} wrote for the next activity.
 *
 * @param hostQueue task queue of the host that has the files; the next activities run there
 * @param ranges the ranges that were read
 * @param cells partial aggregates, one row for each partition, window and group
 * @param deadLetters bad records, unchanged, or null if there are none
 */
public record Staged(
        String hostQueue,
        List<StagedRange> ranges,
        StagedFile cells,
        @Nullable StagedFile deadLetters) {
    /** Copies the list. */
    public Staged {
        ranges = List.copyOf(ranges);
    }
}
