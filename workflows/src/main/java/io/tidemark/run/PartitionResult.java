package io.tidemark.run;

import io.tidemark.state.RecordCounts;

/**
 * The numbers of one partition in one run.
 *
 * @param from the offset at which the run started
 * @param through the next offset to read
 * @param counts numbers of records by what became of them
 * @param rows rows written; a row that several pieces changed counts once for each piece
 */
public record PartitionResult(int partition, long from, long through, RecordCounts counts, long rows) {}
