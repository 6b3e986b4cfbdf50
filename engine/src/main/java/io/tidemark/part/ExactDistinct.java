package io.tidemark.part;

import io.tidemark.number.Varint;
import java.nio.ByteBuffer;

/**
 * The exact set of different values, each the typed bytes that a group has: the text 7 is not the number 7.
 *
 * <p>Written: the number of values, then each with its length, in the order of their bytes.
 */
public final class ExactDistinct implements Part {
    private final int limit;
    private final ByteStrings values = new ByteStrings();
    private int encodedValues;

    private ExactDistinct(int limit) {
        this.limit = limit;
    }

    /**
     * The kind of sets with these limits.
     *
     * @param limit the most values of a set, at least 1
     * @param longest the most bytes of a value; the caller refuses records with longer ones
     */
    public static PartKind<ExactDistinct> kind(int limit, int longest) {
        if (limit < 1) {
            throw new IllegalArgumentException("a set holds at least one value, not " + limit);
        }
        long strings = (long) limit * Encoding.stringSize(longest);
        long heap = HeapBytes.OBJECT + ByteStrings.mostHeapBytes(limit, (long) limit * longest);
        long maxBytes = Math.max(heap, strings + 10);
        return new Kind(limit, maxBytes);
    }

    /** How many bytes each value may have on average, so that {@code limit} of them are stored in {@code bytes}. */
    public static int averageFor(int limit, int bytes) {
        // A text of up to 125 bytes has three more: its type, its length, and the length of both and itself.
        return Math.max(0, bytes / limit - 3);
    }

    /**
     * Adds a value. Allocates nothing if the set has it already.
     *
     * @throws TooManyValuesException if the set is full and does not have it; the set is unchanged
     */
    public void add(byte[] buf, int off, int len) throws TooManyValuesException {
        int size = values.size();
        if (size >= limit) {
            if (values.find(buf, off, len) < 0) {
                throw new TooManyValuesException(limit);
            }
        } else if (values.findOrAdd(buf, off, len) == size) {
            encodedValues += Encoding.stringSize(len);
        }
    }

    /** How many different values there are. */
    public int size() {
        return values.size();
    }

    @Override
    public int bytes() {
        return HeapBytes.OBJECT + values.heapBytes();
    }

    @Override
    public void merge(Part from) throws TooManyValuesException {
        ByteStrings others = ((ExactDistinct) from).values;
        for (int slot = 0; slot < others.size(); slot++) {
            int size = values.size();
            if (size >= limit && !values.contains(others, slot)) {
                throw new TooManyValuesException(limit);
            }
            if (values.findOrAdd(others, slot) == size) {
                encodedValues += Encoding.stringSize(others.length(slot));
            }
        }
    }

    @Override
    public int encodedBytes() {
        return Varint.size(values.size()) + encodedValues;
    }

    @Override
    public int write(byte[] into, int at) {
        int end = Varint.write(values.size(), into, at);
        for (int slot : values.sorted()) {
            end = values.write(slot, into, end);
        }
        return end;
    }

    private record Kind(int limit, long maxBytes) implements PartKind<ExactDistinct> {
        // Without the limit, which a job may change.
        @Override
        public String signature() {
            return "distinct.1";
        }

        @Override
        public Strength strength() {
            return Strength.EXACT;
        }

        @Override
        public ExactDistinct create() {
            return new ExactDistinct(limit);
        }

        @Override
        public ExactDistinct read(ByteBuffer from) {
            int length = from.remaining();
            ExactDistinct part = new ExactDistinct(limit);
            for (int left = Encoding.readCount(from, Integer.MAX_VALUE, 1); left > 0; left--) {
                byte[] value = Encoding.readString(from);
                Encoding.check(part.values.addNext(value), "values are not in their order");
                part.encodedValues += Encoding.stringSize(value.length);
            }
            return Encoding.complete(part, from, length);
        }
    }
}
