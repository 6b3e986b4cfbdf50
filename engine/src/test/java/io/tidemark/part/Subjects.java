package io.tidemark.part;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All kinds of parts, each with an independent judge: sorted lists, trees, BigDecimal. */
final class Subjects {
    private static final int LONGEST = 64;
    private static final BigDecimal[] QUANTILES =
            List.of("0", "0.01", "0.07", "0.25", "0.5", "0.9", "0.95", "0.999", "1").stream()
                    .map(BigDecimal::new)
                    .toArray(BigDecimal[]::new);
    private static final Comparator<Sample> BY_POSITION = Comparator.<Sample>comparingLong(each -> each.time)
            .thenComparingInt(each -> each.partition)
            .thenComparingLong(each -> each.offset);

    private Subjects() {}

    static List<Subject.OfPart<?>> parts() {
        return List.of(
                exactDistinct(),
                approximateDistinct(ApproximateDistinct.LEAST_PRECISION),
                approximateDistinct(12),
                quantiles(Quantiles.LEAST_BITS),
                quantiles(6),
                quantiles(Quantiles.MOST_BITS),
                textEdge(true),
                textEdge(false),
                ranked(true, 1),
                ranked(false, 7),
                ranked(true, 100),
                frequent(1),
                frequent(10),
                frequent(200));
    }

    static List<Subject<?>> all() {
        return Stream.concat(parts().stream(), Planes.all().stream()).collect(Collectors.toList());
    }

    private static TreeSet<ByteBuffer> texts(List<Sample> samples) {
        return samples.stream().map(each -> ByteBuffer.wrap(each.text)).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Subject.OfPart<ExactDistinct> exactDistinct() {
        return new Subject.OfPart<>(ExactDistinct.kind(3_000, LONGEST)) {
            @Override
            void add(ExactDistinct part, Sample sample) throws Exception {
                part.add(sample.buffer, 3, sample.text.length);
            }

            @Override
            void check(ExactDistinct part, List<Sample> samples) {
                assertThat(part.size()).isEqualTo(texts(samples).size());
            }
        };
    }

    private static Subject.OfPart<ApproximateDistinct> approximateDistinct(int precision) {
        return new Subject.OfPart<>(ApproximateDistinct.kind(precision)) {
            @Override
            void add(ApproximateDistinct part, Sample sample) {
                part.add(sample.buffer, 3, sample.text.length);
            }

            @Override
            void check(ApproximateDistinct part, List<Sample> samples) {
                int exact = texts(samples).size();
                // Tokens count exactly; five standard errors are not met by chance.
                double error = exact <= 1 << (precision - 3) ? 0 : 5 * 0.761 / Math.sqrt(1 << precision);
                assertThat((double) part.estimate()).isCloseTo(exact, within(exact * error));
            }
        };
    }

    private static Subject.OfPart<Quantiles> quantiles(int bits) {
        return new Subject.OfPart<>(Quantiles.kind(bits)) {
            @Override
            void add(Quantiles part, Sample sample) {
                part.add(sample.number);
            }

            @Override
            void check(Quantiles part, List<Sample> samples) {
                double[] sorted = samples.stream()
                        .mapToDouble(each -> each.number + 0.0)
                        .sorted()
                        .toArray();
                assertThat(part.count()).isEqualTo(sorted.length);
                double[] answers = part.at(QUANTILES);
                for (int i = 0; i < answers.length; i++) {
                    if (sorted.length == 0) {
                        assertThat(answers[i]).isNaN();
                        continue;
                    }
                    int rank = (int) Math.ceil(
                            new BigDecimal(sorted.length).multiply(QUANTILES[i]).doubleValue());
                    double exact = sorted[Math.max(rank, 1) - 1];
                    double error = rank <= 1 || rank == sorted.length ? 0 : Quantiles.error(bits);
                    assertThat(answers[i]).isCloseTo(exact, within(Math.abs(exact) * error));
                }
            }
        };
    }

    private static Subject.OfPart<TextEdge> textEdge(boolean last) {
        return new Subject.OfPart<>(TextEdge.kind(last, LONGEST)) {
            @Override
            void add(TextEdge part, Sample sample) {
                part.add(sample.time, sample.partition, sample.offset, sample.buffer, 3, sample.text.length);
            }

            @Override
            void check(TextEdge part, List<Sample> samples) {
                assertThat(part.isPresent()).isEqualTo(!samples.isEmpty());
                assertThat(part.text())
                        .isEqualTo(edge(samples, last).map(each -> each.text).orElse(new byte[0]));
            }
        };
    }

    /** The first or the last record. */
    static Optional<Sample> edge(List<Sample> samples, boolean last) {
        return last ? samples.stream().max(BY_POSITION) : samples.stream().min(BY_POSITION);
    }

    private static Subject.OfPart<Ranked> ranked(boolean largest, int k) {
        return new Subject.OfPart<>(Ranked.kind(largest, k)) {
            @Override
            void add(Ranked part, Sample sample) {
                part.add(sample.units, sample.time, sample.partition, sample.offset);
            }

            @Override
            void check(Ranked part, List<Sample> samples) {
                Comparator<Sample> byNumber = Comparator.comparingLong(each -> each.units);
                long[] expected = samples.stream()
                        .sorted(largest ? byNumber.reversed() : byNumber)
                        .limit(k)
                        .mapToLong(each -> each.units)
                        .toArray();
                long[] actual = new long[part.size()];
                Arrays.setAll(actual, part::number);
                assertThat(actual).isEqualTo(expected);
            }
        };
    }

    private static Subject.OfPart<Frequent> frequent(int capacity) {
        return new Subject.OfPart<>(Frequent.kind(capacity, LONGEST)) {
            @Override
            void add(Frequent part, Sample sample) {
                part.add(sample.buffer, 3, sample.text.length);
            }

            @Override
            void check(Frequent part, List<Sample> samples) {
                Map<ByteBuffer, Long> exact = samples.stream()
                        .collect(Collectors.groupingBy(
                                each -> ByteBuffer.wrap(each.text), TreeMap::new, Collectors.counting()));
                assertThat(part.error()).isBetween(0L, samples.size() / (capacity + 1L));
                long before = Long.MAX_VALUE;
                for (int slot : part.top(Integer.MAX_VALUE)) {
                    long count = exact.remove(ByteBuffer.wrap(part.value(slot)));
                    assertThat(count).isBetween(part.atLeast(slot), part.atMost(slot));
                    assertThat(part.atMost(slot) - part.atLeast(slot)).isEqualTo(part.error());
                    assertThat(part.atLeast(slot)).isBetween(1L, before);
                    before = part.atLeast(slot);
                }
                assertThat(exact.values()).allMatch(count -> count <= part.error());
            }
        };
    }
}
