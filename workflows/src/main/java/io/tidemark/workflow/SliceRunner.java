package io.tidemark.workflow;

import io.temporal.activity.ActivityOptions;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.CanceledFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Functions;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import io.tidemark.job.CloseSpec;
import io.tidemark.job.CloseSpec.By;
import io.tidemark.job.RunLimits;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionProblem;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionResult;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.PartitionVerdict.Closed;
import io.tidemark.run.ProduceResult;
import io.tidemark.run.SliceRef;
import io.tidemark.run.Staged;
import io.tidemark.state.RecordCounts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Processes one slice of a run: repeats consume, aggregate and produce until each partition has reached its planned end
 * or has failed. Throws only if the run is cancelled; problems of partitions go to the ledger.
 */
final class SliceRunner implements RunControl.Part {
    /**
     * Most splits of a slice that are read at once. One host reads them all; more would only wait in its queue. A run of
     * many slices has fewer ({@link HostTasks}).
     */
    static final int SPLITS_IN_FLIGHT = 8;
    /** Reading fewer offsets takes less time than Temporal needs to schedule the activity. */
    private static final long MIN_OFFSETS_PER_SPLIT = 2_000_000;
    /**
     * Offsets of the first read, which selects the host: a few milliseconds of work, because nothing else is read
     * meanwhile.
     */
    private static final long OFFSETS_OF_FIRST_READ = 100_000;
    /**
     * An activity of a shared slice gets at most this fraction of the time of the run. A partition that always fails
     * delays the others for two attempts together and one alone; the last quarter is left for the others.
     */
    private static final int QUARTER = 4;

    private final SliceGroup group;
    private final SliceRef slice;
    private final RunLimits limits;
    private final RunLedger ledger;
    private final SliceListener listener;
    private final RunClock clock;
    private final RunControl control;
    /** Null in a run that 0.1 started: it has a thread for each split, and no bound over all slices. */
    private final @Nullable HostTasks hosts;

    private final Backoff backoff = new Backoff();
    private final boolean shared;
    /** Splits to cut this slice into, so that all slices of the group together keep a host busy. */
    private final long splitsWanted;
    /** The ranges that are not done yet, by partition. */
    private final TreeMap<Integer, PartitionRange> open = new TreeMap<>();

    /** The partitions of the chain that is at work, and what stops it; null between two chains. */
    private List<PartitionRange> working = List.of();

    private @Nullable CancellationScope work;

    private int splits;
    /**
     * Whether the next chain is started even if the budget is used up: the first chain of the run, so that every run
     * makes progress, and the chains that find out which partition of a slice fails. False again once a chain has
     * advanced a partition.
     */
    private boolean owed;

    SliceRunner(
            SliceGroup group,
            int slice,
            List<PartitionRange> ranges,
            int slices,
            @Nullable HostTasks hosts,
            RunLedger ledger,
            SliceListener listener,
            RunControl control) {
        this.group = group;
        this.splitsWanted = Splits.ceilDiv(SPLITS_IN_FLIGHT, slices);
        this.slice = new SliceRef(group.job(), group.runId(), group.identity(), slice);
        this.limits = group.job().limits();
        this.ledger = ledger;
        this.listener = listener;
        this.control = control;
        this.clock =
                new RunClock(group.job(), group.deadline(), group.budgetEnd(), group.time(), hosts != null, control);
        this.hosts = hosts;
        this.shared = ranges.size() > 1;
        ranges.forEach(range -> open.put(range.partition(), range));
    }

    /** Makes this slice process its first piece, or a part of it, even if the budget is used up. */
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

    @Override
    public boolean has(int partition) {
        return open.containsKey(partition);
    }

    /** Stops the chain that is at work on a partition that is to be skipped. */
    @Override
    public void hear(RunOrders orders) {
        if (work != null && working.stream().anyMatch(each -> orders.skip().contains(each.partition()))) {
            work.cancel();
        }
    }

    /** Processes all partitions in one chain until they are done or the chain has failed twice. */
    private void together() {
        int failures = 0;
        while (!open.isEmpty() && failures < 2) {
            try {
                takeTurn(List.copyOf(open.values()));
            } catch (ActivityFailure e) {
                // Without time for a second attempt, the next step is to find out which partition fails.
                failures += clock.enough() == null ? 1 : 2;
            }
        }
    }

    private void alone(int partition) {
        PartitionRange range = open.get(partition);
        while (range != null) {
            try {
                takeTurn(List.of(range));
            } catch (ActivityFailure e) {
                failed(new PartitionProblem(partition, Failures.kind(e), clock.message(e)));
            }
            range = open.get(partition);
        }
    }

    /** Processes one piece of each partition that nobody has skipped, when the slice may work. */
    private void takeTurn(List<PartitionRange> wanted) {
        control.enter();
        try {
            List<PartitionRange> todo = new ArrayList<>();
            for (PartitionRange each : wanted) {
                String skipped = control.skips(each.partition());
                if (skipped == null) {
                    todo.add(each);
                } else {
                    left(each, skipped);
                    listener.show();
                }
            }
            if (!todo.isEmpty()) {
                chain(todo);
            }
        } finally {
            control.leave();
        }
    }

    /**
     * Processes one piece of each partition. Throws the failure of an activity, unless only staged files were lost.
     */
    private void chain(List<PartitionRange> todo) {
        String over = clock.over();
        if (over != null) {
            for (PartitionRange each : todo) {
                failed(new PartitionProblem(
                        each.partition(),
                        FailureKind.TIME_OVER,
                        over + "; the next run resumes at offset " + each.from() + ", " + each.length()
                                + " offsets are left"));
            }
            return;
        }
        String enough = owed && !clock.finishing() ? clock.full() : clock.enough();
        if (enough != null) {
            todo.forEach(each -> left(each, enough));
            listener.show();
            return;
        }
        boolean advanced = false;
        try {
            advanced = untilSkipped(todo);
            listener.show();
        } catch (ActivityFailure | CanceledFailure e) {
            if (Failures.cancelled()) {
                throw new CanceledFailure("the run was cancelled");
            }
            if (todo.stream().anyMatch(each -> control.skips(each.partition()) != null)) {
                // The next chain is without the skipped partition.
                return;
            }
            if (!Failures.stagedLost(e)) {
                throw e;
            }
            // The caller repeats the chain, on any host.
        }
        if (advanced) {
            owed = false;
            backoff.reset();
        } else {
            backoff.pause();
        }
    }

    /** Reads and writes a piece of each partition, unless one of them is skipped meanwhile. Returns whether one advanced. */
    private boolean untilSkipped(List<PartitionRange> todo) {
        boolean[] advanced = new boolean[1];
        CancellationScope scope = Workflow.newCancellationScope(() -> advanced[0] = readAndWrite(todo));
        working = todo;
        work = scope;
        try {
            scope.run();
        } finally {
            work = null;
        }
        return advanced[0];
    }

    private boolean readAndWrite(List<PartitionRange> todo) {
        boolean advanced = false;
        List<PartitionRange> piece = Splits.piece(todo, limits.offsetsPerPiece());
        List<Staged> reads = consume(piece);
        List<PartitionRange> read = Splits.unbroken(piece, reads);
        if (!read.isEmpty()) {
            Staged delta = aggregate(read, Splits.within(read, reads));
            for (PartitionVerdict each : produce(read, delta).verdicts()) {
                advanced |= accept(each);
            }
        }
        return advanced;
    }

    /**
     * Reads a piece. The first read selects a host; the other splits are read there in parallel. Splits that have not
     * started when the budget is used up leave gaps in the result.
     */
    private List<Staged> consume(List<PartitionRange> piece) {
        List<List<PartitionRange>> parts = Splits.of(piece, offsetsPerSplit(piece));
        List<PartitionRange> firstPart = parts.get(0);
        List<PartitionRange> head = parts.size() == 1 ? firstPart : Splits.head(firstPart, OFFSETS_OF_FIRST_READ);
        Staged first = activities(ActivityProfiles.consume(group.job(), timeout(), label(head)))
                .consume(slice, splits++, head, owed ? 0 : group.budgetEnd());

        List<List<Staged>> staged = new ArrayList<>();
        parts.set(0, Splits.rest(firstPart, first));
        if (hosts != null) {
            SplitReads reads = new SplitReads(
                    hosts.host(first.hostQueue()),
                    hosts.splitsAtOnce(),
                    clock,
                    backoff,
                    part -> Async.function(
                            activities(ActivityProfiles.consumeOn(
                                    first.hostQueue(), group.job(), timeout(), label(part)))::consume,
                            slice,
                            splits++,
                            part,
                            group.budgetEnd()));
            for (List<PartitionRange> part : parts) {
                List<Staged> ofPart = new ArrayList<>();
                staged.add(ofPart);
                reads.add(part, ofPart);
            }
            staged.get(0).add(first);
            reads.run();
            return staged.stream().flatMap(List::stream).toList();
        }
        List<Functions.Proc> reads = new ArrayList<>();
        for (List<PartitionRange> part : parts) {
            List<Staged> ofPart = new ArrayList<>();
            staged.add(ofPart);
            reads.add(() -> consumeOn(first.hostQueue(), part, ofPart));
        }
        staged.get(0).add(first);
        SlidingWindow.run(() -> SPLITS_IN_FLIGHT, reads);
        return staged.stream().flatMap(List::stream).toList();
    }

    /**
     * Returns the length of a split. It is shorter than the limit if the group has too few slices to keep a host busy.
     */
    private long offsetsPerSplit(List<PartitionRange> piece) {
        long offsets = piece.stream().mapToLong(PartitionRange::length).sum();
        return Math.min(
                limits.offsetsPerSplit(), Math.max(MIN_OFFSETS_PER_SPLIT, Splits.ceilDiv(offsets, splitsWanted)));
    }

    /** Reads one split, in several activities if one stops before the end of the split. */
    private void consumeOn(String hostQueue, List<PartitionRange> part, List<Staged> staged) {
        List<PartitionRange> rest = part;
        while (!rest.isEmpty() && clock.budgetUsed() == null) {
            Staged read = activities(ActivityProfiles.consumeOn(hostQueue, group.job(), timeout(), label(rest)))
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
        return onHost(
                host,
                () -> Async.function(
                        activities(ActivityProfiles.aggregate(host, group.job(), timeout(), label(piece)))::aggregate,
                        slice,
                        partials));
    }

    private ProduceResult produce(List<PartitionRange> piece, Staged delta) {
        return onHost(
                delta.hostQueue(),
                () -> Async.function(
                        activities(ActivityProfiles.produce(delta.hostQueue(), group.job(), timeout(), label(piece)))
                                ::produce,
                        slice,
                        delta));
    }

    private <R> R onHost(String queue, Functions.Func<Promise<R>> activity) {
        return hosts == null ? activity.apply().get() : hosts.host(queue).run(activity, clock);
    }

    /** Records a verdict. Returns whether the partition has advanced or has failed. */
    private boolean accept(PartitionVerdict verdict) {
        PartitionRange range = open.get(verdict.partition());
        if (range == null) {
            return false;
        }
        return switch (verdict.verdict()) {
            // The stored progress decides, no matter which attempt wrote it.
            case DONE, DONE_BEFORE, STALE -> moved(range, verdict);
            case STAGED_LOST -> false;
            case FAILED -> {
                PartitionProblem problem = verdict.problem();
                failed(
                        problem != null
                                ? problem
                                : new PartitionProblem(
                                        verdict.partition(),
                                        FailureKind.UNEXPECTED,
                                        "produce failed without a reason"));
                yield true;
            }
        };
    }

    private boolean moved(PartitionRange range, PartitionVerdict verdict) {
        int partition = range.partition();
        // Another run may have read further than this one has planned.
        long through = Math.min(verdict.through(), range.to());
        PartitionRange rest = rest(range, verdict);
        RecordCounts counts = verdict.counts().equals(RecordCounts.NONE)
                ? RecordCounts.elsewhere(through - range.from())
                : verdict.counts();
        Closed closed = verdict.closed();
        ledger.advanced(new PartitionResult(
                partition,
                range.from(),
                through,
                counts,
                verdict.rows(),
                closed == null ? 0 : closed.finalRows(),
                closed == null ? 0 : closed.windows()));
        if (rest.isDone()) {
            open.remove(partition);
            ledger.done();
        } else {
            open.put(partition, rest);
        }
        listener.counted();
        return rest.isDone() || !rest.begin().equals(range.begin());
    }

    /**
     * Returns what is left of a range after a verdict. It has no offsets if only windows are left to close: those of a batch
     * whose windows have too many cells for one transaction, or that another attempt committed without closing them.
     */
    private PartitionRange rest(PartitionRange range, PartitionVerdict verdict) {
        PartitionRange rest = range.after(verdict.mark());
        CloseSpec close = group.job().close();
        Closed closed = verdict.closed();
        // By event time, only the stored progress tells what may be closed.
        return close != null && closed != null && close.by() == By.EVENT_TIME && rest.length() == 0
                ? rest.closingTo(closed.target())
                : rest;
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

    private Duration timeout() {
        Duration left = clock.left();
        Duration most = limits.time().dividedBy(QUARTER);
        return shared && left.compareTo(most) > 0 ? most : left;
    }

    private String label(List<PartitionRange> ranges) {
        return RunLabels.activity(group.job(), ranges);
    }

    private static BatchActivities activities(ActivityOptions options) {
        return Workflow.newActivityStub(BatchActivities.class, options);
    }
}
