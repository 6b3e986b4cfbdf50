package io.tidemark.part;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tidemark.number.Moments;
import io.tidemark.number.Squares192;
import io.tidemark.number.Sum128;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The accumulators of a fixed size, which are longs and doubles in larger arrays. */
final class Planes {
    /** Where an accumulator is in its array; what is beside it stays as it is. */
    private static final int AT = 2;

    private Planes() {}

    static List<Subject<?>> all() {
        return List.of(sum(), squares(), numberEdge(true), numberEdge(false), moments());
    }

    /** An accumulator of longs. */
    private abstract static class OfLongs extends Subject<long[]> {
        OfLongs(String name) {
            super(name, Strength.EXACT);
        }

        @Override
        long[] create() {
            return new long[AT + 6];
        }

        static BigInteger sum(List<Sample> samples, int power) {
            return samples.stream()
                    .map(each -> BigInteger.valueOf(each.units).pow(power))
                    .reduce(BigInteger.ZERO, BigInteger::add);
        }
    }

    private static Subject<long[]> sum() {
        return new OfLongs("sum of 128 bits") {
            @Override
            void add(long[] sums, Sample sample) {
                Sum128.add(sums, AT, sample.units);
            }

            @Override
            void merge(long[] into, long[] from) {
                Sum128.merge(into, AT, from, AT);
            }

            @Override
            byte[] encode(long[] sums) {
                return Sum128.text(sums, AT, 2).getBytes(StandardCharsets.US_ASCII);
            }

            @Override
            long[] decode(byte[] bytes) {
                long[] sums = create();
                Sum128.parse(new String(bytes, StandardCharsets.US_ASCII), 2, sums, AT);
                return sums;
            }

            @Override
            void check(long[] sums, List<Sample> samples) {
                assertThat(Sum128.value(sums, AT)).isEqualTo(sum(samples, 1));
            }
        };
    }

    private static Subject<long[]> squares() {
        return new OfLongs("sum of squares of 192 bits") {
            @Override
            void add(long[] sums, Sample sample) {
                Squares192.add(sums, AT, sample.units);
            }

            @Override
            void merge(long[] into, long[] from) {
                Squares192.merge(into, AT, from, AT);
            }

            @Override
            byte[] encode(long[] sums) {
                return Squares192.text(sums, AT, 4).getBytes(StandardCharsets.US_ASCII);
            }

            @Override
            long[] decode(byte[] bytes) {
                long[] sums = create();
                Squares192.parse(new String(bytes, StandardCharsets.US_ASCII), 4, sums, AT);
                return sums;
            }

            @Override
            void check(long[] sums, List<Sample> samples) {
                assertThat(Squares192.value(sums, AT)).isEqualTo(sum(samples, 2));
            }
        };
    }

    private static Subject<long[]> numberEdge(boolean last) {
        return new OfLongs((last ? "last" : "first") + " number") {
            @Override
            void add(long[] edges, Sample sample) {
                NumberEdge.add(edges, AT, last, sample.time, sample.partition, sample.offset, sample.units);
            }

            @Override
            void merge(long[] into, long[] from) {
                NumberEdge.merge(into, AT, last, from, AT);
            }

            @Override
            byte[] encode(long[] edges) {
                ByteBuffer bytes = ByteBuffer.allocate(NumberEdge.LONGS * Long.BYTES);
                bytes.asLongBuffer().put(edges, AT, NumberEdge.LONGS);
                return bytes.array();
            }

            @Override
            long[] decode(byte[] bytes) {
                long[] edges = create();
                ByteBuffer.wrap(bytes).asLongBuffer().get(edges, AT, NumberEdge.LONGS);
                return edges;
            }

            @Override
            void check(long[] edges, List<Sample> samples) {
                assertThat(NumberEdge.isPresent(edges, AT)).isEqualTo(!samples.isEmpty());
                assertThat(NumberEdge.number(edges, AT))
                        .isEqualTo(Subjects.edge(samples, last)
                                .map(each -> each.units)
                                .orElse(0L));
                assertThat(edges[AT - 1] + edges[AT + NumberEdge.LONGS]).isZero();
            }
        };
    }

    /** The mean, the squared differences, and the count. */
    private static Subject<double[]> moments() {
        return new Subject<>("mean and variance of doubles", Strength.ROUNDING) {
            @Override
            double[] create() {
                return new double[3];
            }

            @Override
            void add(double[] moments, Sample sample) {
                moments[2]++;
                Moments.add(moments, 0, (long) moments[2], sample.number);
            }

            @Override
            void merge(double[] into, double[] from) {
                Moments.merge(into, 0, (long) into[2], from, 0, (long) from[2]);
                into[2] += from[2];
            }

            @Override
            byte[] encode(double[] moments) {
                ByteBuffer bytes = ByteBuffer.allocate(3 * Double.BYTES);
                bytes.asDoubleBuffer().put(moments);
                return bytes.array();
            }

            @Override
            double[] decode(byte[] bytes) {
                double[] moments = new double[3];
                ByteBuffer.wrap(bytes).asDoubleBuffer().get(moments);
                return moments;
            }

            @Override
            void check(double[] moments, List<Sample> samples) {
                if (samples.isEmpty()) {
                    return;
                }
                MathContext precise = new MathContext(100);
                BigDecimal count = BigDecimal.valueOf(samples.size());
                BigDecimal mean = samples.stream()
                        .map(each -> new BigDecimal(each.number))
                        .reduce(BigDecimal.ZERO, BigDecimal::add)
                        .divide(count, precise);
                double exact = samples.stream()
                        .map(each -> new BigDecimal(each.number).subtract(mean).pow(2))
                        .reduce(BigDecimal.ZERO, BigDecimal::add)
                        .divide(count, precise)
                        .doubleValue();
                double rounding = 4 * samples.size() * 0x1p-53;
                double tolerance = rounding * Math.sqrt(exact) * Math.hypot(mean.doubleValue(), Math.sqrt(exact));
                assertThat(Moments.variance(moments, 0, samples.size(), true).getAsDouble())
                        .isCloseTo(exact, within(tolerance));
            }
        };
    }
}
