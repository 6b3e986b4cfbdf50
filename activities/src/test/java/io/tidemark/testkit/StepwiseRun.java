package io.tidemark.testkit;

import io.tidemark.check.WeakReplication;
import io.tidemark.job.CloseSpec;
import io.tidemark.job.JobSpec;
import io.tidemark.job.Stage;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.plan.Planner;
import io.tidemark.run.Closing;
import io.tidemark.run.CommitResult;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.RunPlan;
import io.tidemark.run.SliceRef;
import io.tidemark.run.Staged;
import io.tidemark.stage.StagedLostException;
import io.tidemark.stage.StagingArea;
import io.tidemark.step.AggregateStep;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.step.CommitStep;
import io.tidemark.step.ConsumeStep;
import io.tidemark.step.ProduceStep;
import io.tidemark.step.StepProgress;
import io.tidemark.step.WorkerMemory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One run of the job of a {@link Rig}, step by step. */
public final class StepwiseRun {
    private final KafkaClients clients;
    private final JobSpec runJob;
    private final Rig rig;
    private final String runId;
    private final Checkpoints checkpoints;
    private StagingArea stagingArea;
    private WorkerMemory memory = WorkerMemory.ofHeap();
    private ProduceStep produceStep;
    private @Nullable ConsumeStep consumeStep;
    private Instant nominal = Instant.now();
    private @Nullable RunPlan plan;
    private final List<PartitionVerdict> verdicts = new ArrayList<>();

    StepwiseRun(Rig rig, JobSpec runJob, Checkpoints checkpoints) {
        this(rig, runJob, checkpoints, UUID.randomUUID().toString());
    }

    private StepwiseRun(Rig rig, JobSpec runJob, Checkpoints checkpoints, String runId) {
        this.rig = rig;
        this.runId = runId;
        this.clients = rig.clients();
        this.stagingArea = rig.staging();
        this.runJob = runJob;
        this.checkpoints = checkpoints;
        this.produceStep = new ProduceStep(clients, stagingArea, memory, checkpoints);
    }

    /** Uses another produce step: a mutant. */
    public StepwiseRun producingWith(ProduceStep step) {
        this.produceStep = step;
        return this;
    }

    /** Uses another consume step: a mutant. */
    public StepwiseRun consumingWith(ConsumeStep step) {
        this.consumeStep = step;
        return this;
    }

    /** Continues on another machine: with another folder for staged files. */
    public StepwiseRun stagingIn(StagingArea other) {
        this.stagingArea = other;
        this.produceStep = new ProduceStep(clients, other, memory, checkpoints);
        return this;
    }

    /** Continues in a worker with this memory. */
    public StepwiseRun within(WorkerMemory other) {
        this.memory = other;
        this.produceStep = new ProduceStep(clients, stagingArea, memory, checkpoints);
        return this;
    }

    /** Gives the run another nominal time than now. */
    public StepwiseRun at(Instant time) {
        this.nominal = time;
        return this;
    }

    public String runId() {
        return runId;
    }

    public RunPlan plan() {
        RunPlan made = new Planner(clients, checkpoints, WeakReplication.WARN).plan(runJob, runId, nominal);
        plan = made;
        return made;
    }

    private RunPlan planned() {
        return plan == null ? plan() : plan;
    }

    public List<PartitionVerdict> verdicts() {
        return verdicts;
    }

    public SliceRef slice(int slice) {
        return new SliceRef(runJob, runId, planned().identity(), slice);
    }

    /** The plan's ranges by slice. */
    public Map<Integer, List<PartitionRange>> slices() {
        Map<Integer, List<PartitionRange>> slices = new TreeMap<>();
        for (PartitionRange each : planned().ranges()) {
            slices.computeIfAbsent(runJob.sliceOf(each.partition()), s -> new ArrayList<>())
                    .add(each);
        }
        return slices;
    }

    public Staged consume(int slice, int split, List<PartitionRange> ranges) {
        return (consumeStep == null ? new ConsumeStep(clients, stagingArea, "host", memory, checkpoints) : consumeStep)
                .consume(slice(slice), split, ranges, StepProgress.NONE);
    }

    public Staged aggregate(int slice, List<Staged> partials) throws StagedLostException {
        return new AggregateStep(stagingArea, memory, checkpoints).aggregate(slice(slice), partials, StepProgress.NONE);
    }

    public List<PartitionVerdict> produce(int slice, Staged delta) {
        List<PartitionVerdict> made =
                produceStep.produce(slice(slice), delta, StepProgress.NONE).verdicts();
        verdicts.addAll(made);
        return made;
    }

    /** Returns an attempt to produce that has sent all its records and sleeps with its transaction open. */
    public Zombie<?> asleepWithOpenTransaction(int slice, Staged delta) {
        return Zombie.asleepAt(
                Point.PRODUCE_AFTER_SENDS,
                points -> new ProduceStep(clients, stagingArea, memory, points)
                        .produce(slice(slice), delta, StepProgress.NONE));
    }

    /** Runs consume, aggregate and produce for these ranges. */
    public List<PartitionVerdict> chain(int slice, List<PartitionRange> ranges) {
        try {
            return produce(slice, aggregate(slice, List.of(consume(slice, 0, ranges))));
        } catch (StagedLostException e) {
            throw new AssertionError(e);
        }
    }

    /** Runs consume and aggregate only. */
    public Staged delta(int slice) {
        try {
            List<PartitionRange> ranges = slices().getOrDefault(slice, List.of());
            return aggregate(slice, List.of(consume(slice, 0, ranges)));
        } catch (StagedLostException e) {
            throw new AssertionError(e);
        }
    }

    public CommitResult commit() {
        return new CommitStep(clients, stagingArea, checkpoints)
                .commit(runJob, runId, planned().identity());
    }

    /** Runs all steps, also a commit that a workflow would leave out because the offsets are published. */
    public StepwiseRun all() {
        plan();
        records();
        if (runJob.stage() == Stage.RECORDS) {
            verdicts.addAll(totals().records().verdicts());
        }
        commit();
        return this;
    }

    /** Returns the second stage of this run, which its caller plans. If windows close by event time, they are announced first. */
    public StepwiseRun totals() {
        return totals(checkpoints);
    }

    /** The same with other checkpoints for the second stage. */
    public StepwiseRun totals(Checkpoints ofTotals) {
        CloseSpec close = runJob.close();
        if (close != null && close.by() == CloseSpec.By.EVENT_TIME) {
            StepwiseRun announcing = new StepwiseRun(rig, runJob, checkpoints, runId).at(nominal);
            announcing.plan().ranges().stream()
                    .map(each -> new PartitionRange(each.partition(), each.from(), each.from(), each.closing()))
                    .filter(each -> !each.isDone())
                    .forEach(each -> announcing.finish(runJob.sliceOf(each.partition()), List.of(each)));
        }
        return new StepwiseRun(rig, runJob.totals(), ofTotals, runId).at(nominal);
    }

    /** Runs the stage that reads records. */
    public StepwiseRun records() {
        slices().forEach(this::finish);
        return this;
    }

    /** Returns what the workflow does next with a range: its rest, or one without offsets if windows are left to close. */
    public static PartitionRange rest(PartitionRange range, PartitionVerdict verdict) {
        PartitionRange rest = range.after(verdict.mark());
        PartitionVerdict.Closed closed = verdict.closed();
        return closed == null || rest.length() > 0
                ? rest
                : new PartitionRange(
                        rest.partition(), rest.from(), rest.to(), new Closing(closed.closedBefore(), closed.target()));
    }

    /** Repeats consume, aggregate and produce until nothing of these ranges is left. */
    public void finish(int slice, List<PartitionRange> ranges) {
        List<PartitionRange> todo = ranges;
        while (!todo.isEmpty()) {
            List<PartitionRange> left = new ArrayList<>();
            for (PartitionVerdict each : chain(slice, todo)) {
                todo.stream()
                        .filter(range -> range.partition() == each.partition()
                                && each.verdict() != PartitionVerdict.Verdict.FAILED)
                        .map(range -> rest(range, each))
                        .filter(range -> !range.isDone())
                        .forEach(left::add);
            }
            todo = left;
        }
    }
}
