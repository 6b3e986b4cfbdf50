package io.tidemark.state;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where a chunk of a window's cells is.
 *
 * @param window start of the window, in milliseconds since the epoch
 * @param number of the chunk within its window, from 0
 * @param offset in the state topic's partition; compaction keeps it
 * @param checksum CRC-32C of the chunk's bytes
 * @param page what a progress record of version 2 knows about the chunk, or null in version 1
 */
public record ChunkRef(
        long window,
        int number,
        long offset,
        int checksum,
        @Nullable Page page) {
    /** A chunk of version 1. */
    public ChunkRef(long window, int number, long offset, int checksum) {
        this(window, number, offset, checksum, null);
    }

    /**
     * The part of a window's groups that a chunk holds, so that a batch needs only the chunks of the groups that it
     * touches.
     *
     * @param first a prefix of the first group's key, by which keys of this page are told from those of the page before it:
     *     no key of that page is as great. Empty for the first page of a window
     * @param cells the number of cells
     * @param bytes the length of the chunk
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by its content
    public record Page(byte[] first, int cells, int bytes) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Page page
                    && cells == page.cells
                    && bytes == page.bytes
                    && Arrays.equals(first, page.first);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(first) + bytes;
        }
    }
}
