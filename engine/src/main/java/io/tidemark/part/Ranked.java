package io.tidemark.part;

import io.tidemark.number.Varint;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The largest or the smallest k numbers. Of equal numbers the one of the earlier record, by (event time, partition, offset),
 * comes first.
 *
 * <p>Written: how many there are; then for each, the best first, the number in eight bytes, time, partition and offset.
 */
public final class Ranked implements Part {
    private static final int FIRST_CAPACITY = 4;
    /** A number in eight bytes, and at least one byte for each of the others. */
    private static final int LEAST_ENCODED = Long.BYTES + 3;
    /** A number, the time, the partition and the offset. */
    private static final int STRIDE = 4;

    private final boolean largest;
    private final int k;
    /** Four longs for each number, the best first. */
    private long[] entries = {};

    private int size;

    private Ranked(boolean largest, int k) {
        this.largest = largest;
        this.k = k;
    }

    /**
     * The kind that keeps the {@code k} largest or smallest numbers. Adding a number that is kept takes time in proportion to
     * k, so k should be below some thousands.
     */
    public static PartKind<Ranked> kind(boolean largest, int k) {
        if (k < 1) {
            throw new IllegalArgumentException("k is at least 1, not " + k);
        }
        // Written, an entry has up to 8 + 10 + 5 + 10 bytes; in memory half of the array may be unused.
        long most = HeapBytes.OBJECT + HeapBytes.ofLongs(0) + 64L * Math.max(k, FIRST_CAPACITY);
        return new Kind(largest, k, most);
    }

    /** A long that has the order of {@link Double#compare}: -0.0 is below 0.0. */
    public static long ordered(double value) {
        long bits = Double.doubleToRawLongBits(value);
        return bits ^ (bits >> 63 & Long.MAX_VALUE);
    }

    /** The double that {@link #ordered} has made into a long. */
    public static double fromOrdered(long ordered) {
        return Double.longBitsToDouble(ordered ^ (ordered >> 63 & Long.MAX_VALUE));
    }

    /**
     * Adds a record's number.
     *
     * @param number a long, the units of a decimal, or a double by {@link #ordered}
     */
    public void add(long number, long time, int partition, long offset) {
        if (size == k && order(number, time, partition, offset, size - 1) >= 0) {
            return;
        }
        int at = position(number, time, partition, offset);
        if (size < k) {
            if ((size + 1) * STRIDE > entries.length) {
                entries = Arrays.copyOf(entries, Math.min(k, Math.max(FIRST_CAPACITY, 2 * size)) * STRIDE);
            }
            size++;
        }
        System.arraycopy(entries, at * STRIDE, entries, (at + 1) * STRIDE, (size - 1 - at) * STRIDE);
        entries[at * STRIDE] = number;
        entries[at * STRIDE + 1] = time;
        entries[at * STRIDE + 2] = partition;
        entries[at * STRIDE + 3] = offset;
    }

    /** The first entry that is not better. */
    private int position(long number, long time, int partition, long offset) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (order(number, time, partition, offset, middle) > 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Negative if the number is better than entry i, positive if it is worse. */
    private int order(long number, long time, int partition, long offset, int i) {
        int at = i * STRIDE;
        int byNumber = Long.compare(number, entries[at]);
        if (byNumber != 0) {
            return largest ? -byNumber : byNumber;
        }
        return Positions.compare(time, partition, offset, entries[at + 1], (int) entries[at + 2], entries[at + 3]);
    }

    /** How many numbers there are, at most k. */
    public int size() {
        return size;
    }

    /** The number of rank i, from 0, as it was added. */
    public long number(int i) {
        return entries[i * STRIDE];
    }

    @Override
    public int bytes() {
        return HeapBytes.OBJECT + HeapBytes.ofLongs(entries.length);
    }

    @Override
    public void merge(Part from) {
        Ranked other = (Ranked) from;
        for (int i = 0; i < other.size; i++) {
            int at = i * STRIDE;
            add(other.entries[at], other.entries[at + 1], (int) other.entries[at + 2], other.entries[at + 3]);
        }
    }

    @Override
    public int encodedBytes() {
        int length = Varint.size(size);
        for (int at = 0; at < size * STRIDE; at += STRIDE) {
            length += Long.BYTES
                    + Encoding.signedSize(entries[at + 1])
                    + Varint.size(entries[at + 2])
                    + Varint.size(entries[at + 3]);
        }
        return length;
    }

    @Override
    public int write(byte[] into, int at) {
        ByteBuffer bytes = ByteBuffer.wrap(into);
        int end = Varint.write(size, into, at);
        for (int i = 0; i < size * STRIDE; i += STRIDE) {
            bytes.putLong(end, entries[i]);
            end = Encoding.writeSigned(entries[i + 1], into, end + Long.BYTES);
            end = Varint.write(entries[i + 2], into, end);
            end = Varint.write(entries[i + 3], into, end);
        }
        return end;
    }

    private void read(ByteBuffer from) {
        int count = Encoding.readCount(from, k, LEAST_ENCODED);
        entries = new long[count * STRIDE];
        for (int i = 0; i < count; i++) {
            Encoding.check(from.remaining() >= LEAST_ENCODED, "it is cut off");
            long number = from.getLong();
            long time = Encoding.readSigned(from);
            int partition = Encoding.readInt(from, Integer.MAX_VALUE);
            long offset = Varint.read(from);
            Encoding.check(
                    size == 0 || order(number, time, partition, offset, size - 1) > 0,
                    "numbers are not in their order");
            add(number, time, partition, offset);
        }
    }

    private record Kind(boolean largest, int k, long maxBytes) implements PartKind<Ranked> {
        @Override
        public String signature() {
            return (largest ? "largest.1(" : "smallest.1(") + k + ")";
        }

        @Override
        public Strength strength() {
            return Strength.EXACT;
        }

        @Override
        public Ranked create() {
            return new Ranked(largest, k);
        }

        @Override
        public Ranked read(ByteBuffer from) {
            int length = from.remaining();
            Ranked part = new Ranked(largest, k);
            part.read(from);
            return Encoding.complete(part, from, length);
        }
    }
}
