package io.tidemark.aggregate;

import io.tidemark.part.LimitException;
import io.tidemark.part.Part;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What {@link Accumulators} keep of cells: for each cell, by its slot, some doubles, some longs, and some parts. A part is
 * null until a record counts for it.
 *
 * <p>Not safe for use by several threads.
 */
public final class AccumulatorTable {
    private final Accumulators layout;
    double[] doubles = {};
    long[] longs = {};

    @Nullable
    Part[] parts = {};

    /** By how many bytes parts have grown in the call that adds to a cell. */
    private long grown;

    /** Room for some cells without records. */
    public AccumulatorTable(Accumulators layout, int cells) {
        this.layout = layout;
        resize(cells);
    }

    void resize(int cells) {
        doubles = Arrays.copyOf(doubles, cells * layout.doubles());
        longs = Arrays.copyOf(longs, cells * layout.longs());
        parts = Arrays.copyOf(parts, cells * layout.parts());
    }

    /** Sets a new cell, which has only zeros yet, to that of no records. */
    void clear(int slot) {
        for (Accumulator each : layout.all()) {
            each.clear(this, slot);
        }
    }

    /** Where the doubles of a cell begin. */
    int doubleAt(int slot) {
        return slot * layout.doubles();
    }

    /** Where the longs of a cell begin. */
    int longAt(int slot) {
        return slot * layout.longs();
    }

    /** A double of a cell. */
    public double real(int slot, int i) {
        return doubles[slot * layout.doubles() + i];
    }

    /** Sets a double of a cell. */
    public void real(int slot, int i, double value) {
        doubles[slot * layout.doubles() + i] = value;
    }

    /** A long of a cell. */
    public long whole(int slot, int i) {
        return longs[slot * layout.longs() + i];
    }

    /** Sets a long of a cell. */
    public void whole(int slot, int i, long value) {
        longs[slot * layout.longs() + i] = value;
    }

    /** A part of a cell; null if no record counted for it. */
    public @Nullable Part part(int slot, int i) {
        return parts[slot * layout.parts() + i];
    }

    /** Sets a part of a cell. */
    public void part(int slot, int i, @Nullable Part value) {
        parts[slot * layout.parts() + i] = value;
    }

    /**
     * Adds a record to a cell.
     *
     * @param count how many records the cell has, with this one
     * @return by how many bytes the parts of the cell have grown
     */
    long add(int slot, long count, Inputs record) throws LimitException {
        grown = 0;
        for (Accumulator each = layout.first(); each != null; each = each.next) {
            if (record.present[each.operand]) {
                each.add(this, slot, count, record);
            }
        }
        return grown;
    }

    /** Notes that a part has grown by so many bytes. */
    void grow(int bytes) {
        grown += bytes;
    }

    /**
     * Adds a cell to a cell.
     *
     * @param count how many records the cell has before
     * @param otherCount how many the other has
     * @return by how many bytes the parts of the cell have grown
     */
    long merge(int slot, long count, AccumulatorTable other, int otherSlot, long otherCount) throws LimitException {
        grown = 0;
        // Backwards: what counts stands first, and others need its count before the merge.
        for (int i = layout.all().length - 1; i >= 0; i--) {
            layout.all()[i].merge(this, slot, count, other, otherSlot, otherCount);
        }
        return grown;
    }
}
