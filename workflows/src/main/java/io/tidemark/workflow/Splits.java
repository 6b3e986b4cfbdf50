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

/** Arithmetic of ranges: what goes into one transaction, and what one activity reads of it. */
final class Splits {
    private Splits() {}

    /** The first offsets of each range, at most {@code most} of each: what goes into one transaction. */
    static List<PartitionRange> piece(List<PartitionRange> ranges, long most) {
        List<PartitionRange> piece = new ArrayList<>();
        for (PartitionRange each : ranges) {
            piece.add(new PartitionRange(each.partition(), each.from(), each.from() + Math.min(most, each.length())));
        }
        return piece;
    }

    /**
     * Cuts ranges into splits of at most {@code most} offsets each. The splits are about equally long, so that none is
     * waited for; a long range goes over several splits, several short ones share one.
     */
    static List<List<PartitionRange>> of(List<PartitionRange> ranges, long most) {
        long total = ranges.stream().mapToLong(PartitionRange::length).sum();
        long count = Math.max(1, ceilDiv(total, most));
        long size = Math.max(1, ceilDiv(total, count));
        List<List<PartitionRange>> splits = new ArrayList<>();
        long room = 0;
        for (PartitionRange range : ranges) {
            long next = range.from();
            while (next < range.to()) {
                if (room == 0) {
                    splits.add(new ArrayList<>());
                    room = size;
                }
                long end = next + Math.min(room, range.to() - next);
                splits.get(splits.size() - 1).add(new PartitionRange(range.partition(), next, end));
                room -= end - next;
                next = end;
            }
        }
        return splits;
    }

    /** The first offsets of a split, at most so many of all its ranges together. */
    static List<PartitionRange> head(List<PartitionRange> split, long most) {
        List<PartitionRange> head = new ArrayList<>();
        long room = most;
        for (PartitionRange each : split) {
            if (room > 0) {
                long end = each.from() + Math.min(room, each.length());
                head.add(new PartitionRange(each.partition(), each.from(), end));
                room -= end - each.from();
            }
        }
        return head;
    }

    /** What a consume activity was asked for and did not reach. */
    static List<PartitionRange> rest(List<PartitionRange> asked, Staged staged) {
        List<PartitionRange> rest = new ArrayList<>();
        for (PartitionRange range : asked) {
            long reached = range.from();
            for (StagedRange read : staged.ranges()) {
                if (read.range().partition() == range.partition()) {
                    reached = Math.max(reached, read.range().to());
                }
            }
            if (reached < range.to()) {
                rest.add(new PartitionRange(range.partition(), reached, range.to()));
            }
        }
        return rest;
    }

    /**
     * How far each range was read without a hole: where one split is not whole, what follows it cannot be counted.
     * Ranges of which not even the beginning was read are left out.
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
            if (reached > range.from()) {
                unbroken.add(new PartitionRange(range.partition(), range.from(), reached));
            }
        }
        return unbroken;
    }

    /** The reads without what lies outside the ranges, or holds nothing. */
    static List<Staged> within(List<PartitionRange> ranges, List<Staged> reads) {
        Map<Integer, PartitionRange> byPartition = new HashMap<>();
        ranges.forEach(each -> byPartition.put(each.partition(), each));
        List<Staged> within = new ArrayList<>();
        for (Staged staged : reads) {
            List<StagedRange> kept = staged.ranges().stream()
                    .filter(each -> each.range().length() > 0
                            && inside(byPartition.get(each.range().partition()), each.range()))
                    .toList();
            if (!kept.isEmpty()) {
                within.add(new Staged(staged.hostQueue(), kept, staged.cells(), staged.deadLetters()));
            }
        }
        return within;
    }

    private static boolean inside(@Nullable PartitionRange whole, PartitionRange part) {
        return whole != null && part.from() >= whole.from() && part.to() <= whole.to();
    }

    static long ceilDiv(long value, long by) {
        return Math.floorDiv(value - 1, by) + 1;
    }
}
