package io.tidemark.step;

import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.TooManyCellsException;
import io.tidemark.job.JobSpec;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;

/** Merges tables, and translates the limit's failure into the job's terms. */
final class Cells {
    private Cells() {}

    static void merge(JobSpec job, int partition, CellTable into, CellTable from) {
        try {
            into.mergeAll(from);
        } catch (TooManyCellsException e) {
            throw new TidemarkException(
                    FailureKind.TOO_MANY_CELLS,
                    job.input().topic() + "[" + partition + "]: " + e.getMessage()
                            + " (limits.cells); raise the limit, or use longer windows or fewer groups");
        }
    }
}
