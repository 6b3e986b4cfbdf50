package io.tidemark.workflow;

import static java.util.Objects.requireNonNull;

import io.temporal.activity.Activity;
import io.temporal.failure.ApplicationFailure;
import io.tidemark.job.CloseSpec.By;
import io.tidemark.job.JobSpec;
import io.tidemark.job.Stage;
import io.tidemark.run.Closing;
import io.tidemark.run.CommitResult;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionProblem;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.PartitionVerdict.Closed;
import io.tidemark.run.PartitionVerdict.Verdict;
import io.tidemark.run.ProduceResult;
import io.tidemark.run.RunPlan;
import io.tidemark.run.SliceRef;
import io.tidemark.run.Staged;
import io.tidemark.run.StagedFile;
import io.tidemark.run.StagedRange;
import io.tidemark.run.StateSize;
import io.tidemark.state.Mark;
import io.tidemark.state.PlanIdentity;
import io.tidemark.state.RecordCounts;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.jspecify.annotations.Nullable;

/**
 * A topic, its stored progress and the hosts that stage files, in memory. {@code produce} decides as the real activity
 * does. Tests inject failures with {@link #trouble}.
 */
final class FakeKafka implements BatchActivities {
    static final PlanIdentity IDENTITY = new PlanIdentity("fingerprint", 1, "input", "output", "state");

    /** Runs at the start of an activity: throws, blocks, or does nothing. */
    interface Trouble {
        void in(String activity, List<PartitionRange> ranges);
    }

    /** Verdicts to return regardless of the progress, in this order, by partition. */
    final Map<Integer, ConcurrentLinkedDeque<Verdict>> verdicts = new HashMap<>();
    /** The host queues that the next consumes on the shared queue return; {@link #hostQueue} when empty. */
    final ConcurrentLinkedDeque<String> hosts = new ConcurrentLinkedDeque<>();

    final List<PartitionProblem> problems = new ArrayList<>();
    /** Each call, such as {@code consume shared 0[0..100]}. */
    final List<String> calls = Collections.synchronizedList(new ArrayList<>());

    private final Map<Integer, Long> through = Collections.synchronizedMap(new TreeMap<>());
    private final Map<Integer, Long> ends = Collections.synchronizedMap(new TreeMap<>());
    private final String hostQueue;

    /** The beginning of the names of staged files. */
    volatile String fileNames = "";

    /** The number of offsets that a consume reads at most. */
    volatile long mostPerConsume = Long.MAX_VALUE;

    /** The same limit for a consume whose first range is the key. */
    final Map<PartitionRange, Long> mostFrom = new ConcurrentHashMap<>();

    volatile Trouble trouble = (activity, ranges) -> {};
    /** The warnings of a plan. */
    volatile List<String> warnings = List.of();

    /** Runs at the end of a produce, when its transaction is committed. */
    volatile Runnable afterProduce = () -> {};
    /** The nominal time of the last plan. */
    volatile long nominal;
    /** In a job with {@code close}: windows that start before it may be closed. */
    volatile long target = Mark.NOTHING_CLOSED;
    /** How many windows a batch closes at most. */
    volatile int closesAtOnce = Integer.MAX_VALUE;

    private final Map<Integer, TreeSet<Long>> windows = Collections.synchronizedMap(new TreeMap<>());
    private final Map<Integer, Long> closedBefore = Collections.synchronizedMap(new TreeMap<>());
    /** What commitOffsets finds in the state topics. */
    @Nullable
    StateSize stateSize = new StateSize(7, 700L);

    /** The size of the stored totals that a plan of the stage of records finds published, if it does. */
    @Nullable
    StateSize published;

    /** Runs at the start of each commitOffsets. */
    volatile Runnable beforeCommit = () -> {};

    /** The stage of totals: the topic of partial totals, and the progress of the output partitions. */
    private final @Nullable FakeKafka totals;

    FakeKafka(String hostQueue) {
        this.hostQueue = hostQueue;
        this.totals = new FakeKafka(this);
    }

    private FakeKafka(FakeKafka records) {
        this.hostQueue = records.hostQueue;
        this.totals = null;
    }

    /** Returns the stage of totals, which a job with rows over all partitions has. */
    FakeKafka totals() {
        return requireNonNull(totals);
    }

    /** Returns the stage that a job describes, after its call is noted. */
    private FakeKafka of(JobSpec job) {
        return job.stage() == Stage.TOTALS && totals != null ? totals : this;
    }

    /** Adds records to a partition. */
    void append(int partition, long records) {
        ends.merge(partition, records, Long::sum);
        through.putIfAbsent(partition, 0L);
    }

    long through(int partition) {
        return through.getOrDefault(partition, -1L);
    }

    /** Sets the stored progress, as another run would. */
    void overtake(int partition, long to) {
        through.put(partition, to);
    }

    /** Adds totals of windows to a partition. */
    void open(int partition, Long... starts) {
        windows.computeIfAbsent(partition, unused -> new TreeSet<>()).addAll(List.of(starts));
    }

    long closedBefore(int partition) {
        return closedBefore.getOrDefault(partition, Mark.NOTHING_CLOSED);
    }

    /** Closes windows, as another run would. */
    int close(int partition, long to) {
        TreeSet<Long> open = windows.getOrDefault(partition, new TreeSet<>());
        int closed = 0;
        while (!open.isEmpty() && open.first() < to && closed < closesAtOnce) {
            open.pollFirst();
            closed++;
        }
        closedBefore.put(partition, open.isEmpty() || open.first() >= to ? to : open.first());
        return closed;
    }

    List<String> calls(String activity) {
        synchronized (calls) {
            return calls.stream().filter(each -> each.startsWith(activity)).toList();
        }
    }

    /** Returns a non-retryable failure. */
    static ApplicationFailure fatal(FailureKind kind, String message) {
        return ApplicationFailure.newNonRetryableFailure(message, kind.name());
    }

    @Override
    public RunPlan listPartitions(JobSpec job, long at) {
        return of(job).list(job, at);
    }

    private RunPlan list(JobSpec job, long at) {
        nominal = at;
        note("listPartitions", List.of());
        List<PartitionRange> ranges = new ArrayList<>();
        ends.forEach((partition, end) -> {
            long from = through(partition);
            boolean readable = problems.stream().noneMatch(each -> each.partition() == partition);
            PartitionRange range = new PartitionRange(partition, from, end, closing(job, partition));
            if (!range.isDone() && readable) {
                ranges.add(range);
            }
        });
        return new RunPlan(IDENTITY, ends.size(), ranges, problems, 0, 0, null, warnings, 0, 0, published);
    }

    private @Nullable Closing closing(JobSpec job, int partition) {
        long closed = closedBefore(partition);
        boolean byRun = job.close() != null && job.close().by() == By.RUN;
        return job.close() == null ? null : new Closing(closed, byRun ? target : closed);
    }

    @Override
    public Staged consume(SliceRef slice, int split, List<PartitionRange> ranges, long beginBefore) {
        return of(slice.job()).read(split, ranges);
    }

    private Staged read(int split, List<PartitionRange> ranges) {
        note("consume", ranges);
        List<StagedRange> read = new ArrayList<>();
        long room = Math.min(mostPerConsume, mostFrom.getOrDefault(ranges.get(0), Long.MAX_VALUE));
        for (PartitionRange each : ranges) {
            long length = Math.min(room, each.length());
            room -= length;
            read.add(new StagedRange(
                    each.part(each.from(), each.from() + length),
                    RecordCounts.folded(length, 60 * length),
                    -1,
                    -1,
                    -1,
                    null));
        }
        String host = onSharedQueue() ? hosts.poll() : null;
        return new Staged(host == null ? hostQueue : host, read, file("cells-" + split), null);
    }

    @Override
    public Staged aggregate(SliceRef slice, List<Staged> partials) {
        return of(slice.job()).merge(partials);
    }

    private Staged merge(List<Staged> partials) {
        TreeMap<Integer, StagedRange> merged = new TreeMap<>();
        for (Staged partial : partials) {
            for (StagedRange each : partial.ranges()) {
                merged.merge(each.range().partition(), each, StagedRange::join);
            }
        }
        List<StagedRange> ranges = List.copyOf(merged.values());
        note("aggregate", ranges.stream().map(StagedRange::range).toList());
        return new Staged(partials.get(0).hostQueue(), ranges, file("delta"), null);
    }

    @Override
    public ProduceResult produce(SliceRef slice, Staged delta) {
        ProduceResult result = of(slice.job()).write(slice, delta);
        if (slice.job().stage() == Stage.RECORDS) {
            delta.ranges().forEach(each -> totals().append(each.range().partition() % 2, 1));
        }
        return result;
    }

    private ProduceResult write(SliceRef slice, Staged delta) {
        note("produce", delta.ranges().stream().map(StagedRange::range).toList());
        boolean byRun = slice.job().close() == null || slice.job().close().by() == By.RUN;
        ProduceResult result = new ProduceResult(delta.ranges().stream()
                .map(each -> judge(each, byRun ? each.range().target() : target))
                .toList());
        afterProduce.run();
        return result;
    }

    @Override
    public CommitResult commitOffsets(JobSpec job, String runId, PlanIdentity identity) {
        beforeCommit.run();
        note("commitOffsets", List.of());
        return new CommitResult(ends.size(), stateSize);
    }

    private PartitionVerdict judge(StagedRange read, long to) {
        PartitionRange range = read.range();
        int partition = range.partition();
        Verdict scripted =
                verdicts.getOrDefault(partition, new ConcurrentLinkedDeque<>()).poll();
        if (scripted == Verdict.FAILED) {
            PartitionProblem problem = new PartitionProblem(partition, FailureKind.STATE_LOST, "no progress record");
            return new PartitionVerdict(partition, scripted, 0, RecordCounts.NONE, 0, null, problem);
        }
        long stored = through(partition);
        if (scripted == Verdict.STAGED_LOST) {
            return new PartitionVerdict(partition, scripted, stored, RecordCounts.NONE, 0, null, null);
        }
        if (new Mark(stored, closedBefore(partition)).equals(range.begin())
                && (range.length() > 0 || to > range.closedBefore())) {
            through.put(partition, range.to());
            int closed = range.closing() == null ? 0 : close(partition, Math.max(to, range.closedBefore()));
            return new PartitionVerdict(
                    partition, Verdict.DONE, range.to(), read.counts(), 1, closed(range, to, closed), null);
        }
        Verdict verdict = stored >= range.to() && closedBefore(partition) >= to ? Verdict.DONE_BEFORE : Verdict.STALE;
        return new PartitionVerdict(partition, verdict, stored, RecordCounts.NONE, 0, closed(range, to, 0), null);
    }

    /** Each closed window has one final row. */
    private @Nullable Closed closed(PartitionRange range, long to, int count) {
        return range.closing() == null ? null : new Closed(closedBefore(range.partition()), to, count, count);
    }

    private void note(String activity, List<PartitionRange> ranges) {
        StringBuilder call = new StringBuilder(activity).append(onSharedQueue() ? " shared" : " host");
        for (PartitionRange each : ranges) {
            call.append(' ').append(each.partition()).append('[').append(each.from());
            call.append("..").append(each.to()).append(']');
            if (each.target() > each.closedBefore()) {
                call.append(" closing ").append(each.target());
            }
        }
        calls.add(call.toString());
        trouble.in(activity, ranges);
    }

    private boolean onSharedQueue() {
        return !Activity.getExecutionContext().getInfo().getActivityTaskQueue().equals(hostQueue);
    }

    private StagedFile file(String name) {
        return new StagedFile(fileNames + name, 1, "0");
    }
}
