package io.tidemark.workflow;

import io.tidemark.run.PartitionRange;
import io.tidemark.run.Staged;
import io.tidemark.run.StagedRange;
import java.util.ArrayList;
import java.util.List;

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

    private static long ceilDiv(long value, long by) {
        return Math.floorDiv(value - 1, by) + 1;
    }
}
