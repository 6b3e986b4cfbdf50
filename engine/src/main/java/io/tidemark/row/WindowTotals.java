package io.tidemark.row;

import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.Memory;
import io.tidemark.part.LimitException;
import io.tidemark.window.RowWindows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Merges the panes of windows that overlap, for the rows of one window at a time.
 *
 * <p>Not safe for use by several threads.
 */
public final class WindowTotals {
    private final RowWindows windows;
    private final CellLayout layout;
    private final Memory memory;
    private final List<Panes> tables = new ArrayList<>();
    private final @Nullable Panes touched;

    /** The cells of a table by pane, and by group within it. */
    private static final class Panes {
        private final CellTable cells;
        private final int[] slots;

        Panes(CellTable cells) {
            this.cells = cells;
            this.slots = cells.sortedSlots();
        }

        /** Returns the first position whose pane is not before {@code pane}. */
        int position(long pane) {
            int low = 0;
            int high = slots.length;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (cells.window(slots[middle]) < pane) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low;
        }

        /** Returns the cells in the panes from {@code first} to {@code last}. */
        int[] slots(long first, long last) {
            int from = position(first);
            int to = from;
            while (to < slots.length && cells.window(slots[to]) <= last) {
                to++;
            }
            return Arrays.copyOfRange(slots, from, to);
        }
    }

    /**
     * Totals of panes; the tables must not change any more.
     *
     * @param memory is asked before a result of {@link #of} grows
     * @param tables hold the panes; a cell is in one of them at most
     * @param touched if not null, the only groups of a window are those with a cell in one of its panes in this table
     */
    public WindowTotals(
            RowWindows windows, CellLayout layout, Memory memory, List<CellTable> tables, @Nullable CellTable touched) {
        this.windows = windows;
        this.layout = layout;
        this.memory = memory;
        tables.forEach(each -> this.tables.add(new Panes(each)));
        this.touched = touched == null ? null : new Panes(touched);
    }

    /** The starts of the panes that have cells, or touched ones, in their order. */
    public SortedSet<Long> panes() {
        SortedSet<Long> panes = new TreeSet<>();
        for (Panes each : touched == null ? tables : List.of(touched)) {
            for (int slot : each.slots) {
                panes.add(each.cells.window(slot));
            }
        }
        return panes;
    }

    /**
     * Returns the totals of a window: a table with one cell for each group. The caller frees it.
     *
     * @throws LimitException if an accumulator would exceed a limit of the job
     */
    public CellTable of(long window) throws LimitException {
        CellTable totals = new CellTable(layout, Integer.MAX_VALUE, memory);
        long first = windows.start(window);
        if (touched != null) {
            for (int slot : touched.slots(first, window)) {
                byte[] group = touched.cells.key(slot);
                totals.findOrAdd(window, group, 0, group.length);
            }
        }
        for (Panes each : tables) {
            for (int slot : each.slots(first, window)) {
                byte[] group = each.cells.key(slot);
                int cell = touched == null
                        ? totals.findOrAdd(window, group, 0, group.length)
                        : totals.find(window, group, 0, group.length);
                if (cell >= 0) {
                    totals.merge(cell, each.cells, slot);
                }
            }
        }
        return totals;
    }
}
