package io.tidemark.workflow;

import io.temporal.workflow.Functions;
import io.temporal.workflow.Workflow;
import io.tidemark.job.JobSpec;
import io.tidemark.run.PartitionRange;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Divides the partitions of a plan into slices, and slices into groups. */
final class Slices {
    private Slices() {}

    /**
     * Processes all slices of a group, {@code limits.slicesInFlight} at once. Returns when each has ended, successfully
     * or not.
     */
    static void run(SliceGroup group, RunLedger ledger, SliceListener listener) {
        List<SliceRunner> slices = new ArrayList<>();
        SortedMap<Integer, List<PartitionRange>> cut = cut(group.job(), group.ranges());
        cut.forEach((slice, ranges) -> slices.add(new SliceRunner(group, slice, ranges, cut.size(), ledger, listener)));
        inTurn(group.job(), slices);
        if (group.owed()) {
            slices.get(0).owed();
        }
        SlidingWindow.run(
                group.job().limits().slicesInFlight(),
                slices.stream().<Functions.Proc>map(each -> each::run).toList());
    }

    /**
     * With a budget of time, rotates {@code works} by a random distance, so that it is not always the same ones that
     * the budget leaves for the next run.
     */
    static void inTurn(JobSpec job, List<?> works) {
        if (job.budget().time() != null) {
            Collections.rotate(works, Workflow.newRandom().nextInt(works.size()));
        }
    }

    /** Returns the ranges of each slice by its number, which depends only on the job and the partition. */
    static SortedMap<Integer, List<PartitionRange>> cut(JobSpec job, List<PartitionRange> ranges) {
        SortedMap<Integer, List<PartitionRange>> slices = new TreeMap<>();
        for (PartitionRange range : ranges) {
            slices.computeIfAbsent(job.sliceOf(range.partition()), slice -> new ArrayList<>())
                    .add(range);
        }
        return slices;
    }

    /** Divides ranges into groups of at most {@code most} whole slices. */
    static List<List<PartitionRange>> groups(JobSpec job, List<PartitionRange> ranges, int most) {
        List<List<PartitionRange>> groups = new ArrayList<>();
        int slices = 0;
        for (List<PartitionRange> slice : cut(job, ranges).values()) {
            if (slices++ % most == 0) {
                groups.add(new ArrayList<>());
            }
            groups.get(groups.size() - 1).addAll(slice);
        }
        return groups;
    }
}
