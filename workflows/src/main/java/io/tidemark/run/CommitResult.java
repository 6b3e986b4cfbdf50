package io.tidemark.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import org.jspecify.annotations.Nullable;

/**
 * The result of {@code commitOffsets}.
 *
 * @param partitions number of partitions whose offsets were published
 * @param stateSize size of the stored totals that the step has read, of both stages in a job that has two; null if a worker of
 *     an earlier release did the step
 */
public record CommitResult(
        int partitions,
        @JsonInclude(Include.NON_NULL) @Nullable StateSize stateSize) {}
