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

/** How the partitions of a plan become slices, and slices groups. */
final class Slices {
    private Slices() {}

    /** Works on all slices of a group, a few at a time; comes back when each has ended in one way or another. */
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
     * Where the time may not do for all, the order is that of the numbers from a random one on, so that it is not run
     * after run the same ones that wait.
     */
    static void inTurn(JobSpec job, List<?> works) {
        if (job.budget().time() != null) {
            Collections.rotate(works, Workflow.newRandom().nextInt(works.size()));
        }
    }

    /** The ranges of each slice, by its number, which depends on the job and the partition alone. */
    static SortedMap<Integer, List<PartitionRange>> cut(JobSpec job, List<PartitionRange> ranges) {
        SortedMap<Integer, List<PartitionRange>> slices = new TreeMap<>();
        for (PartitionRange range : ranges) {
            slices.computeIfAbsent(job.sliceOf(range.partition()), slice -> new ArrayList<>())
                    .add(range);
        }
        return slices;
    }

    /** Cuts ranges into groups of at most {@code most} whole slices. */
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
