package io.tidemark.job;

import java.util.Locale;
import java.util.Optional;

/**
 * Suggests how many partitions a slice should have. The value is part of the fingerprint, so it can be chosen only before
 * a job's first run.
 */
public final class SliceAdvice {
    /** Up to this number each partition can have its own slice: it costs a few seconds and fits into one workflow history. */
    static final int MANY_SLICES = 100;
    /** Enough slices for the cores of several workers, and so few that the cost of a slice itself does not matter. */
    static final int ENOUGH_SLICES = 32;
    /** Suggestions are multiples of this number, so that people remember them. */
    private static final int MULTIPLE_OF = 8;

    private SliceAdvice() {}

    /** The value for a topic with this number of partitions; empty if the job's own value is as good. */
    public static Optional<Integer> partitionsPerSlice(JobSpec job, int partitions) {
        if (partitions <= MANY_SLICES || job.partitionsPerSlice() > 1) {
            return Optional.empty();
        }
        int wanted = ceilDiv(ceilDiv(partitions, ENOUGH_SLICES), MULTIPLE_OF) * MULTIPLE_OF;
        return Optional.of(Math.min(wanted, JobSpec.MAX_PARTITIONS_PER_SLICE));
    }

    /** The reason of a suggestion, as a sentence without a full stop. */
    public static String reason(JobSpec job, int partitions, int advised) {
        return String.format(
                Locale.ROOT,
                "%s has %,d partitions. With partitionsPerSlice: %d each of them needs its own chain of activities and its"
                        + " own transaction; with partitionsPerSlice: %d there are %d slices, which is much faster if"
                        + " partitions are small",
                job.input().topic(),
                partitions,
                job.partitionsPerSlice(),
                advised,
                ceilDiv(partitions, advised));
    }

    private static int ceilDiv(int value, int by) {
        return Math.floorDiv(value - 1, by) + 1;
    }
}
