package io.tidemark.run;

import io.tidemark.state.RecordCounts;

/**
 * One partition's numbers in one run.
 *
 * @param from where the run began
 * @param through where it ended: the next offset to read
 * @param counts what became of its records
 * @param rows how many rows were written, a row that several pieces touched counted each time
 */
public record PartitionResult(int partition, long from, long through, RecordCounts counts, long rows) {}
