package io.tidemark.step;

import io.tidemark.aggregate.CellTable;
import io.tidemark.run.StagedRange;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.PartitionProgress;
import java.util.Map;

/** Makes the updates of a slice's partitions. */
interface BatchUpdates {
    /** Adds a partition's delta; frees it. */
    void add(StagedRange staged, PartitionProgress before, CellTable delta);

    /** Returns the updates by partition, in the order of {@link #add}; refused partitions are left out. */
    Map<Integer, BatchUpdate> finish();

    /** Returns why partitions were refused. No update contains any part of them, so the other partitions can be written. */
    Map<Integer, TidemarkException> refused();
}
