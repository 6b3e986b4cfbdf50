package io.tidemark.part;

import java.util.Arrays;
import java.util.stream.IntStream;

/** Different strings of bytes, numbered in the order in which they came: slots from 0. No garbage, except to grow. */
final class ByteStrings {
    private static final int FIRST_STRINGS = 4;

    private int size;
    // All strings, one behind the other, and where each ends.
    private byte[] bytes = new byte[64];
    private int[] ends = new int[FIRST_STRINGS];
    // Entry: upper 32 bits = hash, lower 32 bits = slot + 1; 0 = empty. Load factor at most 1/2.
    private long[] index = new long[2 * FIRST_STRINGS];

    /** An upper bound of {@link #heapBytes} for so many strings of so many bytes together. */
    static long mostHeapBytes(long strings, long bytes) {
        // Each array has at most twice the length that is needed; the index at most twice that of the ends.
        long slots = Math.max(2 * strings, FIRST_STRINGS);
        return 512 + Math.max(2 * bytes, 64) + slots * Integer.BYTES + 2 * slots * Long.BYTES;
    }

    int heapBytes() {
        return HeapBytes.OBJECT
                + HeapBytes.ofBytes(bytes.length)
                + HeapBytes.ofInts(ends.length)
                + HeapBytes.ofLongs(index.length);
    }

    int size() {
        return size;
    }

    private int start(int slot) {
        return slot == 0 ? 0 : ends[slot - 1];
    }

    int length(int slot) {
        return ends[slot] - start(slot);
    }

    byte[] copy(int slot) {
        return Arrays.copyOfRange(bytes, start(slot), ends[slot]);
    }

    /** The slot of a string, or -1. */
    int find(byte[] buf, int off, int len) {
        return (int) index[position(hash(buf, off, len), buf, off, len)] - 1;
    }

    /** The slot of a string, which is {@link #size} before the call if it is new. */
    int findOrAdd(byte[] buf, int off, int len) {
        int hash = hash(buf, off, len);
        int at = position(hash, buf, off, len);
        if (index[at] != 0) {
            return (int) index[at] - 1;
        }
        int start = size == 0 ? 0 : ends[size - 1];
        if (bytes.length - start < len) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, start + len));
        }
        if (size == ends.length) {
            ends = Arrays.copyOf(ends, 2 * size);
        }
        System.arraycopy(buf, off, bytes, start, len);
        ends[size] = start + len;
        index[at] = entry(hash, size++);
        if (2 * size > index.length) {
            index = new long[2 * index.length];
            fillIndex();
        }
        return size - 1;
    }

    /** The same for a string of another set. */
    int findOrAdd(ByteStrings from, int slot) {
        return findOrAdd(from.bytes, from.start(slot), from.length(slot));
    }

    /** Adds a string that is greater than all that are there; false if it is not. */
    boolean addNext(byte[] string) {
        int before = size;
        int slot = findOrAdd(string, 0, string.length);
        return slot == before && (slot == 0 || compare(slot - 1, slot) < 0);
    }

    /** Whether a string of another set is in this one. */
    boolean contains(ByteStrings from, int slot) {
        return find(from.bytes, from.start(slot), from.length(slot)) >= 0;
    }

    /**
     * Removes the strings whose weight is not positive, and moves the others up, each with its weight.
     *
     * @param weights one for each string
     */
    void retain(long[] weights) {
        int kept = 0;
        int end = 0;
        int start = 0;
        for (int slot = 0; slot < size; slot++) {
            int stop = ends[slot];
            if (weights[slot] > 0) {
                System.arraycopy(bytes, start, bytes, end, stop - start);
                end += stop - start;
                ends[kept] = end;
                weights[kept++] = weights[slot];
            }
            start = stop;
        }
        size = kept;
        Arrays.fill(index, 0);
        fillIndex();
    }

    private void fillIndex() {
        for (int slot = 0; slot < size; slot++) {
            int start = start(slot);
            int hash = hash(bytes, start, ends[slot] - start);
            int at = hash & (index.length - 1);
            while (index[at] != 0) {
                at = (at + 1) & (index.length - 1);
            }
            index[at] = entry(hash, slot);
        }
    }

    /** The slots in the order of their strings, as unsigned bytes. Allocates about 32 bytes a string. */
    int[] sorted() {
        return IntStream.range(0, size)
                .boxed()
                .sorted(this::compare)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    int compare(int a, int b) {
        return Arrays.compareUnsigned(bytes, start(a), ends[a], bytes, start(b), ends[b]);
    }

    int write(int slot, byte[] into, int at) {
        return Encoding.writeString(bytes, start(slot), length(slot), into, at);
    }

    /** The position of the string in the index, or the empty one where it belongs. */
    private int position(int hash, byte[] buf, int off, int len) {
        int mask = index.length - 1;
        int at = hash & mask;
        for (long entry = index[at]; entry != 0; entry = index[at]) {
            int slot = (int) entry - 1;
            if ((int) (entry >>> Integer.SIZE) == hash
                    && Arrays.equals(bytes, start(slot), ends[slot], buf, off, off + len)) {
                break;
            }
            at = (at + 1) & mask;
        }
        return at;
    }

    private static long entry(int hash, int slot) {
        return (long) hash << Integer.SIZE | (slot + 1);
    }

    private static int hash(byte[] buf, int off, int len) {
        return (int) SipHash.OF_PROCESS.of(0, buf, off, len);
    }
}
