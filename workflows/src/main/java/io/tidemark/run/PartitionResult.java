package io.tidemark.run;

import io.tidemark.state.RecordCounts;

/**
 * The numbers of one partition in one run.
 *
 * @param from the offset at which the run started
 * @param through the next offset to read
 * @param counts numbers of records by what became of them
 * @param rows rows written; a row that several pieces changed counts once for each piece
 * @param finalRows rows of closed windows among them
 * @param closedWindows windows closed that had totals
 */
public record PartitionResult(
        int partition, long from, long through, RecordCounts counts, long rows, long finalRows, long closedWindows) {
    /** The numbers of a partition in which no window was closed. */
    public PartitionResult(int partition, long from, long through, RecordCounts counts, long rows) {
        this(partition, from, through, counts, rows, 0, 0);
    }

    /** Returns the numbers of both; {@code next} begins where this ends. */
    public PartitionResult plus(PartitionResult next) {
        return new PartitionResult(
                partition,
                from,
                next.through,
                counts.plus(next.counts),
                rows + next.rows,
                finalRows + next.finalRows,
                closedWindows + next.closedWindows);
    }
}
