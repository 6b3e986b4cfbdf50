package io.tidemark.aggregate;

import io.tidemark.part.LimitException;
import io.tidemark.part.SipHash;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Running totals: a cell for each window and group, in arrays of primitives. A cell is identified by its slot: slots
 * count from 0 in the order in which cells were added. No cell is ever removed.
 *
 * <p>Not safe for use by several threads.
 */
public final class CellTable {
    private static final int FIRST_CAPACITY = 16;

    // What heads has of a cell.
    private static final int HEAD = 4;
    private static final int COUNT = 1;
    private static final int FIRST = 2;
    private static final int SECOND = 3;
    /** A key of fewer bytes is in its two words. */
    private static final int LONG_KEY = 16;
    /** In the second word, in place of the length of a key that is long. */
    private static final long IS_LONG = 0xFFL << 56;

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
    // Of each cell its window, the number of its records, and the first bytes of its key: in one place, because each is
    // needed for each record, and a table of many cells does not fit into the processor's nearest cache.
    private long[] heads = new long[HEAD * FIRST_CAPACITY];
    /** The key of each cell if it is long; otherwise null. */
    private byte[] @Nullable [] keys = new byte[FIRST_CAPACITY][];

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
        int widest = Math.max(
                Math.max(HEAD, layout.doubles()), Math.max(more.doubles(), Math.max(more.longs(), more.parts())));
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
        long first = first(key, off, len);
        long second = second(key, off, len);
        if (last >= 0 && isAt(last, window, first, second, key, off, len)) {
            return last;
        }
        int hash = hash(window, first, second, key, off, len);
        int at = position(hash, window, first, second, key, off, len);
        int slot = (int) index[at] - 1;
        if (slot < 0) {
            if (size >= maxCells) {
                throw new TooManyCellsException(maxCells);
            }
            take(len < LONG_KEY ? 0 : keyBytes(len));
            if (size == keys.length) {
                grow();
                at = position(hash, window, first, second, key, off, len);
            }
            slot = size++;
            index[at] = (long) hash << Integer.SIZE | (slot + 1);
            heads[slot * HEAD] = window;
            heads[slot * HEAD + FIRST] = first;
            heads[slot * HEAD + SECOND] = second;
            if (len >= LONG_KEY) {
                keys[slot] = Arrays.copyOfRange(key, off, off + len);
            }
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
        long first = first(key, off, len);
        long second = second(key, off, len);
        int hash = hash(window, first, second, key, off, len);
        return (int) index[position(hash, window, first, second, key, off, len)] - 1;
    }

    /**
     * Adds one record to a cell.
     *
     * @param record the values of {@link CellLayout#fields}
     */
    public void add(int slot, double[] record) {
        heads[slot * HEAD + COUNT]++;
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
        long grown = accumulators.add(slot, count(slot), inputs);
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
                other.count(otherSlot),
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
        if (count(slot) == 0) {
            // Copied, not merged with zero: merging would make NaN of a sum that overflowed.
            System.arraycopy(totals, from, values, at, layout.doubles());
        } else {
            layout.merge(values, at, totals, from);
        }
        heads[slot * HEAD + COUNT] += count;
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
            take(accumulators.merge(slot, count(slot), others, otherSlot, count));
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
            byte[] key = other.key(each);
            merge(findOrAdd(other.window(each), key, 0, key.length), other, each);
        }
    }

    /** The start of a cell's window, in milliseconds since 1970. */
    public long window(int slot) {
        return heads[slot * HEAD];
    }

    /** A cell's group, as {@link GroupKey} writes it. It must not be changed. */
    public byte[] key(int slot) {
        byte[] stored = keys[slot];
        if (stored != null) {
            return stored;
        }
        long second = heads[slot * HEAD + SECOND];
        byte[] words = new byte[2 * Long.BYTES];
        LONGS.set(words, 0, heads[slot * HEAD + FIRST]);
        LONGS.set(words, Long.BYTES, second);
        return Arrays.copyOf(words, (int) (second >>> 56));
    }

    /** The number of records in a cell. */
    public long count(int slot) {
        return heads[slot * HEAD + COUNT];
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
        return IntStream.range(0, size)
                .boxed()
                .sorted(this::compare)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private int compare(int one, int other) {
        int byHead = Long.compare(window(one), window(other));
        for (int word = FIRST; word <= SECOND && byHead == 0; word++) {
            // A shorter key has zeros where the other one goes on, and then the smaller length.
            byHead = Long.compareUnsigned(
                    Long.reverseBytes(heads[one * HEAD + word]), Long.reverseBytes(heads[other * HEAD + word]));
        }
        return byHead == 0 ? Arrays.compareUnsigned(keys[one], keys[other]) : byHead;
    }

    /** The position of the cell in the index, or the empty one where it belongs. */
    private int position(int hash, long window, long first, long second, byte[] key, int off, int len) {
        int mask = index.length - 1;
        int at = hash & mask;
        for (long entry = index[at]; entry != 0; entry = index[at]) {
            if ((int) (entry >>> Integer.SIZE) == hash && isAt((int) entry - 1, window, first, second, key, off, len)) {
                return at;
            }
            at = (at + 1) & mask;
        }
        return at;
    }

    private int hash(long window, long first, long second, byte[] key, int off, int len) {
        return (int) (len < LONG_KEY ? hash.of(window, first, second & ~IS_LONG, len) : hash.of(window, key, off, len));
    }

    private boolean isAt(int slot, long window, long first, long second, byte[] key, int off, int len) {
        int at = slot * HEAD;
        return heads[at] == window
                && heads[at + FIRST] == first
                && heads[at + SECOND] == second
                && (len < LONG_KEY || Arrays.equals(keys[slot], 0, keys[slot].length, key, off, off + len));
    }

    /** The first eight bytes of a key, with zeros behind a shorter one. */
    private static long first(byte[] key, int off, int len) {
        if (len >= Long.BYTES) {
            return (long) LONGS.get(key, off);
        }
        if (off <= key.length - Long.BYTES) {
            return GroupKey.firstBytes((long) LONGS.get(key, off), len);
        }
        long word = 0;
        for (int i = 0; i < len; i++) {
            word |= (key[off + i] & 0xFFL) << (i * Byte.SIZE);
        }
        return word;
    }

    /** The next seven bytes of a key, with zeros behind a shorter one, and its length, or {@link #IS_LONG}. */
    private static long second(byte[] key, int off, int len) {
        if (len >= LONG_KEY) {
            return (long) LONGS.get(key, off + Long.BYTES) | IS_LONG;
        }
        long length = (long) len << 56;
        if (len <= Long.BYTES) {
            return length;
        }
        return off <= key.length - LONG_KEY
                ? length | GroupKey.firstBytes((long) LONGS.get(key, off + Long.BYTES), len - Long.BYTES)
                // The bytes before them are in the lower part of the word.
                : length | (long) LONGS.get(key, off + len - Long.BYTES) >>> (LONG_KEY - len) * Byte.SIZE;
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

    private void grow() {
        int before = keys.length;
        int capacity = Math.min(2 * before, Math.max(maxCells, FIRST_CAPACITY));
        // Old and new arrays exist together until the end of this method.
        take(arrayBytes(capacity));
        heads = Arrays.copyOf(heads, capacity * HEAD);
        keys = Arrays.copyOf(keys, capacity);
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
        return capacity * (4L * Long.BYTES + SORTING + (HEAD + 1L) * Long.BYTES + 8L * words);
    }

    /** Bytes of a byte array: a header of 16, rounded up to a multiple of eight. */
    private static long keyBytes(int length) {
        return (16 + length + 7) & ~7L;
    }
}
