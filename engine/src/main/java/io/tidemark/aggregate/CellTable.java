package io.tidemark.aggregate;

import io.tidemark.part.LimitException;
import io.tidemark.part.SipHash;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Running totals: a cell for each window and group, in arrays of primitives. A cell is identified by its slot: slots
 * count from 0 in the order in which cells were added. No cell is ever removed.
 *
 * <p>Not safe for use by several threads.
 */
public final class CellTable {
    private static final int FIRST_CAPACITY = 16;
    /** Bytes that {@link #sortedSlots} allocates for each cell: a boxed slot, references to it, the result. */
    private static final int SORTING = 32;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final CellLayout layout;
    private final int maxCells;
    private final Memory memory;
    private final SipHash hash;
    private final boolean hasAccumulators;
    private long taken;
    private int size;
    private int last = -1;

    // Entry: upper 32 bits = hash, lower 32 bits = slot + 1; 0 = empty. Load factor at most 1/2. The hash is kept here
    // so that a probe that meets another cell reads only the index.
    private long[] index = new long[2 * FIRST_CAPACITY];
    private long[] windows = new long[FIRST_CAPACITY];
    private byte[][] keys = new byte[FIRST_CAPACITY][];
    private long[] counts = new long[FIRST_CAPACITY];
    private double[] values;
    /** What the accumulators of the layout have; empty if there are none. */
    private final AccumulatorTable accumulators;

    /** A table without a limit on its memory. */
    public CellTable(CellLayout layout, int maxCells) {
        this(layout, maxCells, Memory.UNBOUNDED);
    }

    /**
     * A table without cells.
     *
     * @param maxCells how many cells it may hold; see {@code limits.cells} of a job
     * @param memory is asked before the table grows; if it throws, the table is unchanged
     */
    public CellTable(CellLayout layout, int maxCells, Memory memory) {
        this(layout, maxCells, memory, SipHash.OF_PROCESS);
    }

    CellTable(CellLayout layout, int maxCells, Memory memory, SipHash hash) {
        this.hash = hash;
        this.layout = layout;
        this.hasAccumulators = !layout.accumulators().isEmpty();
        this.memory = memory;
        // Bounded by the largest array: the index has two entries for each cell, and one array holds all doubles.
        Accumulators more = layout.accumulators();
        int widest =
                Math.max(Math.max(1, layout.doubles()), Math.max(more.doubles(), Math.max(more.longs(), more.parts())));
        this.maxCells = Math.min(maxCells, (1 << 29) / widest);
        take(arrayBytes(FIRST_CAPACITY));
        values = new double[FIRST_CAPACITY * layout.doubles()];
        accumulators = new AccumulatorTable(more, FIRST_CAPACITY);
    }

    /** What its cells hold. */
    public CellLayout layout() {
        return layout;
    }

    /** How many cells there are. */
    public int size() {
        return size;
    }

    /**
     * The slot of a cell. A cell that the table does not have is added, with no records.
     *
     * @param key the group, as {@link GroupKey} writes it
     */
    public int findOrAdd(long window, byte[] key, int off, int len) throws TooManyCellsException {
        if (last >= 0 && windows[last] == window && same(keys[last], key, off, len)) {
            return last;
        }
        int hash = (int) this.hash.of(window, key, off, len);
        int at = position(hash, window, key, off, len);
        int slot = (int) index[at] - 1;
        if (slot < 0) {
            if (size >= maxCells) {
                throw new TooManyCellsException(maxCells);
            }
            take(keyBytes(len));
            if (size == counts.length) {
                grow();
                at = position(hash, window, key, off, len);
            }
            slot = size++;
            index[at] = (long) hash << Integer.SIZE | (slot + 1);
            windows[slot] = window;
            keys[slot] = Arrays.copyOfRange(key, off, off + len);
            layout.clear(values, slot * layout.doubles());
            if (hasAccumulators) {
                accumulators.clear(slot);
            }
        }
        last = slot;
        return slot;
    }

    /** The slot of a cell, or -1 if the table does not have it. */
    public int find(long window, byte[] key, int off, int len) {
        return (int) index[position((int) hash.of(window, key, off, len), window, key, off, len)] - 1;
    }

    /**
     * Adds one record to a cell.
     *
     * @param record the values of {@link CellLayout#fields}
     */
    public void add(int slot, double[] record) {
        counts[slot]++;
        layout.add(values, slot * layout.doubles(), record);
    }

    /**
     * Adds one record to a cell of a layout with accumulators. If it throws, the cell holds a part of the record.
     *
     * @param record the values of {@link CellLayout#fields}
     * @param inputs the values of {@link Accumulators#operands}
     * @throws LimitException if an accumulator would exceed a limit of the job
     */
    public void add(int slot, double[] record, Inputs inputs) throws LimitException {
        add(slot, record);
        long grown = accumulators.add(slot, counts[slot], inputs);
        if (grown != 0) {
            take(grown);
        }
    }

    /**
     * Adds a cell of a table of the same layout to one of this table.
     *
     * @throws LimitException if an accumulator would exceed a limit of the job; the cell then holds a part of the other
     */
    public void merge(int slot, CellTable other, int otherSlot) throws LimitException {
        addPartial(
                slot,
                other.counts[otherSlot],
                other.values,
                otherSlot * layout.doubles(),
                other.accumulators,
                otherSlot);
    }

    /**
     * Adds the totals of other records to a cell.
     *
     * @param count the number of those records
     * @param totals holds the doubles of {@link CellLayout#columns}, from {@code from}
     */
    public void addPartial(int slot, long count, double[] totals, int from) {
        int at = slot * layout.doubles();
        if (counts[slot] == 0) {
            // Copied, not merged with zero: merging would make NaN of a sum that overflowed.
            System.arraycopy(totals, from, values, at, layout.doubles());
        } else {
            layout.merge(values, at, totals, from);
        }
        counts[slot] += count;
    }

    /**
     * Adds the totals of other records to a cell of a layout with accumulators.
     *
     * @param others holds what the accumulators have, at {@code otherSlot}
     * @throws LimitException if an accumulator would exceed a limit of the job; the cell then holds a part of the other
     */
    public void addPartial(int slot, long count, double[] totals, int from, AccumulatorTable others, int otherSlot)
            throws LimitException {
        if (hasAccumulators) {
            take(accumulators.merge(slot, counts[slot], others, otherSlot, count));
        }
        addPartial(slot, count, totals, from);
    }

    /**
     * Adds all cells of another table.
     *
     * @throws LimitException if the table is full, or an accumulator would exceed a limit of the job
     * @throws IllegalArgumentException where the tables hold different things
     */
    public void mergeAll(CellTable other) throws LimitException {
        if (!layout.sameAs(other.layout)) {
            throw new IllegalArgumentException("cells of " + other.layout + " do not go into cells of " + layout);
        }
        for (int each = 0; each < other.size; each++) {
            byte[] key = other.keys[each];
            merge(findOrAdd(other.windows[each], key, 0, key.length), other, each);
        }
    }

    /** The start of a cell's window, in milliseconds since 1970. */
    public long window(int slot) {
        return windows[slot];
    }

    /** A cell's group, as {@link GroupKey} writes it. Not a copy: it must not be changed. */
    public byte[] key(int slot) {
        return keys[slot];
    }

    /** The number of records in a cell. */
    public long count(int slot) {
        return counts[slot];
    }

    /** One of the doubles of {@link CellLayout#columns}. */
    public double value(int slot, int column) {
        return values[slot * layout.doubles() + column];
    }

    /** What the accumulators of the layout have. Not a copy: it must not be changed. */
    public AccumulatorTable accumulators() {
        return accumulators;
    }

    /** All slots by window, then by the bytes of the group, unsigned. */
    public int[] sortedSlots() {
        Comparator<Integer> byWindow = Comparator.comparingLong(slot -> windows[slot]);
        return IntStream.range(0, size)
                .boxed()
                .sorted(byWindow.thenComparing(slot -> keys[slot], Arrays::compareUnsigned))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /** The position of the cell in the index, or the empty one where it belongs. */
    private int position(int hash, long window, byte[] key, int off, int len) {
        int mask = index.length - 1;
        int at = hash & mask;
        for (long entry = index[at]; entry != 0; entry = index[at]) {
            int slot = (int) entry - 1;
            if ((int) (entry >>> Integer.SIZE) == hash && windows[slot] == window && same(keys[slot], key, off, len)) {
                return at;
            }
            at = (at + 1) & mask;
        }
        return at;
    }

    /** How many entries of the index are read at most to find a cell. */
    int longestProbe() {
        int mask = index.length - 1;
        int longest = 0;
        for (int at = 0; at < index.length; at++) {
            if (index[at] != 0) {
                longest = Math.max(longest, ((at - (int) (index[at] >>> Integer.SIZE)) & mask) + 1);
            }
        }
        return longest;
    }

    /**
     * Like {@code Arrays.equals} for ranges, but faster for keys of a dozen bytes: it saves a call and range checks.
     */
    private static boolean same(byte[] stored, byte[] key, int off, int len) {
        if (stored.length != len) {
            return false;
        }
        int i = 0;
        for (; i + 8 <= len; i += 8) {
            if ((long) LONGS.get(stored, i) != (long) LONGS.get(key, off + i)) {
                return false;
            }
        }
        for (; i < len; i++) {
            if (stored[i] != key[off + i]) {
                return false;
            }
        }
        return true;
    }

    private void grow() {
        int before = counts.length;
        int capacity = Math.min(2 * before, Math.max(maxCells, FIRST_CAPACITY));
        // Old and new arrays exist together until the end of this method.
        take(arrayBytes(capacity));
        windows = Arrays.copyOf(windows, capacity);
        keys = Arrays.copyOf(keys, capacity);
        counts = Arrays.copyOf(counts, capacity);
        values = Arrays.copyOf(values, capacity * layout.doubles());
        accumulators.resize(capacity);
        long[] wider = new long[2 * index.length];
        int mask = wider.length - 1;
        for (long entry : index) {
            if (entry != 0) {
                int at = (int) (entry >>> Integer.SIZE) & mask;
                while (wider[at] != 0) {
                    at = (at + 1) & mask;
                }
                wider[at] = entry;
            }
        }
        index = wider;
        giveBack(arrayBytes(before));
    }

    /** Releases the table's memory. The table must not be used afterwards. */
    public void free() {
        giveBack(taken);
    }

    private void take(long bytes) {
        memory.take(bytes);
        taken += bytes;
    }

    private void giveBack(long bytes) {
        memory.giveBack(bytes);
        taken -= bytes;
    }

    /** Bytes of the arrays for {@code capacity} cells, of the index (up to four entries a cell), and for sorting. */
    private long arrayBytes(int capacity) {
        Accumulators more = layout.accumulators();
        int words = layout.doubles() + more.doubles() + more.longs() + more.parts();
        return capacity * (4L * Long.BYTES + SORTING + 3L * Long.BYTES + 8L * words);
    }

    /** Bytes of a byte array: a header of 16, rounded up to a multiple of eight. */
    private static long keyBytes(int length) {
        return (16 + length + 7) & ~7L;
    }
}
