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
    static void run(SliceGroup group, RunLedger ledger, SliceListener listener, RunControl control) {
        List<SliceRunner> slices = new ArrayList<>();
        SortedMap<Integer, List<PartitionRange>> cut = cut(group.job(), group.ranges());
        HostTasks hosts = areBounded() ? new HostTasks(group, cut.size(), control) : null;
        cut.forEach((slice, ranges) ->
                slices.add(new SliceRunner(group, slice, ranges, cut.size(), hosts, ledger, listener, control)));
        control.planned(slices);
        inTurn(group.job(), slices);
        if (group.owed()) {
            slices.get(0).owed();
        }
        SlidingWindow.run(
                () -> control.slices(group.job().limits().slicesInFlight()),
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

    /**
     * Returns whether the workflow bounds its threads, the partitions of a group and the tasks on hosts. False for one that
     * 0.1 started; remove the old way when no run of 0.1 can be open any more.
     */
    static boolean areBounded() {
        return Workflow.getVersion("bounded-slices", Workflow.DEFAULT_VERSION, 1) >= 1;
    }

    /** Divides ranges into groups of whole slices, of at most {@code mostSlices} and {@code mostPartitions}. */
    static List<List<PartitionRange>> groups(
            JobSpec job, List<PartitionRange> ranges, int mostSlices, int mostPartitions) {
        List<List<PartitionRange>> groups = new ArrayList<>();
        List<PartitionRange> group = List.of();
        int slices = 0;
        for (List<PartitionRange> slice : cut(job, ranges).values()) {
            if (groups.isEmpty() || slices == mostSlices || group.size() + slice.size() > mostPartitions) {
                group = new ArrayList<>();
                groups.add(group);
                slices = 0;
            }
            group.addAll(slice);
            slices++;
        }
        return groups;
    }
}
