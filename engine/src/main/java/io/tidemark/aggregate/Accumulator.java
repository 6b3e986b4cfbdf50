package io.tidemark.aggregate;

import io.tidemark.part.LimitException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of what a cell holds, which can be added to and merged in any order: where its numbers are among those of the cell,
 * and how records change them. Immutable after {@link Accumulators} has placed it.
 */
abstract class Accumulator {
    /** What it computes, from which operand. Accumulators of equal names are the same. */
    final String name;
    /** The number of its operand. */
    final int operand;
    /** Counts the records of its operand; null if all records of a cell count. */
    final @Nullable CountOf counter;
    // Where its doubles, longs and part are in a cell.
    int doubleAt;
    int longAt;
    int partAt;
    /** The one that records are added to after it. They are linked for the reason that {@link CellLayout} gives. */
    @Nullable
    Accumulator next;

    Accumulator(String name, int operand, @Nullable CountOf counter) {
        this.name = name;
        this.operand = operand;
        this.counter = counter;
    }

    /** How many doubles it has. */
    int doubles() {
        return 0;
    }

    /** How many longs it has. */
    int longs() {
        return 0;
    }

    /** How many parts it has: none, or one. */
    int parts() {
        return 0;
    }

    /** Its columns in a staged file. */
    abstract List<Column> columns();

    /** Sets a cell to that of no records, if that is not zero. */
    void clear(AccumulatorTable cells, int slot) {}

    /**
     * Adds a record that counts for its operand.
     *
     * @param count how many records the cell has, with this one
     */
    abstract void add(AccumulatorTable cells, int slot, long count, Inputs record) throws LimitException;

    /**
     * Adds a cell.
     *
     * @param count how many records the cell has before
     * @param otherCount how many the other has
     */
    abstract void merge(
            AccumulatorTable cells, int slot, long count, AccumulatorTable other, int otherSlot, long otherCount)
            throws LimitException;

    /** How many records count for its operand. */
    final long count(AccumulatorTable cells, int slot, long count) {
        return counter == null ? count : cells.whole(slot, counter.longAt);
    }

    /** Where its first double is, among those of all cells. */
    final int doubleAt(AccumulatorTable cells, int slot) {
        return cells.doubleAt(slot) + doubleAt;
    }

    /** Where its first long is, among those of all cells. */
    final int longAt(AccumulatorTable cells, int slot) {
        return cells.longAt(slot) + longAt;
    }

    /** Counts the records of an operand. */
    static final class CountOf extends Accumulator {
        CountOf(String name, int operand) {
            super(name, operand, null);
        }

        @Override
        List<Column> columns() {
            return List.of(new Column.Whole(name, longAt));
        }

        @Override
        int longs() {
            return 1;
        }

        @Override
        void add(AccumulatorTable cells, int slot, long count, Inputs record) {
            cells.whole(slot, longAt, cells.whole(slot, longAt) + 1);
        }

        @Override
        void merge(
                AccumulatorTable cells, int slot, long count, AccumulatorTable other, int otherSlot, long otherCount) {
            cells.whole(slot, longAt, cells.whole(slot, longAt) + other.whole(otherSlot, longAt));
        }
    }
}
