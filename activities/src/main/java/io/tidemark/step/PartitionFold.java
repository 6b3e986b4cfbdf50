package io.tidemark.step;

import io.tidemark.aggregate.CellTable;
import io.tidemark.fold.InputRecord;
import io.tidemark.kafka.input.InputReader;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.StagedRange;

/** Adds the records of one partition to cells. */
interface PartitionFold {
    /** Adds a record. */
    void record(InputRecord record);

    /** Receives a record whose key and value were not read, because they are too large. */
    void tooLarge(long offset, long timestamp, long size);

    /** Returns the cells that were added to. */
    CellTable cells();

    /** Returns the account of the requested range, up to where it was read. */
    StagedRange staged(PartitionRange asked, InputReader.Read read);
}
