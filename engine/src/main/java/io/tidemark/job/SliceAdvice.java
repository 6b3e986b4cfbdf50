package io.tidemark.job;

import java.util.Locale;
import java.util.Optional;

/**
 * When to let partitions share slices. The value is part of what the stored totals mean, so advice is of use before a
 * job's first run and never again.
 */
public final class SliceAdvice {
    /** So many chains of activities cost a few seconds, and fit into the history of one workflow. */
    static final int MANY_SLICES = 100;
    /** Enough to keep the cores of several workers busy, few enough that a slice's own cost does not count. */
    static final int ENOUGH_SLICES = 32;
    /** A number that a person remembers. */
    private static final int MULTIPLE_OF = 8;

    private SliceAdvice() {}

    /** A value for a topic of so many partitions, or empty where the job's own is as good. */
    public static Optional<Integer> partitionsPerSlice(JobSpec job, int partitions) {
        if (partitions <= MANY_SLICES || job.partitionsPerSlice() > 1) {
            return Optional.empty();
        }
        int wanted = ceilDiv(ceilDiv(partitions, ENOUGH_SLICES), MULTIPLE_OF) * MULTIPLE_OF;
        return Optional.of(Math.min(wanted, JobSpec.MAX_PARTITIONS_PER_SLICE));
    }

    /** The advice in a sentence, without what to do about it. */
    public static String reason(JobSpec job, int partitions, int advised) {
        return String.format(
                Locale.ROOT,
                "%s has %,d partitions, and with partitionsPerSlice: %d each has a chain of activities and a transaction of"
                        + " its own; with partitionsPerSlice: %d, %d slices would do, in a fraction of the time where"
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
