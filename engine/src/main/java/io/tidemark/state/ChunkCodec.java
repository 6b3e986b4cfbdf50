package io.tidemark.state;

import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.GroupKey;
import io.tidemark.aggregate.TooManyCellsException;
import io.tidemark.number.Varint;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * The cells of one window as bytes, in chunks that fit into a Kafka record.
 *
 * <p>A chunk is a version (one byte), the number of doubles of a cell, the number of cells, and for each cell: the
 * length of its group's key, the key, its count, its doubles. Doubles are eight bytes, big-endian; all other numbers
 * are {@link Varint}s.
 */
public final class ChunkCodec {
    private static final byte VERSION = 1;
    static final int MAX_HEADER = 1 + 5 + 5;

    private final CellLayout layout;

    /** A codec for cells of this layout. */
    public ChunkCodec(CellLayout layout) {
        this.layout = layout;
    }

    /**
     * Writes cells.
     *
     * @param slots cells of one window
     * @param maxBytes the most bytes of a chunk; a cell that is longer gets a chunk of its own
     * @param reserve is called with the length of each chunk before its memory is allocated; what it throws ends the
     *     call
     * @return chunks for {@link #decode}, in the order of the slots; none without cells
     */
    public List<byte[]> encode(CellTable table, int[] slots, int maxBytes, LongConsumer reserve) {
        List<byte[]> chunks = new ArrayList<>();
        int first = 0;
        while (first < slots.length) {
            int next = first;
            int bytes = MAX_HEADER;
            do {
                bytes += size(table, slots[next++]);
            } while (next < slots.length && bytes + size(table, slots[next]) <= maxBytes);
            int length = bytes - MAX_HEADER + header(next - first);
            reserve.accept(length);
            chunks.add(chunk(table, Arrays.copyOfRange(slots, first, next), length));
            first = next;
        }
        return chunks;
    }

    /** Writes cells of one window as one chunk. */
    byte[] encodeOne(CellTable table, int[] slots, LongConsumer reserve) {
        int length = header(slots.length) + Math.toIntExact(bytes(table, slots));
        reserve.accept(length);
        return chunk(table, slots, length);
    }

    /** Returns the number of bytes of cells, without the header of a chunk. */
    public long bytes(CellTable table, int[] slots) {
        long bytes = 0;
        for (int slot : slots) {
            bytes += size(table, slot);
        }
        return bytes;
    }

    /** Returns the number of bytes of a cell in a chunk. */
    int size(CellTable table, int slot) {
        int key = table.key(slot).length;
        return Varint.size(key) + key + Varint.size(table.count(slot)) + Double.BYTES * layout.doubles();
    }

    private int header(int cells) {
        return 1 + Varint.size(layout.doubles()) + Varint.size(cells);
    }

    private byte[] chunk(CellTable table, int[] slots, int length) {
        byte[] bytes = new byte[length];
        ByteBuffer doubles = ByteBuffer.wrap(bytes);
        bytes[0] = VERSION;
        int at = Varint.write(layout.doubles(), bytes, 1);
        at = Varint.write(slots.length, bytes, at);
        for (int slot : slots) {
            byte[] key = table.key(slot);
            at = Varint.write(key.length, bytes, at);
            System.arraycopy(key, 0, bytes, at, key.length);
            at = Varint.write(table.count(slot), bytes, at + key.length);
            for (int i = 0; i < layout.doubles(); i++) {
                doubles.putDouble(at, table.value(slot, i));
                at += Double.BYTES;
            }
        }
        return bytes;
    }

    /**
     * Reads a chunk, and adds its cells to a table.
     *
     * @param window the window of the cells, which is not in the chunk
     * @throws UnreadableChunkException if the bytes are not a chunk of this layout; some cells may have been added
     * @throws TooManyCellsException if the table is full
     */
    public void decode(byte[] chunk, long window, CellTable into)
            throws UnreadableChunkException, TooManyCellsException {
        ByteBuffer rest = ByteBuffer.wrap(chunk);
        try {
            check(rest);
            double[] values = new double[layout.doubles()];
            for (long cells = Varint.read(rest); cells > 0; cells--) {
                byte[] key = new byte[length(rest)];
                rest.get(key);
                if (GroupKey.count(key) != layout.groups()) {
                    throw new IllegalArgumentException("a cell has another number of groups than the job");
                }
                long count = Varint.read(rest);
                if (count < 1 || rest.remaining() < Double.BYTES * values.length) {
                    throw new IllegalArgumentException("a cell is cut off or empty");
                }
                for (int i = 0; i < values.length; i++) {
                    values[i] = rest.getDouble();
                }
                into.addPartial(into.findOrAdd(window, key, 0, key.length), count, values, 0);
            }
        } catch (IllegalArgumentException e) {
            throw new UnreadableChunkException("stored totals are damaged at byte " + rest.position() + " of "
                    + chunk.length + ": " + e.getMessage());
        }
        if (rest.hasRemaining()) {
            throw new UnreadableChunkException(
                    "stored totals are damaged: " + rest.remaining() + " bytes follow the last cell");
        }
    }

    private void check(ByteBuffer rest) throws UnreadableChunkException {
        int version = rest.hasRemaining() ? rest.get() : 0;
        if (version > VERSION) {
            throw new UnreadableChunkException("stored totals have version " + version + ", this program reads up to "
                    + VERSION + "; run a program at least as new as the one that wrote them");
        }
        if (version < VERSION) {
            throw new UnreadableChunkException("stored totals begin with " + version + ", which is no version");
        }
        long doubles = Varint.read(rest);
        if (doubles != layout.doubles()) {
            throw new UnreadableChunkException("stored totals have " + doubles + " numbers in a cell, the job has "
                    + layout.doubles() + " (" + layout + ")");
        }
    }

    private static int length(ByteBuffer rest) {
        long length = Varint.read(rest);
        if (length < 0 || length > rest.remaining()) {
            throw new IllegalArgumentException("a cell is cut off");
        }
        return (int) length;
    }
}
