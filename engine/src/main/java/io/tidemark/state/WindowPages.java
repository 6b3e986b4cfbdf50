package io.tidemark.state;

import io.tidemark.aggregate.CellTable;
import io.tidemark.state.ChunkRef.Page;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.LongConsumer;

/**
 * The stored totals of one window as pages: each page holds the groups whose keys are at or after its first one and before
 * that of the next page, like the leaves of a B-tree. So a batch reads and rewrites the pages of the groups that it touches,
 * whatever the window holds besides.
 *
 * <p>A page that becomes too long is split into pages that are half full, so that the next groups find room. A page is
 * never merged with another, because cells are only removed with their window.
 */
public final class WindowPages {
    /** A page and the progress record that refers to it stay below 64 KiB together in a window of 100,000 groups. */
    static final int MAX_BYTES = 56 * 1024;

    private static final int HALF = MAX_BYTES / 2;
    private static final byte[] START = {};

    /** By their first key; empty if there are no stored totals, or if they are in chunks without page. */
    private final List<ChunkRef> pages;

    private final int next;

    /**
     * A page to be written.
     *
     * @param number of the chunk within its window
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Draft(int number, byte[] bytes, Page page) {}

    /** The pages of the chunks of one window. If one of them is no page, all of them are read, and rewritten as pages. */
    public WindowPages(List<ChunkRef> chunks) {
        boolean paged = chunks.stream().allMatch(each -> each.page() != null);
        pages = paged
                ? chunks.stream()
                        .sorted(Comparator.comparing(WindowPages::first, Arrays::compareUnsigned))
                        .toList()
                : List.of();
        next = 1 + pages.stream().mapToInt(ChunkRef::number).max().orElse(0);
    }

    private static byte[] first(ChunkRef chunk) {
        return Objects.requireNonNull(chunk.page(), "a chunk of a window in pages is a page")
                .first();
    }

    /** Whether a batch that touches the window must read all its chunks, because they are no pages. */
    public boolean isEmpty() {
        return pages.isEmpty();
    }

    /** Returns the page that holds a group if the window has it. There must be pages. */
    public ChunkRef of(byte[] group) {
        return pages.get(index(group));
    }

    private int index(byte[] group) {
        int low = 0;
        int high = pages.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (Arrays.compareUnsigned(first(pages.get(middle)), group) <= 0) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /**
     * Writes the pages of cells again.
     *
     * @param slots all cells of the pages that a batch touches, by the bytes of their groups
     * @param reserve is called with the length of each page before its memory is allocated; what it throws ends the call
     */
    public List<Draft> rewrite(ChunkCodec codec, CellTable table, int[] slots, LongConsumer reserve) {
        List<Draft> drafts = new ArrayList<>();
        int free = next;
        for (int from = 0; from < slots.length; ) {
            int index = index(table.key(slots[from]));
            int to = index + 1 < pages.size() ? end(table, slots, from, first(pages.get(index + 1))) : slots.length;
            int number = pages.isEmpty() ? 0 : pages.get(index).number();
            byte[] first = pages.isEmpty() ? START : first(pages.get(index));
            int[] cells = Arrays.copyOfRange(slots, from, to);
            for (int[] each : split(codec, table, cells)) {
                byte[] bytes = codec.encodeOne(table, each, reserve);
                if (each[0] != cells[0]) {
                    number = free++;
                    first = separator(table.key(slots[from - 1]), table.key(each[0]));
                }
                drafts.add(new Draft(number, bytes, new Page(first, each.length, bytes.length)));
                from += each.length;
            }
        }
        return drafts;
    }

    /** Returns the first position after {@code from} whose group is at or after {@code limit}. */
    private static int end(CellTable table, int[] slots, int from, byte[] limit) {
        int to = from + 1;
        while (to < slots.length && Arrays.compareUnsigned(table.key(slots[to]), limit) < 0) {
            to++;
        }
        return to;
    }

    /** Divides cells into pages of about half of the most bytes, if they do not fit into one. */
    private static List<int[]> split(ChunkCodec codec, CellTable table, int[] slots) {
        long total = codec.bytes(table, slots);
        if (slots.length == 1 || total + codec.maxHeader() <= MAX_BYTES) {
            return List.of(slots);
        }
        long parts = Math.max(2, total / HALF);
        List<int[]> pages = new ArrayList<>();
        long before = 0;
        int from = 0;
        long part = 0;
        for (int i = 0; i < slots.length; i++) {
            // A cell belongs to the part that its middle is in. So the first and the last cell are in different parts.
            int size = codec.size(table, slots[i]);
            long in = (2 * before + size) * parts / (2 * total);
            if (in > part && i > from) {
                pages.addAll(split(codec, table, Arrays.copyOfRange(slots, from, i)));
                from = i;
            }
            part = in;
            before += size;
        }
        pages.addAll(split(codec, table, Arrays.copyOfRange(slots, from, slots.length)));
        return pages;
    }

    /** Returns the shortest prefix of {@code key} that is after {@code before}, which is a smaller key. */
    private static byte[] separator(byte[] before, byte[] key) {
        return Arrays.copyOf(key, common(before, key) + 1);
    }

    /** Returns the number of bytes with which both begin. */
    static int common(byte[] one, byte[] other) {
        int mismatch = Arrays.mismatch(one, other);
        return mismatch < 0 ? one.length : mismatch;
    }
}
