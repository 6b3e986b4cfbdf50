package io.tidemark.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.run.PartitionRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class FairCutTest {

    @Test
    void whatAShortRangeDoesNotNeedGoesToTheLongOnes() {
        assertThat(lengths(FairCut.cut(ranges(10, 1_000, 300, 5), 415, each -> 1)))
                .isEqualTo(Map.of(0, 10L, 1, 200L, 2, 200L, 3, 5L));
    }

    @Property
    void recordsAreUsedUpAndSharedEvenly(
            @ForAll @Size(min = 1, max = 20) List<@LongRange(min = 1, max = 1_000_000) Long> lengths,
            @ForAll @LongRange(min = 1, max = 2_000_000) long most) {
        List<PartitionRange> ranges = ranges(lengths);

        Map<Integer, Long> cut = lengths(FairCut.cut(ranges, most, each -> 1));

        assertThat(sum(cut)).isEqualTo(Math.min(most, sum(lengths(ranges))));
        long mostOfAny = cut.values().stream().mapToLong(each -> each).max().orElse(0);
        for (PartitionRange each : ranges) {
            assertThat(cut.getOrDefault(each.partition(), 0L))
                    .as("%s, where another gets %s", each, mostOfAny)
                    .isGreaterThanOrEqualTo(Math.min(each.length(), mostOfAny - 1))
                    .isLessThanOrEqualTo(each.length());
        }
    }

    @Property
    void weightsAreKeptToAndNearlyUsedUp(
            @ForAll @Size(min = 1, max = 20) List<@LongRange(min = 1, max = 1_000_000) Long> lengths,
            @ForAll @LongRange(min = 1, max = 1_000_000_000) long most) {
        List<PartitionRange> ranges = ranges(lengths);
        ToDoubleFunction<PartitionRange> weight = each -> 1 + each.partition() * 37.5;

        List<PartitionRange> cut = FairCut.cut(ranges, most, weight);

        double weighs = weight(cut, weight);
        double heaviest = ranges.stream().mapToDouble(weight).max().orElse(0);
        if (weighs > most) {
            assertThat(sum(lengths(cut)))
                    .as("offsets of a run that must get on")
                    .isEqualTo(1);
        } else if (weighs < weight(ranges, weight)) {
            assertThat(weighs).isGreaterThan(most - heaviest);
        }
    }

    @Test
    void withLessThanOneForEachTheyTakeTurns() {
        Map<Integer, Long> through = new TreeMap<>(Map.of(0, 0L, 1, 0L, 2, 0L, 3, 0L, 4, 0L));
        for (int run = 0; run < 10; run++) {
            List<PartitionRange> ranges = new ArrayList<>();
            through.forEach((partition, from) -> ranges.add(new PartitionRange(partition, from, 1_000)));
            FairCut.cut(ranges, 2, each -> 1).forEach(each -> through.put(each.partition(), each.to()));
        }

        assertThat(through.values()).containsOnly(4L);
    }

    private static List<PartitionRange> ranges(long... lengths) {
        List<Long> list = new ArrayList<>();
        for (long each : lengths) {
            list.add(each);
        }
        return ranges(list);
    }

    private static List<PartitionRange> ranges(List<Long> lengths) {
        List<PartitionRange> ranges = new ArrayList<>();
        for (int i = 0; i < lengths.size(); i++) {
            ranges.add(new PartitionRange(i, 7L * i, 7L * i + lengths.get(i)));
        }
        return ranges;
    }

    private static Map<Integer, Long> lengths(List<PartitionRange> ranges) {
        return ranges.stream().collect(Collectors.toMap(PartitionRange::partition, PartitionRange::length));
    }

    private static long sum(Map<Integer, Long> lengths) {
        return lengths.values().stream().mapToLong(each -> each).sum();
    }

    private static double weight(List<PartitionRange> ranges, ToDoubleFunction<PartitionRange> weight) {
        return ranges.stream()
                .mapToDouble(each -> each.length() * weight.applyAsDouble(each))
                .sum();
    }
}
