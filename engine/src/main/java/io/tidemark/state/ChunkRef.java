package io.tidemark.state;

/**
 * Where a chunk of a window's cells is.
 *
 * @param window start of the window, in milliseconds since the epoch
 * @param number of the chunk within its window, from 0
 * @param offset in the state topic's partition; compaction keeps it
 * @param checksum CRC-32C of the chunk's bytes
 */
public record ChunkRef(long window, int number, long offset, int checksum) {}
