package io.tidemark.step;

import io.tidemark.aggregate.CellTable;
import io.tidemark.state.ChunkRef;
import io.tidemark.state.PartitionProgress;
import java.util.Map;
import java.util.TreeMap;

/**
 * The windows that a batch closes: all windows with totals that start before a time. They are whole windows, because the pair
 * that attempts compare cannot tell a window that is half closed from an open one.
 *
 * @param closedBefore the start of the first window that stays open; that of the stored progress if the batch closes none
 * @param windows the number of windows that the batch closes
 * @param all whether no window is left that may close
 */
record Closes(long closedBefore, long windows, boolean all) {
    /**
     * Chooses windows, the oldest first, until they have about {@code mostCells} cells; at least one, however many it has.
     *
     * @param target windows that start before it may close
     */
    static Closes of(PartitionProgress before, CellTable delta, long target, long mostCells) {
        long closed = before.windows().closedBefore();
        if (target <= closed) {
            return new Closes(closed, 0, true);
        }
        Map<Long, Long> cells = new TreeMap<>();
        for (ChunkRef each : before.chunks()) {
            if (each.window() < target) {
                cells.merge(each.window(), cells(before, each), Long::sum);
            }
        }
        for (int slot = 0; slot < delta.size(); slot++) {
            if (delta.window(slot) < target) {
                cells.merge(delta.window(slot), 1L, Long::sum);
            }
        }
        long windows = 0;
        long together = 0;
        for (Map.Entry<Long, Long> each : cells.entrySet()) {
            together += each.getValue();
            if (windows > 0 && together > mostCells) {
                return new Closes(each.getKey(), windows, false);
            }
            windows++;
        }
        return new Closes(target, windows, true);
    }

    /** Returns the number of cells of a chunk; the mean of all chunks if progress of version 1 does not say it. */
    static long cells(PartitionProgress before, ChunkRef chunk) {
        return chunk.page() != null
                ? chunk.page().cells()
                : before.cells() / before.chunks().size();
    }

    /** Whether a window that is not closed yet, or its totals, are closed by the batch. */
    boolean contains(long window) {
        return window < closedBefore;
    }
}
