package io.tidemark.workflow;

import io.temporal.activity.ActivityOptions;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.CanceledFailure;
import io.temporal.workflow.Functions;
import io.temporal.workflow.Workflow;
import io.tidemark.job.RunLimits;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionProblem;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionResult;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.ProduceResult;
import io.tidemark.run.SliceRef;
import io.tidemark.run.Staged;
import io.tidemark.state.RecordCounts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * One slice of a run: consume, aggregate, produce, again and again until each of its partitions is where the plan wants
 * it, or cannot get there. Never throws but for cancellation; what a partition could not do is written into the ledger.
 */
final class SliceRunner {
    /** More would only queue up at the one host that reads a slice. */
    static final int SPLITS_IN_FLIGHT = 8;
    /** A shorter split is read in less time than it takes Temporal to hand it out. */
    private static final long SHORT = 2_000_000;
    /** What is read to find a host while the other cores have nothing to do: some milliseconds' worth. */
    private static final long ALONE = 100_000;
    /**
     * Where several partitions share a slice, one that always fails keeps the others waiting. Two tries together and
     * one alone, each of a quarter of the run's time, leave them the last quarter.
     */
    private static final int PATIENCE = 4;

    private final SliceGroup group;
    private final SliceRef slice;
    private final RunLimits limits;
    private final RunLedger ledger;
    private final SliceListener listener;
    private final RunClock clock;
    private final Backoff backoff = new Backoff();
    private final boolean shared;
    /** How many splits it takes to keep many cores busy, with all slices of the group together. */
    private final long splitsWanted;
    /** What is left to do, by partition. */
    private final TreeMap<Integer, PartitionRange> open = new TreeMap<>();

    private int splits;
    /**
     * Whether the next chain is begun even where the budget is used up: the first of the run, so that it gets somewhere,
     * and those that find out which partition of a slice is the bad one. Until one has brought something further.
     */
    private boolean owed;

    SliceRunner(
            SliceGroup group,
            int slice,
            List<PartitionRange> ranges,
            int slices,
            RunLedger ledger,
            SliceListener listener) {
        this.group = group;
        this.splitsWanted = Splits.ceilDiv(SPLITS_IN_FLIGHT, slices);
        this.slice = new SliceRef(group.job(), group.runId(), group.identity(), slice);
        this.limits = group.job().limits();
        this.ledger = ledger;
        this.listener = listener;
        this.clock = new RunClock(group.job(), group.deadline(), group.budgetEnd());
        this.shared = ranges.size() > 1;
        ranges.forEach(range -> open.put(range.partition(), range));
    }

    /** It gets as far as a first piece, or a part of one, whatever the budget says. */
    void owed() {
        owed = true;
    }

    void run() {
        if (shared) {
            together();
        }
        for (int partition : List.copyOf(open.keySet())) {
            owed |= shared;
            alone(partition);
        }
    }

    /** All partitions of the slice in one chain, until they are done or the chain has failed twice. */
    private void together() {
        int failures = 0;
        while (!open.isEmpty() && failures < 2) {
            try {
                chain(List.copyOf(open.values()));
            } catch (ActivityFailure e) {
                // With no time for a second try it matters more which of them it is.
                failures += clock.enough() == null ? 1 : 2;
            }
        }
    }

    private void alone(int partition) {
        PartitionRange range = open.get(partition);
        while (range != null) {
            try {
                chain(List.of(range));
            } catch (ActivityFailure e) {
                failed(new PartitionProblem(partition, Failures.kind(e), Failures.message(e)));
            }
            range = open.get(partition);
        }
    }

    /** Takes the partitions one piece further, or finds out why not. */
    private void chain(List<PartitionRange> todo) {
        String over = clock.over();
        if (over != null) {
            for (PartitionRange each : todo) {
                failed(new PartitionProblem(
                        each.partition(),
                        FailureKind.TIME_OVER,
                        over + "; the next run goes on at offset " + each.from() + ", " + each.length()
                                + " offsets are left"));
            }
            return;
        }
        String enough = owed ? null : clock.enough();
        if (enough != null) {
            todo.forEach(each -> left(each, enough));
            listener.show();
            return;
        }
        boolean advanced = false;
        try {
            List<PartitionRange> piece = Splits.piece(todo, limits.offsetsPerPiece());
            List<Staged> reads = consume(piece);
            List<PartitionRange> read = Splits.unbroken(piece, reads);
            if (!read.isEmpty()) {
                Staged delta = aggregate(read, Splits.within(read, reads));
                for (PartitionVerdict each : produce(read, delta).verdicts()) {
                    advanced |= accept(each);
                }
            }
            listener.show();
        } catch (ActivityFailure e) {
            if (Failures.cancelled()) {
                throw new CanceledFailure("the run was cancelled");
            }
            if (!Failures.stagedLost(e)) {
                throw e;
            }
            // Once more, wherever there is a worker.
        }
        if (advanced) {
            owed = false;
            backoff.reset();
        } else {
            backoff.pause();
        }
    }

    /**
     * Reads a piece. The first split finds a host, the others follow it in parallel; where the budget is used up before
     * each has begun there are holes in what is read.
     */
    private List<Staged> consume(List<PartitionRange> piece) {
        List<List<PartitionRange>> parts = Splits.of(piece, offsetsPerSplit(piece));
        List<PartitionRange> firstPart = parts.get(0);
        List<PartitionRange> head = parts.size() == 1 ? firstPart : Splits.head(firstPart, ALONE);
        Staged first = activities(ActivityProfiles.consume(limits, patience(), label(head)))
                .consume(slice, splits++, head, owed ? 0 : group.budgetEnd());

        List<List<Staged>> staged = new ArrayList<>();
        List<Functions.Proc> reads = new ArrayList<>();
        parts.set(0, Splits.rest(firstPart, first));
        for (List<PartitionRange> part : parts) {
            List<Staged> ofPart = new ArrayList<>();
            staged.add(ofPart);
            reads.add(() -> consumeOn(first.hostQueue(), part, ofPart));
        }
        staged.get(0).add(first);
        SlidingWindow.run(SPLITS_IN_FLIGHT, reads);
        return staged.stream().flatMap(List::stream).toList();
    }

    /** Many slices keep all cores busy as they are; few are cut into more splits than the limit asks for. */
    private long offsetsPerSplit(List<PartitionRange> piece) {
        long offsets = piece.stream().mapToLong(PartitionRange::length).sum();
        return Math.min(limits.offsetsPerSplit(), Math.max(SHORT, Splits.ceilDiv(offsets, splitsWanted)));
    }

    /** Reads one split, which takes several activities where one ends before it has reached the end. */
    private void consumeOn(String hostQueue, List<PartitionRange> part, List<Staged> staged) {
        List<PartitionRange> rest = part;
        while (!rest.isEmpty() && clock.enough() == null) {
            Staged read = activities(ActivityProfiles.consumeOn(hostQueue, limits, patience(), label(rest)))
                    .consume(slice, splits++, rest, group.budgetEnd());
            staged.add(read);
            List<PartitionRange> left = Splits.rest(rest, read);
            if (left.equals(rest)) {
                backoff.pause();
            }
            rest = left;
        }
    }

    private Staged aggregate(List<PartitionRange> piece, List<Staged> partials) {
        String host = partials.get(0).hostQueue();
        return activities(ActivityProfiles.aggregate(host, limits, patience(), label(piece)))
                .aggregate(slice, partials);
    }

    private ProduceResult produce(List<PartitionRange> piece, Staged delta) {
        return activities(ActivityProfiles.produce(delta.hostQueue(), limits, patience(), label(piece)))
                .produce(slice, delta);
    }

    /** Takes a verdict into the account; says whether it brought the partition further. */
    private boolean accept(PartitionVerdict verdict) {
        PartitionRange range = open.get(verdict.partition());
        if (range == null) {
            return false;
        }
        return switch (verdict.verdict()) {
            // Where the stored progress is, is where this partition is, whoever brought it there.
            case DONE, DONE_BEFORE, STALE -> moved(range, verdict);
            case STAGED_LOST -> false;
            case FAILED -> {
                PartitionProblem problem = verdict.problem();
                failed(
                        problem != null
                                ? problem
                                : new PartitionProblem(
                                        verdict.partition(), FailureKind.UNEXPECTED, "failed without a reason"));
                yield true;
            }
        };
    }

    private boolean moved(PartitionRange range, PartitionVerdict verdict) {
        int partition = range.partition();
        long through = Math.min(verdict.through(), range.to());
        RecordCounts counts = verdict.counts().equals(RecordCounts.NONE)
                ? RecordCounts.elsewhere(through - range.from())
                : verdict.counts();
        ledger.advanced(new PartitionResult(partition, range.from(), through, counts, verdict.rows()));
        if (through == range.to()) {
            open.remove(partition);
            ledger.done();
        } else {
            open.put(partition, new PartitionRange(partition, through, range.to()));
        }
        listener.counted();
        return through > range.from();
    }

    private void left(PartitionRange rest, String why) {
        open.remove(rest.partition());
        ledger.leave(rest, why);
        listener.counted();
    }

    private void failed(PartitionProblem problem) {
        open.remove(problem.partition());
        ledger.failed(problem);
        listener.counted();
        listener.show();
    }

    private Duration patience() {
        Duration left = clock.left();
        Duration most = limits.time().dividedBy(PATIENCE);
        return shared && left.compareTo(most) > 0 ? most : left;
    }

    private String label(List<PartitionRange> ranges) {
        return RunLabels.activity(group.job(), ranges);
    }

    private static BatchActivities activities(ActivityOptions options) {
        return Workflow.newActivityStub(BatchActivities.class, options);
    }
}
