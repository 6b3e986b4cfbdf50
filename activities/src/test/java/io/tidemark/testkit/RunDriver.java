package io.tidemark.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.check.WeakReplication;
import io.tidemark.job.CloseSpec;
import io.tidemark.job.JobSpec;
import io.tidemark.job.Stage;
import io.tidemark.plan.Planner;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.RunPlan;
import io.tidemark.run.SliceRef;
import io.tidemark.run.Staged;
import io.tidemark.run.StagedRange;
import io.tidemark.run.TidemarkException;
import io.tidemark.stage.StagedLostException;
import io.tidemark.step.AggregateStep;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.CommitStep;
import io.tidemark.step.ConsumeStep;
import io.tidemark.step.ProduceStep;
import io.tidemark.step.StepProgress;
import io.tidemark.step.WorkerMemory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Executes one run as the workflow does, but without Temporal: it retries activities after retryable failures, repeats
 * the chain after {@code STALE} and {@code STAGED_LOST}, and fails the test if a run or a partition fails. Ranges are
 * cut into pieces and splits at random.
 */
public final class RunDriver {
    private static final Duration BACKOFF = Duration.ofMillis(20);

    private final Supplier<Rig> worker;
    private final Random random;
    private final Attempts attempts;
    private final BiFunction<Rig, Checkpoints, ProduceStep> produceStep;
    private final String runId = UUID.randomUUID().toString();
    private @Nullable Instant nominal;
    private Runnable beforePlan = () -> {};
    private int splits;

    /** Temporal's part: the retries of an activity. */
    public interface Attempts {
        /**
         * Retries an activity until it has a result.
         *
         * @param what names it in messages
         */
        <T> T until(String what, Activity<T> activity) throws StagedLostException;
    }

    /** An activity; each call is an attempt. */
    public interface Activity<T> {
        T attempt(Checkpoints points) throws StagedLostException;
    }

    /** Creates a run with the real produce step. */
    public RunDriver(Rig rig, Random random, Attempts attempts) {
        this(
                rig,
                random,
                attempts,
                (of, points) -> new ProduceStep(of.clients(), of.staging(), WorkerMemory.ofHeap(), points));
    }

    /** Creates a run with another produce step: a mutant. */
    public RunDriver(Rig rig, Random random, Attempts attempts, BiFunction<Rig, Checkpoints, ProduceStep> produceStep) {
        this(() -> rig, random, attempts, produceStep);
    }

    /** The same; {@code worker} is the worker of the next attempt. */
    public RunDriver(
            Supplier<Rig> worker,
            Random random,
            Attempts attempts,
            BiFunction<Rig, Checkpoints, ProduceStep> produceStep) {
        this.worker = worker;
        this.random = random;
        this.attempts = attempts;
        this.produceStep = produceStep;
    }

    /** Gives the run a nominal time, and what happens before each attempt at its plan. */
    public RunDriver at(Instant time, Runnable before) {
        nominal = time;
        beforePlan = before;
        return this;
    }

    /** Attempts by the calling thread, which retries after retryable failures for at most {@code most}. */
    public static Attempts patient(Duration most, Checkpoints points) {
        return new Attempts() {
            @Override
            public <T> T until(String what, Activity<T> activity) throws StagedLostException {
                long start = System.nanoTime();
                while (true) {
                    try {
                        return activity.attempt(points);
                    } catch (TidemarkException e) {
                        if (!e.kind().retryable() || System.nanoTime() - start > most.toNanos()) {
                            throw new AssertionError(what + " failed for good: " + e.kind() + ", " + e.getMessage(), e);
                        }
                        LockSupport.parkNanos(BACKOFF.toNanos());
                    }
                }
            }
        };
    }

    /** Plan, every slice, commit. */
    public void run() {
        try {
            JobSpec job = worker.get().job();
            Instant time = nominal == null ? Instant.now() : nominal;
            RunPlan plan = plan(job, time);
            slices(job, plan);
            boolean idle = plan.ranges().isEmpty();
            if (job.stage() == Stage.RECORDS) {
                CloseSpec close = job.close();
                if (close != null && close.by() == CloseSpec.By.EVENT_TIME) {
                    RunPlan announcing = plan(job, time);
                    slices(
                            job,
                            announcing,
                            announcing.ranges().stream()
                                    .map(each -> new PartitionRange(
                                            each.partition(), each.from(), each.from(), each.closing()))
                                    .filter(each -> !each.isDone())
                                    .toList());
                }
                RunPlan totals = plan(job.totals(), time);
                slices(job.totals(), totals);
                idle &= totals.ranges().isEmpty();
            }
            if (idle && plan.published() != null) {
                return;
            }
            attempts.until("commit", points -> commitStep(worker.get(), points).commit(job, runId, plan.identity()));
        } catch (StagedLostException e) {
            throw new AssertionError("neither plan nor commit has staged files", e);
        }
    }

    private RunPlan plan(JobSpec stage, Instant time) throws StagedLostException {
        RunPlan plan = attempts.until("plan", points -> {
            beforePlan.run();
            return new Planner(worker.get().clients(), points, WeakReplication.WARN).plan(stage, runId, time);
        });
        assertThat(plan.problems()).as("partitions that cannot be read").isEmpty();
        return plan;
    }

    private void slices(JobSpec stage, RunPlan plan) {
        slices(stage, plan, plan.ranges());
    }

    private void slices(JobSpec stage, RunPlan plan, List<PartitionRange> planned) {
        Map<Integer, List<PartitionRange>> ranges = new TreeMap<>();
        for (PartitionRange each : planned) {
            ranges.computeIfAbsent(stage.sliceOf(each.partition()), unused -> new ArrayList<>())
                    .add(each);
        }
        List<Integer> slices = new ArrayList<>(ranges.keySet());
        Collections.shuffle(slices, random);
        for (int slice : slices) {
            slice(new SliceRef(stage, runId, plan.identity(), slice), ranges.get(slice));
        }
    }

    private void slice(SliceRef slice, List<PartitionRange> ranges) {
        Map<Integer, PartitionRange> open = new TreeMap<>();
        ranges.forEach(range -> open.put(range.partition(), range));
        while (!open.isEmpty()) {
            try {
                chain(slice, open);
            } catch (StagedLostException e) {
                // Repeat the chain.
            }
        }
    }

    private void chain(SliceRef slice, Map<Integer, PartitionRange> open) throws StagedLostException {
        List<PartitionRange> piece = piece(open.values());
        List<Staged> reads = new ArrayList<>();
        for (List<PartitionRange> each : splits(piece)) {
            int split = splits++;
            Staged read = attempts.until(
                    "consume",
                    points -> consumeStep(worker.get(), points).consume(slice, split, each, StepProgress.NONE));
            assertThat(read.ranges().stream().map(StagedRange::range))
                    .as("what a split read")
                    .isEqualTo(each);
            reads.add(read);
        }
        Staged delta = attempts.until(
                "aggregate",
                points -> new AggregateStep(worker.get().staging(), WorkerMemory.ofHeap(), points)
                        .aggregate(slice, reads, StepProgress.NONE));
        for (PartitionVerdict each : attempts.until(
                "produce",
                points -> produceStep
                        .apply(worker.get(), points)
                        .produce(slice, delta, StepProgress.NONE)
                        .verdicts())) {
            accept(each, open);
        }
    }

    private static ConsumeStep consumeStep(Rig at, Checkpoints points) {
        return new ConsumeStep(at.clients(), at.staging(), "host", WorkerMemory.ofHeap(), points);
    }

    private static CommitStep commitStep(Rig at, Checkpoints points) {
        return new CommitStep(at.clients(), at.staging(), points);
    }

    private static void accept(PartitionVerdict verdict, Map<Integer, PartitionRange> open) {
        PartitionRange range = open.get(verdict.partition());
        switch (verdict.verdict()) {
            case DONE, DONE_BEFORE, STALE -> {
                PartitionRange left = StepwiseRun.rest(range, verdict);
                if (left.isDone()) {
                    open.remove(range.partition());
                } else {
                    open.put(range.partition(), left);
                }
            }
            case STAGED_LOST -> {}
            case FAILED -> throw new AssertionError("a partition failed: " + verdict.problem());
        }
    }

    /** Returns each range whole, or its first offsets. */
    private List<PartitionRange> piece(Collection<PartitionRange> ranges) {
        List<PartitionRange> piece = new ArrayList<>();
        for (PartitionRange each : ranges) {
            long length = each.length() == 0 || random.nextInt(3) > 0
                    ? each.length()
                    : 1 + random.nextInt((int) each.length());
            piece.add(each.part(each.from(), each.from() + length));
        }
        return piece;
    }

    /** Returns one split, or two that meet within the first range. */
    private List<List<PartitionRange>> splits(List<PartitionRange> piece) {
        PartitionRange first = piece.get(0);
        if (first.length() < 2 || random.nextInt(3) > 0) {
            return List.of(piece);
        }
        long cut = first.from() + 1 + random.nextInt((int) first.length() - 1);
        List<PartitionRange> rest = new ArrayList<>(piece);
        rest.set(0, first.part(cut, first.to()));
        return List.of(List.of(first.part(first.from(), cut)), rest);
    }
}
