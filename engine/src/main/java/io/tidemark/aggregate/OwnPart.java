package io.tidemark.aggregate;

import io.tidemark.aggregate.GroupValue.GroupType;
import io.tidemark.aggregator.Aggregator;
import io.tidemark.aggregator.Arguments;
import io.tidemark.job.OwnAggregate;
import io.tidemark.part.Part;
import io.tidemark.part.PartKind;
import io.tidemark.part.Strength;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The accumulator of a plugin. Whatever the plugin throws becomes an {@link AggregatorException}.
 *
 * <p>Written: a zero, because other parts write at least one byte and a plugin may write none, and what the plugin writes.
 */
final class OwnPart<A> implements Part {
    /** The part and two array headers. */
    private static final int OVERHEAD = 64;

    private final Kind<A> kind;
    private A accumulator;
    /** What the plugin has written; null after a change. */
    private byte @Nullable [] encoded;

    private OwnPart(Kind<A> kind, A accumulator) {
        this.kind = kind;
        this.accumulator = accumulator;
    }

    void add(Arguments record) {
        encoded = null;
        try {
            accumulator = kind.present("addInput", kind.aggregator.addInput(accumulator, record));
        } catch (RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
            throw kind.failure("addInput", e);
        }
    }

    @Override
    @SuppressWarnings("unchecked") // the layouts of the tables are the same
    public void merge(Part from) {
        encoded = null;
        try {
            accumulator = kind.present(
                    "mergeAccumulators",
                    kind.aggregator.mergeAccumulators(accumulator, ((OwnPart<A>) from).accumulator));
        } catch (RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
            throw kind.failure("mergeAccumulators", e);
        }
    }

    /** The size is that of the largest, because only the plugin knows that of its accumulator. */
    @Override
    public int bytes() {
        return (int) Math.min(Integer.MAX_VALUE, kind.maxBytes());
    }

    @Override
    public int encodedBytes() {
        return 1 + encoded().length;
    }

    @Override
    public int write(byte[] into, int at) {
        byte[] bytes = encoded();
        into[at] = 0;
        System.arraycopy(bytes, 0, into, at + 1, bytes.length);
        return at + 1 + bytes.length;
    }

    private byte[] encoded() {
        byte[] bytes = encoded;
        if (bytes == null) {
            try {
                bytes = kind.present("encode", kind.aggregator.encode(accumulator))
                        .clone();
            } catch (RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
                throw kind.failure("encode", e);
            }
            int most = kind.aggregator.maxBytes();
            if (bytes.length > most) {
                throw new AggregatorException(kind + ": encode returned " + bytes.length + " bytes, and maxBytes is "
                        + most + ". Correct the plugin: raise maxBytes, or keep less");
            }
            encoded = bytes;
        }
        return bytes;
    }

    void writeOutput(ValueWriter out) throws IOException {
        Object value;
        try {
            value = kind.aggregator.extractOutput(accumulator);
        } catch (RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
            throw kind.failure("extractOutput", e);
        }
        try {
            write(value, out);
        } catch (StackOverflowError e) {
            throw kind.failure("extractOutput", e);
        }
    }

    private void write(@Nullable Object value, ValueWriter out) throws IOException {
        if (value == null) {
            out.none();
        } else if (value instanceof Boolean) {
            out.value(new GroupValue(GroupType.BOOLEAN, value.toString()));
        } else if (value instanceof String text) {
            out.value(new GroupValue(GroupType.STRING, unicode(text)));
        } else if (value instanceof Double real) {
            out.real(real);
        } else if (value instanceof Integer
                || value instanceof Long
                || value instanceof BigInteger
                || value instanceof BigDecimal) {
            out.digits(value.toString());
        } else if (value instanceof List<?> list) {
            out.startList();
            for (Object each : list) {
                write(each, out);
            }
            out.endList();
        } else if (value instanceof Map<?, ?> map) {
            writeObject(map, out);
        } else {
            throw new AggregatorException(kind + ": extractOutput returned a "
                    + value.getClass().getName()
                    + ", which a row cannot have. Return null, a Boolean, Integer, Long, Double,"
                    + " BigInteger, BigDecimal or String, or a List or Map of them");
        }
    }

    /** In the order of names: that of a map may differ between two processes. */
    private void writeObject(Map<?, ?> map, ValueWriter out) throws IOException {
        TreeMap<String, @Nullable Object> sorted = new TreeMap<>();
        for (Map.Entry<?, ?> each : map.entrySet()) {
            if (!(each.getKey() instanceof String name)) {
                throw new AggregatorException(kind + ": extractOutput returned a map with a key that is no String");
            }
            sorted.put(unicode(name), each.getValue());
        }
        out.startObject();
        for (Map.Entry<String, @Nullable Object> each : sorted.entrySet()) {
            out.field(each.getKey());
            write(each.getValue(), out);
        }
        out.endObject();
    }

    private String unicode(String text) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new AggregatorException(kind + ": extractOutput returned a text with half of a surrogate pair");
        }
        return text;
    }

    /** The parts of one aggregate of a job. */
    record Kind<A>(OwnAggregate own, int version, Aggregator<A> aggregator) implements PartKind<OwnPart<A>> {
        @Override
        public String signature() {
            return own.use() + " version " + version + own.optionsText();
        }

        @Override
        public Strength strength() {
            return aggregator.isCanonical() ? Strength.EXACT : Strength.BOUNDED;
        }

        /** The accumulator, its bytes, and a copy of them. */
        @Override
        public long maxBytes() {
            return OVERHEAD + 3L * aggregator.maxBytes();
        }

        @Override
        public OwnPart<A> create() {
            try {
                return new OwnPart<>(this, present("createAccumulator", aggregator.createAccumulator()));
            } catch (RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
                throw failure("createAccumulator", e);
            }
        }

        @Override
        public OwnPart<A> read(ByteBuffer from) {
            int first = from.hasRemaining() ? from.get() : -1;
            byte[] bytes = new byte[from.remaining()];
            from.get(bytes);
            if (first != 0 || bytes.length > aggregator.maxBytes()) {
                throw new IllegalArgumentException("they are not an accumulator of " + this);
            }
            try {
                return new OwnPart<>(this, present("decode", aggregator.decode(bytes)));
            } catch (RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
                // The cause is dropped, because its message may quote what was stored.
                throw new IllegalArgumentException(failure("decode", e).getMessage());
            }
        }

        private <V> V present(String method, @Nullable V value) {
            if (value == null) {
                throw new AggregatorException(this + ": " + method + " returned null. Correct the plugin");
            }
            return value;
        }

        private AggregatorException failure(String method, Throwable failure) {
            return failure instanceof AggregatorException known
                    ? known
                    : AggregatorException.of(toString(), method, failure);
        }

        @Override
        public String toString() {
            return own.use() + " version " + version + " ("
                    + aggregator.getClass().getName() + ")";
        }
    }
}
