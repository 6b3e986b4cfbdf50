package io.tidemark.step;

import io.tidemark.aggregate.CellTable;
import io.tidemark.state.ChunkRef;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.WindowPages;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** What a batch does with the stored chunks of its partition: it reads some, replaces or removes some, and keeps the rest. */
final class TouchedChunks {
    private final List<ChunkRef> read = new ArrayList<>();
    private final List<ChunkRef> gone = new ArrayList<>();
    private final List<ChunkRef> kept = new ArrayList<>();
    private final Map<Long, WindowPages> pages = new HashMap<>();
    private long unreadCells;

    /** @param finalRows whether all cells of closed windows are read, because they become rows */
    TouchedChunks(PartitionProgress before, CellTable delta, Closes closes, boolean finalRows) {
        Map<Long, List<ChunkRef>> windows = new HashMap<>();
        for (int slot = 0; slot < delta.size(); slot++) {
            windows.computeIfAbsent(delta.window(slot), window -> new ArrayList<>());
        }
        for (ChunkRef each : before.chunks()) {
            List<ChunkRef> ofWindow = windows.get(each.window());
            if (ofWindow != null) {
                ofWindow.add(each);
            }
        }
        windows.forEach((window, chunks) -> pages.put(window, new WindowPages(chunks)));
        Set<ChunkRef> touched = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int slot = 0; slot < delta.size(); slot++) {
            WindowPages ofWindow = pages(delta.window(slot));
            if (!ofWindow.isEmpty()) {
                touched.add(ofWindow.of(delta.key(slot)));
            }
        }
        for (ChunkRef each : before.chunks()) {
            WindowPages ofWindow = pages.get(each.window());
            boolean isTouched = ofWindow != null && (ofWindow.isEmpty() || touched.contains(each));
            boolean isClosed = closes.contains(each.window());
            if (isTouched || isClosed && (finalRows || each.page() == null)) {
                read.add(each);
            } else if (isClosed) {
                unreadCells += each.page().cells();
            }
            (isTouched || isClosed ? gone : kept).add(each);
        }
    }

    /** Returns the chunks to read. */
    List<ChunkRef> read() {
        return read;
    }

    /** Returns the chunks that the progress will not refer to any more. */
    List<ChunkRef> gone() {
        return gone;
    }

    /** Returns the chunks that stay as they are. */
    List<ChunkRef> kept() {
        return kept;
    }

    /** Returns the pages of a window that the batch has cells of. */
    WindowPages pages(long window) {
        return Objects.requireNonNull(pages.get(window), "the batch has no cells of this window");
    }

    /** Returns the number of cells that go with their window, without being read. */
    long unreadCells() {
        return unreadCells;
    }
}
