package io.tidemark.run;

/**
 * A range that was read, and what was in it.
 *
 * @param range the offsets that were read; may end before the range that was asked for
 * @param leaderEpoch epoch of the leader that the last record came from, or -1 where it is not known
 */
public record StagedRange(PartitionRange range, RecordCounts counts, int leaderEpoch) {}
