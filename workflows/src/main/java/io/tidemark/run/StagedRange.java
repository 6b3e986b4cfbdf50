package io.tidemark.run;

/**
 * A range that was read, and what was in it.
 *
 * @param range the offsets that were read; may end before the range that was asked for
 */
public record StagedRange(PartitionRange range, RecordCounts counts) {}
