package io.tidemark.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.run.Closing;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.Staged;
import io.tidemark.run.StagedFile;
import io.tidemark.run.StagedRange;
import io.tidemark.state.RecordCounts;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SplitsTest {

    @Test
    void aRangeSlightlyTooLongIsCutInHalves() {
        assertThat(Splits.of(List.of(new PartitionRange(0, 100, 111)), 10))
                .containsExactly(List.of(new PartitionRange(0, 100, 106)), List.of(new PartitionRange(0, 106, 111)));
    }

    @Test
    void shortRangesShareASplitWithTheEndOfALongOne() {
        assertThat(Splits.of(
                        List.of(new PartitionRange(0, 0, 15), new PartitionRange(1, 0, 2), new PartitionRange(2, 0, 3)),
                        10))
                .containsExactly(
                        List.of(new PartitionRange(0, 0, 10)),
                        List.of(
                                new PartitionRange(0, 10, 15),
                                new PartitionRange(1, 0, 2),
                                new PartitionRange(2, 0, 3)));
    }

    @Test
    void theHeadOfASplitEndsInTheMiddleOfARange() {
        assertThat(Splits.head(
                        List.of(
                                new PartitionRange(0, 5, 10),
                                new PartitionRange(1, 0, 10),
                                new PartitionRange(2, 0, 10)),
                        7))
                .containsExactly(new PartitionRange(0, 5, 10), new PartitionRange(1, 0, 2));
    }

    @Test
    void aPieceTakesTheFirstOffsetsOfEachPartition() {
        assertThat(Splits.piece(List.of(new PartitionRange(0, 5, 100), new PartitionRange(1, 5, 7)), 10))
                .containsExactly(new PartitionRange(0, 5, 15), new PartitionRange(1, 5, 7));
    }

    @Test
    void theRestIsWhatAResultDoesNotCover() {
        Staged staged = new Staged(
                "host",
                List.of(
                        new StagedRange(new PartitionRange(0, 0, 10), RecordCounts.NONE, -1, -1, -1, null),
                        new StagedRange(new PartitionRange(1, 0, 4), RecordCounts.NONE, -1, -1, -1, null)),
                new StagedFile("cells", 0, "0"),
                null);

        assertThat(Splits.rest(
                        List.of(
                                new PartitionRange(0, 0, 10),
                                new PartitionRange(1, 0, 10),
                                new PartitionRange(2, 7, 9)),
                        staged))
                .containsExactly(new PartitionRange(1, 4, 10), new PartitionRange(2, 7, 9));
    }

    @Property
    void splitsCoverEveryOffsetOnceAndNoneIsTooLong(
            @ForAll @Size(max = 20) List<@LongRange(min = 1, max = 500) Long> lengths,
            @ForAll @IntRange(min = 1, max = 300) int most) {
        List<PartitionRange> ranges = ranges(lengths, null);

        List<List<PartitionRange>> splits = Splits.of(ranges, most);

        TreeMap<Integer, PartitionRange> joined = new TreeMap<>();
        for (List<PartitionRange> split : splits) {
            assertThat(split.stream().mapToLong(PartitionRange::length).sum()).isBetween(1L, (long) most);
            for (PartitionRange each : split) {
                joined.merge(each.partition(), each, (one, next) -> {
                    assertThat(next.from()).isEqualTo(one.to());
                    return new PartitionRange(one.partition(), one.from(), next.to());
                });
            }
        }
        assertThat(joined.values()).containsExactlyElementsOf(ranges);
    }

    @Property
    void everyRangeSurvivesAndOnlyItsEndCloses(
            @ForAll @Size(min = 1, max = 20) List<@LongRange(min = 0, max = 500) Long> lengths,
            @ForAll @IntRange(min = 1, max = 300) int most,
            @ForAll @LongRange(min = 1, max = 500) long head) {
        List<PartitionRange> ranges = ranges(lengths, new Closing(1, 2));

        List<List<PartitionRange>> splits = new ArrayList<>(Splits.of(ranges, most));
        List<Staged> reads = new ArrayList<>();
        reads.add(staged(Splits.head(splits.get(0), head)));
        splits.set(0, Splits.rest(splits.get(0), reads.get(0)));
        splits.forEach(split -> reads.add(staged(split)));

        assertThat(Splits.unbroken(ranges, reads)).isEqualTo(ranges);
        TreeMap<Integer, StagedRange> joined = new TreeMap<>();
        for (Staged each : Splits.within(ranges, reads)) {
            each.ranges().forEach(range -> joined.merge(range.range().partition(), range, StagedRange::join));
        }
        assertThat(joined.values()).extracting(StagedRange::range).containsExactlyElementsOf(ranges);
        for (Staged read : reads) {
            for (StagedRange each : read.ranges()) {
                PartitionRange range = ranges.get(each.range().partition());
                assertThat(each.range().target()).isEqualTo(each.range().to() == range.to() ? 2 : 1);
            }
        }
    }

    @Test
    void aRangeWithoutOffsetsThatNobodyReadIsLeft() {
        PartitionRange closing = new PartitionRange(0, 7, 7, new Closing(1, 2));
        Staged nothing = staged(List.of());

        assertThat(Splits.rest(List.of(closing), nothing)).containsExactly(closing);
        assertThat(Splits.unbroken(List.of(closing), List.of(nothing))).isEmpty();
        assertThat(Splits.rest(List.of(closing), staged(List.of(closing)))).isEmpty();
    }

    @Test
    void anEmptyReadOfARangeWithOffsetsIsNotMerged() {
        PartitionRange range = new PartitionRange(0, 7, 9, new Closing(1, 2));
        Staged empty = staged(List.of(range.part(7, 7)));

        assertThat(Splits.unbroken(List.of(range), List.of(empty))).isEmpty();
        assertThat(Splits.within(List.of(range), List.of(empty, staged(List.of(range)))))
                .containsExactly(staged(List.of(range)));
    }

    private static List<PartitionRange> ranges(List<Long> lengths, @Nullable Closing closing) {
        List<PartitionRange> ranges = new ArrayList<>();
        for (int partition = 0; partition < lengths.size(); partition++) {
            ranges.add(new PartitionRange(partition, partition, partition + lengths.get(partition), closing));
        }
        return ranges;
    }

    private static Staged staged(List<PartitionRange> ranges) {
        return new Staged(
                "host",
                ranges.stream()
                        .map(each -> new StagedRange(each, RecordCounts.folded(each.length(), 0), -1, -1, -1, null))
                        .toList(),
                new StagedFile("cells", 0, "0"),
                null);
    }
}
