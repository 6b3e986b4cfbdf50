package io.tidemark.plan;

import io.tidemark.run.PartitionRange;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Cuts ranges so that together they stay within a limit. Each range gets the same number of offsets; what a short range
 * does not need is given to longer ones. So small partitions are up to date after each run, and large ones share the
 * rest.
 */
final class FairCut {
    private FairCut() {}

    /**
     * Returns the first offsets of each range, with a total weight of at most {@code most}, but at least one offset:
     * after a run without offsets, the next run would also get none.
     *
     * @param weight weight of one offset of a range; positive
     * @return the cut ranges, without those of which nothing is left
     */
    static List<PartitionRange> cut(List<PartitionRange> ranges, long most, ToDoubleFunction<PartitionRange> weight) {
        if (weight(ranges, Long.MAX_VALUE, weight) <= most) {
            return ranges;
        }
        long level = level(ranges, most, weight);
        double room = most - weight(ranges, level, weight);
        List<PartitionRange> cut = new ArrayList<>();
        // The offsets that remain after the equal shares go to partitions in turn. The first one depends on what was
        // read before, so that it changes from run to run.
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
            // A range that had no offsets closes windows.
            if (lengths[i] > 0 || range.length() == 0) {
                cut.add(range.part(range.from(), range.from() + lengths[i]));
            }
        }
        return cut;
    }

    /** Returns the largest number of offsets per range that stays within the limit. */
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
