package io.tidemark.state;

import io.tidemark.aggregate.AccumulatorTable;
import io.tidemark.aggregate.Accumulators;
import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.GroupKey;
import io.tidemark.number.Varint;
import io.tidemark.part.LimitException;
import io.tidemark.part.Part;
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
 *
 * <p>That is version 1. Version 2 is for layouts with {@link Accumulators}: after its version stands their signature, and after
 * the doubles of a cell their own doubles, longs (zigzag) and parts, each part with its length; a length of 0 stands for no part.
 */
public final class ChunkCodec {
    /**
     * The most bytes of a record in a state topic that Tidemark has created, compressed. What is stored of a cell must fit into
     * one.
     */
    public static final int RECORD_BYTES = 8 * 1024 * 1024;

    private static final byte PLAIN = 1;
    private static final byte NEWEST = 2;

    private final CellLayout layout;
    private final Accumulators accumulators;
    private final byte version;

    /** A codec for cells of this layout. */
    public ChunkCodec(CellLayout layout) {
        this.layout = layout;
        accumulators = layout.accumulators();
        version = accumulators.isEmpty() ? PLAIN : NEWEST;
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
            int bytes = maxHeader();
            do {
                bytes += size(table, slots[next++]);
            } while (next < slots.length && bytes + size(table, slots[next]) <= maxBytes);
            int length = bytes - maxHeader() + header(next - first);
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
        return Varint.size(key)
                + key
                + Varint.size(table.count(slot))
                + Double.BYTES * layout.doubles()
                + size(table.accumulators(), slot);
    }

    private int size(AccumulatorTable cells, int slot) {
        int size = Double.BYTES * accumulators.doubles();
        for (int i = 0; i < accumulators.longs(); i++) {
            size += Varint.size(zigzag(cells.whole(slot, i)));
        }
        for (int i = 0; i < accumulators.parts(); i++) {
            Part part = cells.part(slot, i);
            int length = part == null ? 0 : part.encodedBytes();
            size += Varint.size(length) + length;
        }
        return size;
    }

    private static long zigzag(long value) {
        return (value << 1) ^ (value >> 63);
    }

    /** The most bytes before the first cell of a chunk. */
    int maxHeader() {
        return (version == PLAIN ? 1 : 1 + Integer.BYTES) + 5 + 5;
    }

    private int header(int cells) {
        return (version == PLAIN ? 1 : 1 + Integer.BYTES) + Varint.size(layout.doubles()) + Varint.size(cells);
    }

    private byte[] chunk(CellTable table, int[] slots, int length) {
        byte[] bytes = new byte[length];
        ByteBuffer doubles = ByteBuffer.wrap(bytes);
        bytes[0] = version;
        int at = 1;
        if (version > PLAIN) {
            doubles.putInt(at, accumulators.signature());
            at += Integer.BYTES;
        }
        at = Varint.write(layout.doubles(), bytes, at);
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
            at = write(table.accumulators(), slot, doubles, at);
        }
        return bytes;
    }

    private int write(AccumulatorTable cells, int slot, ByteBuffer into, int start) {
        int at = start;
        for (int i = 0; i < accumulators.doubles(); i++) {
            into.putDouble(at, cells.real(slot, i));
            at += Double.BYTES;
        }
        for (int i = 0; i < accumulators.longs(); i++) {
            at = Varint.write(zigzag(cells.whole(slot, i)), into.array(), at);
        }
        for (int i = 0; i < accumulators.parts(); i++) {
            Part part = cells.part(slot, i);
            at = Varint.write(part == null ? 0 : part.encodedBytes(), into.array(), at);
            at = part == null ? at : part.write(into.array(), at);
        }
        return at;
    }

    private void read(ByteBuffer rest, AccumulatorTable cell) {
        if (rest.remaining() < Double.BYTES * accumulators.doubles()) {
            throw new IllegalArgumentException("a cell is cut off");
        }
        for (int i = 0; i < accumulators.doubles(); i++) {
            cell.real(0, i, rest.getDouble());
        }
        for (int i = 0; i < accumulators.longs(); i++) {
            long value = Varint.read(rest);
            cell.whole(0, i, (value >>> 1) ^ -(value & 1));
        }
        for (int i = 0; i < accumulators.parts(); i++) {
            int length = length(rest);
            ByteBuffer bytes = rest.slice(rest.position(), length);
            rest.position(rest.position() + length);
            cell.part(0, i, length == 0 ? null : accumulators.part(i).read(bytes));
        }
    }

    /**
     * Reads a chunk, and adds its cells to a table.
     *
     * @param window the window of the cells, which is not in the chunk
     * @throws UnreadableChunkException if the bytes are not a chunk of this layout; some cells may have been added
     * @throws LimitException if the table is full, or an accumulator would exceed a limit of the job
     */
    public void decode(byte[] chunk, long window, CellTable into) throws UnreadableChunkException, LimitException {
        ByteBuffer rest = ByteBuffer.wrap(chunk);
        try {
            check(rest);
            double[] values = new double[layout.doubles()];
            AccumulatorTable cell = new AccumulatorTable(accumulators, 1);
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
                read(rest, cell);
                into.addPartial(into.findOrAdd(window, key, 0, key.length), count, values, 0, cell, 0);
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

    /**
     * Checks that {@link #decode} would read a chunk as one of this layout; its cells are not looked at.
     *
     * @throws UnreadableChunkException if it has other accumulators, or another version
     */
    public void requireSameLayout(byte[] chunk) throws UnreadableChunkException {
        check(ByteBuffer.wrap(chunk));
    }

    private void check(ByteBuffer rest) throws UnreadableChunkException {
        int found = rest.hasRemaining() ? rest.get() : 0;
        if (found > NEWEST) {
            throw new UnreadableChunkException("stored totals have version " + found + ", this program reads up to "
                    + NEWEST + "; run a program at least as new as the one that wrote them");
        }
        if (found < PLAIN) {
            throw new UnreadableChunkException("stored totals begin with " + found + ", which is no version");
        }
        if (found != version) {
            throw new UnreadableChunkException("stored totals have version " + found + ", but those of this job have "
                    + version + " (" + layout + ")");
        }
        if (version > PLAIN) {
            int signature = rest.remaining() < Integer.BYTES ? 0 : rest.getInt();
            if (signature != accumulators.signature()) {
                throw new UnreadableChunkException("stored totals hold other accumulators than the job has (" + layout
                        + "); run the release that wrote them, or a new job");
            }
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
