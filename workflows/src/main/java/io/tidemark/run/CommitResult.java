package io.tidemark.run;

/**
 * The result of {@code commitOffsets}.
 *
 * @param partitions number of partitions whose offsets were published
 */
public record CommitResult(int partitions) {}
