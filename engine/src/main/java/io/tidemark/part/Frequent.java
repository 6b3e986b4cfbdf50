package io.tidemark.part;

import io.tidemark.number.Varint;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The most frequent values, with bounds: the summary of Misra and Gries (1982), merged as Agarwal and others have shown
 * ("Mergeable Summaries", PODS 2012). With n records no count is wrong by more than {@code n / (capacity + 1)}, so each value
 * that is more frequent than that is present.
 *
 * <p>Which values are present, and their bounds, depend on the order of the records and of merges. The bounds always hold. The
 * summary has up to {@code 2 * capacity} counters. If one more is needed, the count of rank {@code capacity + 1} is subtracted
 * from all and added to the error, and those that are not positive are removed.
 *
 * <p>Written: the error, the number of values, and each value with its length and its count, in the order of their bytes.
 */
public final class Frequent implements Part {
    private static final int FIRST_COUNTS = 4;

    private final int capacity;
    private final ByteStrings values = new ByteStrings();
    /** One for each value, by its slot. */
    private long[] counts = new long[FIRST_COUNTS];
    /** How much less than the truth a count may be. */
    private long error;

    private Frequent(int capacity) {
        this.capacity = capacity;
    }

    /**
     * The kind with an error of {@code 1 / (capacity + 1)} of the records.
     *
     * @param capacity at least 1
     * @param longest the most bytes of a value; the caller refuses records with longer ones
     */
    public static PartKind<Frequent> kind(int capacity, int longest) {
        if (capacity < 1) {
            throw new IllegalArgumentException("a capacity is at least 1, not " + capacity);
        }
        long most = 2L * capacity;
        long heap = ByteStrings.mostHeapBytes(most, most * longest)
                + 2 * HeapBytes.OBJECT
                + 2 * Long.BYTES * Math.max(most, FIRST_COUNTS);
        return new Kind(capacity, heap);
    }

    /** Adds a value: the typed bytes that a group has. Allocates less than 32 bytes, on average over many values. */
    public void add(byte[] buf, int off, int len) {
        if (values.size() == 2 * capacity && values.find(buf, off, len) < 0) {
            reduce();
        }
        count(values.findOrAdd(buf, off, len), 1);
    }

    private void count(int slot, long more) {
        if (slot == counts.length) {
            counts = Arrays.copyOf(counts, 2 * slot);
        }
        counts[slot] += more;
    }

    private void reduce() {
        long[] sorted = Arrays.copyOf(counts, values.size());
        Arrays.sort(sorted);
        long less = sorted[sorted.length - 1 - capacity];
        for (int slot = 0; slot < sorted.length; slot++) {
            counts[slot] -= less;
        }
        error += less;
        values.retain(counts);
        Arrays.fill(counts, values.size(), counts.length, 0);
    }

    /** The slots of the {@code k} most frequent values, or fewer: by their counts, and then by their bytes. */
    public List<Integer> top(int k) {
        Comparator<Integer> byCount = Comparator.comparingLong(slot -> -counts[slot]);
        return IntStream.range(0, values.size())
                .boxed()
                .sorted(byCount.thenComparing(values::compare))
                .limit(k)
                .toList();
    }

    /** The typed bytes of a value. */
    public byte[] value(int slot) {
        return values.copy(slot);
    }

    /** How many records have the value, at least. */
    public long atLeast(int slot) {
        return counts[slot];
    }

    /** How many records have the value, at most. */
    public long atMost(int slot) {
        return counts[slot] + error;
    }

    /** How many records have a value that is not present, at most. */
    public long error() {
        return error;
    }

    @Override
    public int bytes() {
        return HeapBytes.OBJECT + values.heapBytes() + HeapBytes.ofLongs(counts.length);
    }

    @Override
    public void merge(Part from) {
        Frequent other = (Frequent) from;
        error += other.error;
        for (int slot = 0; slot < other.values.size(); slot++) {
            if (values.size() == 2 * capacity && !values.contains(other.values, slot)) {
                reduce();
            }
            count(values.findOrAdd(other.values, slot), other.counts[slot]);
        }
    }

    @Override
    public int encodedBytes() {
        int length = Varint.size(error) + Varint.size(values.size());
        for (int slot = 0; slot < values.size(); slot++) {
            length += Encoding.stringSize(values.length(slot)) + Varint.size(counts[slot]);
        }
        return length;
    }

    @Override
    public int write(byte[] into, int at) {
        int end = Varint.write(error, into, at);
        end = Varint.write(values.size(), into, end);
        for (int slot : values.sorted()) {
            end = values.write(slot, into, end);
            end = Varint.write(counts[slot], into, end);
        }
        return end;
    }

    private void read(ByteBuffer from) {
        error = Varint.read(from);
        Encoding.check(error >= 0, "its error is negative");
        for (int left = Encoding.readCount(from, 2 * capacity, 2); left > 0; left--) {
            byte[] value = Encoding.readString(from);
            Encoding.check(values.addNext(value), "values are not in their order");
            long count = Varint.read(from);
            Encoding.check(count > 0 && count <= Long.MAX_VALUE - error, "a value has no count");
            count(values.size() - 1, count);
        }
    }

    private record Kind(int capacity, long maxBytes) implements PartKind<Frequent> {
        @Override
        public String signature() {
            return "frequent.1(" + capacity + ")";
        }

        @Override
        public Strength strength() {
            return Strength.BOUNDED;
        }

        @Override
        public Frequent create() {
            return new Frequent(capacity);
        }

        @Override
        public Frequent read(ByteBuffer from) {
            int length = from.remaining();
            Frequent part = new Frequent(capacity);
            part.read(from);
            return Encoding.complete(part, from, length);
        }
    }
}
