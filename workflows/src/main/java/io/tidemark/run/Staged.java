package io.tidemark.run;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code consume} and {@code aggregate} leave for the next activity.
 *
 * @param hostQueue the task queue of the host that has the files; all that follows is scheduled there
 * @param ranges what was read
 * @param cells partial aggregates: a row for each partition, window and group
 * @param deadLetters bad records, as they came, or null where there are none
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
