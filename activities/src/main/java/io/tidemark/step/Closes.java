package io.tidemark.step;

import io.tidemark.aggregate.CellTable;
import io.tidemark.job.JobSpec;
import io.tidemark.job.OutputSpec.Emit;
import io.tidemark.state.ChunkRef;
import io.tidemark.state.Mark;
import io.tidemark.state.PartitionProgress;
import io.tidemark.window.RowWindows;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The windows that a batch closes: all windows with totals whose last pane starts before a time. They are whole windows,
 * because the pair that attempts compare cannot tell a window that is half closed from an open one.
 *
 * @param closedBefore the last pane of the first window that stays open; that of the stored progress if the batch closes none
 * @param freedBefore the oldest pane that an open window contains; the totals of panes before it are removed
 * @param windows the number of windows that the batch closes
 * @param all whether no window is left that may close
 */
record Closes(long closedBefore, long freedBefore, long windows, boolean all) {
    /**
     * Chooses windows, the oldest first, until they have about {@code closeCells} cells; at least one, however many it has.
     *
     * @param target windows whose last pane starts before it may close
     */
    static Closes of(JobSpec job, RowWindows windows, PartitionProgress before, CellTable delta, long target) {
        long closed = before.windows().closedBefore();
        if (target <= closed) {
            return to(closed, windows, 0, true);
        }
        NavigableMap<Long, Long> cells = new TreeMap<>();
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
        boolean finalRows = job.output().emit() == Emit.FINAL;
        long count = 0;
        long together = 0;
        for (long window : windows.containing(cells.keySet(), closed, target)) {
            // Its rows are made of all its panes. Without them, its first pane is all that it removes.
            long first = windows.start(window);
            long last = finalRows ? window : first;
            together += cells.subMap(first, true, last, true).values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
            if (count > 0 && together > job.limits().closeCells()) {
                return to(window, windows, count, false);
            }
            count++;
        }
        return to(target, windows, count, true);
    }

    private static Closes to(long closedBefore, RowWindows windows, long count, boolean all) {
        long freedBefore = closedBefore == Mark.NOTHING_CLOSED ? closedBefore : windows.start(closedBefore);
        return new Closes(closedBefore, freedBefore, count, all);
    }

    /** Returns the number of cells of a chunk; the mean of all chunks if progress of version 1 does not say it. */
    static long cells(PartitionProgress before, ChunkRef chunk) {
        return chunk.page() != null
                ? chunk.page().cells()
                : before.cells() / before.chunks().size();
    }

    /** Whether a window that is not closed yet is closed by the batch. */
    boolean contains(long window) {
        return window < closedBefore;
    }

    /** Whether all windows that contain a pane are closed after the batch, so that its totals are removed. */
    boolean frees(long pane) {
        return pane < freedBefore;
    }
}
