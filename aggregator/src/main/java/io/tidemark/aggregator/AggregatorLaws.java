package io.tidemark.aggregator;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Tests an aggregator against the laws of {@link Aggregator}: random records, divided at random, each part perhaps encoded and
 * decoded, merged in a random tree, give the value of one pass. For tests of plugins, with any test framework:
 *
 * <pre>{@code
 * AggregatorLaws.check(new CentroidProvider(), Map.of("precision", 5),
 *         random -> List.of(180 * random.nextDouble() - 90, 360 * random.nextDouble() - 180));
 * }</pre>
 *
 * <p>Every call makes the same records. An {@link AssertionError} says which law does not hold, and in which trial.
 */
public final class AggregatorLaws {
    private static final int TRIALS = 500;
    private static final int MOST_RECORDS = 40;

    private final Aggregator<Object> aggregator;
    private final double relativeError;

    @SuppressWarnings("unchecked") // accumulators are only given back to where they come from
    private AggregatorLaws(AggregatorProvider provider, Map<String, ?> options, double relativeError) {
        Options read = new Options(options);
        aggregator = (Aggregator<Object>) provider.create(read);
        read.requireAllKnown();
        this.relativeError = relativeError;
    }

    /**
     * Checks that the laws hold exactly.
     *
     * @param record makes the fields of a record: a {@code Double}, {@code Long} or {@code String} for each of {@link
     *     Aggregator#arguments}
     */
    public static void check(AggregatorProvider provider, Map<String, ?> options, Function<Random, List<?>> record) {
        check(provider, options, record, 0);
    }

    /**
     * The same for an aggregator that rounds.
     *
     * @param relativeError how far a number of the value may be from that of one pass, relative to the larger of both; between
     *     numbers below 1 the difference itself counts
     */
    public static void check(
            AggregatorProvider provider,
            Map<String, ?> options,
            Function<Random, List<?>> record,
            double relativeError) {
        String name = provider.name();
        require(
                name.matches("[\\w-]+(\\.[\\w-]+)+"),
                "the name " + name + " has no dot, or other characters than words");
        require(provider.version() >= 1, "the version is " + provider.version() + ", and not at least 1");
        AggregatorLaws laws = new AggregatorLaws(provider, options, relativeError);
        for (int trial = 0; trial < TRIALS; trial++) {
            Random random = new Random(trial);
            int count = random.nextInt(trial % 10 == 0 ? 3 : MOST_RECORDS);
            List<Arguments> records = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                records.add(new Given(random.nextInt(1_000), random.nextInt(3), i, List.copyOf(record.apply(random))));
            }
            try {
                laws.check(records, random);
            } catch (AssertionError e) {
                throw new AssertionError(name + ", trial " + trial + " of " + count + " records: " + e.getMessage(), e);
            }
        }
    }

    private void check(List<Arguments> records, Random random) {
        Object onePass = fold(records);
        List<Object> parts = new ArrayList<>();
        for (int from = 0; from < records.size(); ) {
            int to = from + 1 + random.nextInt(records.size() - from);
            parts.add(maybeStored(fold(records.subList(from, to)), random));
            from = to;
        }
        if (parts.isEmpty() || random.nextInt(4) == 0) {
            parts.add(aggregator.createAccumulator());
        }
        List<Object> merged = new ArrayList<>();
        List<byte[]> before = new ArrayList<>();
        while (parts.size() > 1) {
            Object into = parts.remove(random.nextInt(parts.size()));
            Object from = parts.remove(random.nextInt(parts.size()));
            merged.add(from);
            before.add(encoded(from));
            Object both = aggregator.mergeAccumulators(into, from);
            require(both != null, "mergeAccumulators returned null");
            parts.add(maybeStored(both, random));
        }
        for (int i = 0; i < merged.size(); i++) {
            require(
                    Arrays.equals(before.get(i), encoded(merged.get(i))),
                    "mergeAccumulators, or a change of its result, has changed its second argument");
        }
        Object all = parts.get(0);
        byte[] bytes = encoded(all);
        Object value = aggregator.extractOutput(all);
        require(Arrays.equals(bytes, encoded(all)), "extractOutput has changed the accumulator");
        Object expected = aggregator.extractOutput(onePass);
        require(
                same(value, expected),
                "the value depends on how the records are divided and merged: " + value + ", but in one pass "
                        + expected);
        require(
                !aggregator.isCanonical() || Arrays.equals(bytes, encoded(onePass)),
                "isCanonical is true, but the bytes depend on how the records are divided and merged");
    }

    private Object fold(List<Arguments> records) {
        Object accumulator = aggregator.createAccumulator();
        require(accumulator != null, "createAccumulator returned null");
        for (Arguments each : records) {
            accumulator = aggregator.addInput(accumulator, each);
            require(accumulator != null, "addInput returned null");
        }
        return accumulator;
    }

    private Object maybeStored(Object accumulator, Random random) {
        if (random.nextBoolean()) {
            return accumulator;
        }
        byte[] bytes = encoded(accumulator);
        Object read = aggregator.decode(bytes.clone());
        require(read != null, "decode returned null");
        require(
                same(aggregator.extractOutput(accumulator), aggregator.extractOutput(read)),
                "decode(encode(accumulator)) has another value: " + aggregator.extractOutput(read) + ", but it was "
                        + aggregator.extractOutput(accumulator));
        return read;
    }

    private byte[] encoded(Object accumulator) {
        byte[] bytes = aggregator.encode(accumulator);
        require(bytes != null, "encode returned null");
        require(
                bytes.length <= aggregator.maxBytes(),
                "encode returned " + bytes.length + " bytes, and maxBytes is " + aggregator.maxBytes());
        require(
                Arrays.equals(bytes, aggregator.encode(accumulator)),
                "encode of the same accumulator gave other bytes");
        return bytes;
    }

    private boolean same(@Nullable Object one, @Nullable Object other) {
        if (one instanceof Number number && other instanceof Number expected) {
            return close(number, expected);
        }
        if (one instanceof List<?> list && other instanceof List<?> expected) {
            return allSame(list.iterator(), expected.iterator());
        }
        if (one instanceof Map<?, ?> map && other instanceof Map<?, ?> expected) {
            Map<?, ?> sorted = new TreeMap<>(map);
            Map<?, ?> expectedSorted = new TreeMap<>(expected);
            require(
                    map.keySet().stream().allMatch(String.class::isInstance),
                    "extractOutput returned a map with a key that is no String");
            return sorted.keySet().equals(expectedSorted.keySet())
                    && allSame(
                            sorted.values().iterator(), expectedSorted.values().iterator());
        }
        require(
                one == null
                        || one instanceof Boolean
                        || one instanceof String
                        || one instanceof Number
                        || one instanceof List
                        || one instanceof Map,
                "extractOutput returned a value that a row cannot have: " + one);
        return Objects.equals(one, other);
    }

    private boolean allSame(Iterator<?> one, Iterator<?> other) {
        while (one.hasNext() && other.hasNext()) {
            if (!same(one.next(), other.next())) {
                return false;
            }
        }
        return !one.hasNext() && !other.hasNext();
    }

    private boolean close(Number one, Number other) {
        if (one.equals(other)) {
            return true;
        }
        double real = one.doubleValue();
        double expected = other.doubleValue();
        if (!Double.isFinite(real) || !Double.isFinite(expected)) {
            return Double.compare(real, expected) == 0;
        }
        BigDecimal exact = new BigDecimal(one.toString());
        BigDecimal difference = exact.subtract(new BigDecimal(other.toString()), MathContext.DECIMAL128);
        return difference.signum() == 0
                || difference.abs().doubleValue()
                        <= relativeError * Math.max(1, Math.max(Math.abs(real), Math.abs(expected)));
    }

    private static void require(boolean holds, String problem) {
        if (!holds) {
            throw new AssertionError(problem);
        }
    }

    private record Given(long timeMillis, int partition, long offset, List<?> fields) implements Arguments {
        @Override
        public double number(int i) {
            return (Double) fields.get(i);
        }

        @Override
        public long integer(int i) {
            return (Long) fields.get(i);
        }

        @Override
        public String text(int i) {
            return (String) fields.get(i);
        }
    }
}
