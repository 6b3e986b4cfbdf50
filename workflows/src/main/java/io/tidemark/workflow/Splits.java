package io.tidemark.workflow;

import io.tidemark.run.PartitionRange;
import io.tidemark.run.Staged;
import io.tidemark.run.StagedRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Arithmetic on ranges: the piece that goes into one transaction, and the splits that activities read. */
final class Splits {
    private Splits() {}

    /** Returns the first offsets of each range, at most {@code most} of each. They go into one transaction. */
    static List<PartitionRange> piece(List<PartitionRange> ranges, long most) {
        List<PartitionRange> piece = new ArrayList<>();
        for (PartitionRange each : ranges) {
            piece.add(each.part(each.from(), each.from() + Math.min(most, each.length())));
        }
        return piece;
    }

    /**
     * Divides ranges into splits of at most {@code most} offsets. The splits are about equally long, so that they end
     * at about the same time. A long range spans several splits; short ranges share one. A range without offsets goes into
     * the split of the range before it.
     */
    static List<List<PartitionRange>> of(List<PartitionRange> ranges, long most) {
        long total = ranges.stream().mapToLong(PartitionRange::length).sum();
        long count = Math.max(1, ceilDiv(total, most));
        long size = Math.max(1, ceilDiv(total, count));
        List<List<PartitionRange>> splits = new ArrayList<>();
        long room = 0;
        for (PartitionRange range : ranges) {
            long next = range.from();
            do {
                if (splits.isEmpty() || (room == 0 && next < range.to())) {
                    splits.add(new ArrayList<>());
                    room = size;
                }
                long end = next + Math.min(room, range.to() - next);
                splits.get(splits.size() - 1).add(range.part(next, end));
                room -= end - next;
                next = end;
            } while (next < range.to());
        }
        return splits;
    }

    /** Returns the first offsets of a split, at most {@code most} over all its ranges, and its ranges without offsets. */
    static List<PartitionRange> head(List<PartitionRange> split, long most) {
        List<PartitionRange> head = new ArrayList<>();
        long room = most;
        for (PartitionRange each : split) {
            if (room > 0 || each.length() == 0) {
                long end = each.from() + Math.min(room, each.length());
                head.add(each.part(each.from(), end));
                room -= end - each.from();
            }
        }
        return head;
    }

    /** Returns the parts of {@code asked} that a consume activity did not read. */
    static List<PartitionRange> rest(List<PartitionRange> asked, Staged staged) {
        List<PartitionRange> rest = new ArrayList<>();
        for (PartitionRange range : asked) {
            long reached = range.from();
            boolean read = false;
            for (StagedRange each : staged.ranges()) {
                if (each.range().partition() == range.partition()) {
                    reached = Math.max(reached, each.range().to());
                    read = true;
                }
            }
            if (reached < range.to() || !read) {
                rest.add(range.part(reached, range.to()));
            }
        }
        return rest;
    }

    /**
     * Returns the part of each range that was read from its start without a gap; reads behind a gap cannot be counted
     * yet. Leaves out ranges whose first offset was not read, and ranges without offsets that no read contains.
     */
    static List<PartitionRange> unbroken(List<PartitionRange> ranges, List<Staged> reads) {
        Map<Integer, List<PartitionRange>> byPartition = new HashMap<>();
        for (Staged staged : reads) {
            for (StagedRange each : staged.ranges()) {
                byPartition
                        .computeIfAbsent(each.range().partition(), partition -> new ArrayList<>())
                        .add(each.range());
            }
        }
        List<PartitionRange> unbroken = new ArrayList<>();
        for (PartitionRange range : ranges) {
            List<PartitionRange> read = byPartition.getOrDefault(range.partition(), new ArrayList<>());
            read.sort(Comparator.comparingLong(PartitionRange::from).thenComparingLong(PartitionRange::to));
            long reached = range.from();
            for (PartitionRange each : read) {
                reached = each.from() == reached ? each.to() : reached;
            }
            if (reached > range.from() || (range.length() == 0 && !read.isEmpty())) {
                unbroken.add(range.part(range.from(), reached));
            }
        }
        return unbroken;
    }

    /** Returns the reads without those outside of {@code ranges}, and without empty ones of ranges that have offsets. */
    static List<Staged> within(List<PartitionRange> ranges, List<Staged> reads) {
        Map<Integer, PartitionRange> byPartition = new HashMap<>();
        ranges.forEach(each -> byPartition.put(each.partition(), each));
        List<Staged> within = new ArrayList<>();
        for (Staged staged : reads) {
            List<StagedRange> kept = staged.ranges().stream()
                    .filter(each -> inside(byPartition.get(each.range().partition()), each.range()))
                    .toList();
            if (!kept.isEmpty()) {
                within.add(new Staged(staged.hostQueue(), kept, staged.cells(), staged.deadLetters()));
            }
        }
        return within;
    }

    private static boolean inside(@Nullable PartitionRange whole, PartitionRange part) {
        return whole != null
                && (part.length() > 0 || whole.length() == 0)
                && part.from() >= whole.from()
                && part.to() <= whole.to();
    }

    static long ceilDiv(long value, long by) {
        return Math.floorDiv(value - 1, by) + 1;
    }
}
