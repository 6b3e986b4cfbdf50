package io.tidemark.workflow;

import io.temporal.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what people have asked of a run, and passes it on to the parts of the run that are at work. Exists before the job is
 * known, because Temporal may deliver signals and updates before it calls the workflow method.
 */
final class RunControl {
    /** Why offsets are left to the next run after {@code finish}. */
    static final String FINISHED = "finished early on request";
    /** The same bounds as {@code limits.slicesInFlight}. */
    static final int MOST_SLICES = 50;
    /** Skipped partitions that the summary names. */
    private static final int MAX_NAMED = 20;

    /** A part of the run: a slice, or a group of slices in a child workflow. */
    interface Part {
        /** Returns whether the part still has a partition to process. */
        boolean has(int partition);

        /** Is called after each request with all requests so far. Must not block. */
        void hear(RunOrders orders);
    }

    private final List<Part> parts = new ArrayList<>();
    private RunOrders all = RunOrders.NONE;
    private boolean planned;
    private boolean over;
    private int atWork;

    /** Adds requests to those before, and tells all parts. */
    void hear(RunOrders orders) {
        all = all.and(orders);
        List.copyOf(parts).forEach(each -> each.hear(all));
    }

    /** Returns all requests, or null if there was none. */
    @Nullable
    RunOrders orders() {
        return all.equals(RunOrders.NONE) ? null : all;
    }

    /** Sets the parts of which the run consists. */
    void planned(List<? extends Part> whole) {
        parts.addAll(whole);
        planned = true;
    }

    /** Records that nothing is left to read or write. */
    void over() {
        over = true;
    }

    /** Returns whether somebody asked the run to finish. */
    boolean finishing() {
        return all.finish();
    }

    /** Returns why the run leaves a partition to the next one, or null if nobody asked for it. */
    @Nullable
    String skips(int partition) {
        int index = all.skip().indexOf(partition);
        if (index < 0) {
            return null;
        }
        return index < MAX_NAMED
                ? "partition " + partition + " skipped on request"
                : "more partitions skipped on request";
    }

    /** Returns how many slices are processed at once. */
    int slices(int usual) {
        return all.slices() > 0 ? all.slices() : usual;
    }

    /**
     * Waits until fewer slices are at work than somebody asked for. A slice calls this before each transaction; if nobody
     * asked, {@link SlidingWindow} alone bounds the number.
     */
    void enter() {
        if (all.slices() > 0) {
            Workflow.await(() -> atWork < all.slices() || all.finish());
        }
        atWork++;
    }

    /** Ends what {@link #enter} began. */
    void leave() {
        atWork--;
    }

    /** Throws if the run has nothing more to start. */
    void requireWork(String job) {
        if (over) {
            throw new IllegalStateException("the run of " + job
                    + " has read everything. It writes what is left, publishes its offsets, and ends by itself");
        }
    }

    /** Throws if the run does not process a partition. Before the plan is made, any partition can be skipped. */
    void requirePartition(String job, int partition) {
        requireWork(job);
        if (partition < 0 || (planned && parts.stream().noneMatch(each -> each.has(partition)))) {
            throw new IllegalStateException("the run of " + job + " does not process partition " + partition
                    + " of its input: it does not exist, had no new records, is done, or has failed. See ./tidemark status "
                    + job);
        }
    }

    /** Throws if this is not a number of slices. */
    void requireSlices(String job, int wanted) {
        requireWork(job);
        requireSlices(wanted);
    }

    /** Throws if this is not a number of slices. */
    static void requireSlices(int wanted) {
        if (wanted < 1 || wanted > MOST_SLICES) {
            throw new IllegalArgumentException("the number of slices at once must be from 1 to " + MOST_SLICES
                    + ", as limits.slicesInFlight, but is " + wanted);
        }
    }

    /** Returns the answer to {@code finish}. */
    static String finishes(String job) {
        return "the run of " + job
                + " starts nothing more. It writes and publishes what it has read, which takes about a"
                + " minute, and leaves the rest to the next run";
    }

    /** Returns the answer to {@code skip}. */
    static String skips(String job, int partition) {
        return "the run of " + job + " leaves partition " + partition + " to the next run";
    }

    /** Returns the answer to {@code parallel}. */
    static String takes(String job, int wanted) {
        return "the run of " + job + " processes " + wanted + (wanted == 1 ? " slice" : " slices")
                + " at once from now on, in each group of 100 slices. Transactions that have begun are completed";
    }
}
