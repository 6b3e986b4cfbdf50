package io.tidemark.plan;

import io.tidemark.run.PartitionRange;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Cuts ranges to what is allowed for all of them together. Each gets the same number of offsets; what a short one does
 * not need goes to the longer ones. So small partitions are up to date after each run, and a large one is read as fast
 * as the others leave it room.
 */
final class FairCut {
    private FairCut() {}

    /**
     * The first offsets of each range, so many that they weigh no more than {@code most} together, but one offset at
     * least: a run that takes nothing would be followed by one that takes nothing.
     *
     * @param weight what an offset of a range weighs; positive
     * @return the cut ranges, without those of which nothing is left
     */
    static List<PartitionRange> cut(List<PartitionRange> ranges, long most, ToDoubleFunction<PartitionRange> weight) {
        if (weight(ranges, Long.MAX_VALUE, weight) <= most) {
            return ranges;
        }
        long level = level(ranges, most, weight);
        double room = most - weight(ranges, level, weight);
        List<PartitionRange> cut = new ArrayList<>();
        // The odd offsets go round: where a run begins, here, moves with what was read before it.
        int first =
                Math.floorMod(ranges.stream().mapToLong(PartitionRange::from).sum(), ranges.size());
        boolean nothing = level == 0;
        long[] lengths = new long[ranges.size()];
        for (int i = 0; i < ranges.size(); i++) {
            int at = (first + i) % ranges.size();
            PartitionRange range = ranges.get(at);
            lengths[at] = Math.min(level, range.length());
            double one = weight.applyAsDouble(range);
            if (range.length() > level && (one <= room || nothing)) {
                lengths[at]++;
                room -= one;
                nothing = false;
            }
        }
        for (int i = 0; i < lengths.length; i++) {
            PartitionRange range = ranges.get(i);
            if (lengths[i] > 0) {
                cut.add(new PartitionRange(range.partition(), range.from(), range.from() + lengths[i]));
            }
        }
        return cut;
    }

    /** The highest number of offsets that each range may have. */
    private static long level(List<PartitionRange> ranges, long most, ToDoubleFunction<PartitionRange> weight) {
        long fits = 0;
        long tooMuch = ranges.stream().mapToLong(PartitionRange::length).max().orElse(0);
        while (tooMuch - fits > 1) {
            long middle = fits + (tooMuch - fits) / 2;
            if (weight(ranges, middle, weight) <= most) {
                fits = middle;
            } else {
                tooMuch = middle;
            }
        }
        return fits;
    }

    private static double weight(List<PartitionRange> ranges, long level, ToDoubleFunction<PartitionRange> weight) {
        double sum = 0;
        for (PartitionRange each : ranges) {
            sum += Math.min(level, each.length()) * weight.applyAsDouble(each);
        }
        return sum;
    }
}
