package io.tidemark.step;

import io.tidemark.aggregate.CellTable;
import io.tidemark.state.ChunkRef;
import io.tidemark.state.ChunkRef.Page;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.WindowPages;
import io.tidemark.window.RowWindows;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * What a batch does with the stored chunks of its partition: it reads some, replaces or removes some, and keeps the rest.
 * Chunks hold panes. If windows overlap, rows also need panes that the batch does not change.
 */
final class TouchedChunks {
    private final List<ChunkRef> read = new ArrayList<>();
    private final Set<ChunkRef> onlyForRows = new LinkedHashSet<>();
    private final List<ChunkRef> gone = new ArrayList<>();
    private final List<ChunkRef> kept = new ArrayList<>();
    private final Map<Long, WindowPages> pages = new HashMap<>();
    private long unreadCells;

    /** @param finalRows whether all cells of closed windows are read, because they become rows */
    TouchedChunks(RowWindows windows, PartitionProgress before, CellTable delta, Closes closes, boolean finalRows) {
        Map<Long, List<ChunkRef>> touchedPanes = new HashMap<>();
        for (int slot = 0; slot < delta.size(); slot++) {
            touchedPanes.computeIfAbsent(delta.window(slot), pane -> new ArrayList<>());
        }
        for (ChunkRef each : before.chunks()) {
            List<ChunkRef> ofPane = touchedPanes.get(each.window());
            if (ofPane != null) {
                ofPane.add(each);
            }
        }
        touchedPanes.forEach((pane, chunks) -> pages.put(pane, new WindowPages(chunks)));
        Set<ChunkRef> touched = touchedPages(delta);
        Predicate<ChunkRef> inRows = !windows.overlap()
                ? each -> false
                : finalRows ? each -> closes.contains(each.window()) : neighbours(windows, before, delta)::contains;
        for (ChunkRef each : before.chunks()) {
            WindowPages ofPane = pages.get(each.window());
            boolean isTouched = ofPane != null && (ofPane.isEmpty() || touched.contains(each));
            boolean isFreed = closes.frees(each.window());
            Page page = each.page();
            if (isTouched || isFreed && (finalRows || page == null)) {
                read.add(each);
            } else {
                if (isFreed && page != null) {
                    unreadCells += page.cells();
                }
                if (inRows.test(each)) {
                    onlyForRows.add(each);
                }
            }
            (isTouched || isFreed ? gone : kept).add(each);
        }
    }

    /** Returns the chunks that hold the touched groups in the panes that have a window in common with the touched pane. */
    private static Set<ChunkRef> neighbours(RowWindows windows, PartitionProgress before, CellTable delta) {
        NavigableMap<Long, List<ChunkRef>> stored = new TreeMap<>();
        for (ChunkRef each : before.chunks()) {
            stored.computeIfAbsent(each.window(), pane -> new ArrayList<>()).add(each);
        }
        Map<Long, Collection<List<ChunkRef>>> near = new HashMap<>();
        Map<List<ChunkRef>, WindowPages> pagesOf = new IdentityHashMap<>();
        Set<ChunkRef> neighbours = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int slot = 0; slot < delta.size(); slot++) {
            byte[] group = delta.key(slot);
            Collection<List<ChunkRef>> panes = near.computeIfAbsent(
                    delta.window(slot),
                    pane -> stored.subMap(windows.start(pane), true, windows.last(pane), true)
                            .values());
            for (List<ChunkRef> each : panes) {
                WindowPages ofPane = pagesOf.computeIfAbsent(each, WindowPages::new);
                if (ofPane.isEmpty()) {
                    neighbours.addAll(each);
                } else {
                    neighbours.add(ofPane.of(group));
                }
            }
        }
        return neighbours;
    }

    private Set<ChunkRef> touchedPages(CellTable delta) {
        Set<ChunkRef> touched = Collections.newSetFromMap(new IdentityHashMap<>());
        if (pages.values().stream().allMatch(WindowPages::isEmpty)) {
            return touched;
        }
        for (int slot = 0; slot < delta.size(); slot++) {
            WindowPages ofPane = pages(delta.window(slot));
            if (!ofPane.isEmpty()) {
                touched.add(ofPane.of(delta.key(slot)));
            }
        }
        return touched;
    }

    /** Returns all chunks to read. */
    List<ChunkRef> wanted() {
        List<ChunkRef> all = new ArrayList<>(read);
        all.addAll(onlyForRows);
        return all;
    }

    /** Whether a chunk is read for the rows only: the batch neither changes nor removes its cells. */
    boolean isOnlyForRows(ChunkRef chunk) {
        return onlyForRows.contains(chunk);
    }

    /** Returns the chunks that the progress will not refer to any more. */
    List<ChunkRef> gone() {
        return gone;
    }

    /** Returns the chunks that stay as they are. */
    List<ChunkRef> kept() {
        return kept;
    }

    /** Returns the pages of a pane that the batch has cells of. */
    WindowPages pages(long pane) {
        return Objects.requireNonNull(pages.get(pane), "the batch has no cells of this pane");
    }

    /** Returns the number of cells that are removed with their pane, without being read to change them. */
    long unreadCells() {
        return unreadCells;
    }
}
