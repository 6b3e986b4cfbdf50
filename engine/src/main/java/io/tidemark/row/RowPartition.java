package io.tidemark.row;

import io.tidemark.aggregate.CellTable;
import io.tidemark.job.JobSpec;
import io.tidemark.window.RowWindows;

/**
 * Finds the output partition of cells in a job with rows over all input partitions: where Kafka's default partitioner puts the
 * row. If windows overlap, a cell belongs to several rows, with several keys. Then all rows of a group are in one partition,
 * which depends on the values of the group alone.
 *
 * <p>Not safe for use by several threads.
 */
public final class RowPartition {
    private final int partitions;
    private final boolean overlap;
    private final RowEncoder encoder;

    /** Finds partitions for a job. */
    public RowPartition(JobSpec job) {
        partitions = job.output().partitions();
        overlap = RowWindows.of(job.window()).overlap();
        encoder = new RowEncoder(job);
    }

    /** Returns the partition of a cell. */
    public int of(CellTable cells, int slot) {
        return KeyPartition.of(overlap ? cells.key(slot) : encoder.key(cells, slot), partitions);
    }
}
