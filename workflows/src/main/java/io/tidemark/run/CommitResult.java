package io.tidemark.run;

/**
 * What {@code commitOffsets} published.
 *
 * @param partitions how many partitions' offsets
 */
public record CommitResult(int partitions) {}
