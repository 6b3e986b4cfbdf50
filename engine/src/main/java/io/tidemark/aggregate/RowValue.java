package io.tidemark.aggregate;

import java.io.IOException;

/** How a value of a row is computed from a cell. Immutable. */
@FunctionalInterface
public interface RowValue {
    /** Computes the value of a cell. */
    void write(CellTable table, int slot, ValueWriter out) throws IOException;
}
