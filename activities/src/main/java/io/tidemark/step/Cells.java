package io.tidemark.step;

import io.tidemark.aggregate.AggregatorException;
import io.tidemark.aggregate.CellTable;
import io.tidemark.job.JobSpec;
import io.tidemark.part.LimitException;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;

/** Merges tables, and translates the failures of their limits and plugins. */
final class Cells {
    private Cells() {}

    static void merge(JobSpec job, int partition, CellTable into, CellTable from) {
        try {
            into.mergeAll(from);
        } catch (LimitException e) {
            throw failure(job.input().topic() + "[" + partition + "]", e);
        } catch (AggregatorException e) {
            throw failure(job.input().topic() + "[" + partition + "]", e);
        }
    }

    /** Returns the failure of a partition for which a plugin has failed. */
    static TidemarkException failure(String where, AggregatorException e) {
        return new TidemarkException(FailureKind.AGGREGATOR_FAILED, where + ": " + e.getMessage());
    }

    /** Returns the failure of a partition that has reached a limit of its job. */
    static TidemarkException failure(String where, LimitException e) {
        return new TidemarkException(FailureKind.named(e.failure()), where + ": " + e.getMessage());
    }
}
