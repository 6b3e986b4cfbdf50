package io.tidemark.activity;

import io.temporal.activity.Activity;
import io.temporal.activity.ActivityExecutionContext;
import io.temporal.activity.ActivityInfo;
import io.tidemark.aggregate.AggregatorException;
import io.tidemark.aggregate.MissingAggregatorException;
import io.tidemark.aggregate.OwnAggregates;
import io.tidemark.check.HangingState;
import io.tidemark.check.OutputTopics;
import io.tidemark.check.SameCluster;
import io.tidemark.check.WeakReplication;
import io.tidemark.check.WrittenTopics;
import io.tidemark.job.JobSpec;
import io.tidemark.job.form.InvalidJobException;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.plan.Planner;
import io.tidemark.run.CommitResult;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.ProduceResult;
import io.tidemark.run.RunPlan;
import io.tidemark.run.SliceRef;
import io.tidemark.run.Staged;
import io.tidemark.run.StagedRange;
import io.tidemark.run.TidemarkException;
import io.tidemark.stage.StagingArea;
import io.tidemark.state.PlanIdentity;
import io.tidemark.step.AggregateStep;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.CommitStep;
import io.tidemark.step.ConsumeStep;
import io.tidemark.step.ProduceStep;
import io.tidemark.step.StepObserver;
import io.tidemark.step.StepObserver.Step;
import io.tidemark.step.StepProgress;
import io.tidemark.step.WorkerMemory;
import io.tidemark.workflow.BatchActivities;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** The activities. Each calls one step of the pipeline, with heartbeats, and translates its failures. */
public final class BatchActivitiesImpl implements BatchActivities {
    private static final Logger LOG = LoggerFactory.getLogger(BatchActivitiesImpl.class);

    /** Ranges in a line of the log. A run can have thousands; the workflow's history has all. */
    private static final int MAX_RANGES = 10;

    private final KafkaClients clients;
    private final OutputTopics outputTopics;
    private final SameCluster sameCluster;
    private final HangingState hangingState;
    private final WrittenTopics writtenTopics;
    private final OwnAggregates aggregates;
    private final Clock clock;
    private final Planner planner;
    private final ConsumeStep consumer;
    private final AggregateStep aggregator;
    private final ProduceStep producer;
    private final CommitStep committer;
    private final Turns readers;
    private final Turns writers;
    private final String hostQueue;
    private final StepObserver observer;
    private final OpenWork openWork = new OpenWork(System::nanoTime);

    /**
     * Creates the activities of one worker process.
     *
     * @param hostQueue the task queue that only this host polls
     * @param atOnce how many splits are read at once, and how many slices are merged or written at once
     * @param memory the memory that all steps share
     * @param outputTopics the topics that jobs may write to
     * @param weakReplication whether jobs may use topics that are replicated weakly
     * @param aggregates those of the worker's plugins
     * @param clock to tell whether the run's time for reading is over; no result depends on it
     * @param observer is told what the steps did
     */
    public BatchActivitiesImpl(
            KafkaClients clients,
            StagingArea staging,
            String hostQueue,
            int atOnce,
            WorkerMemory memory,
            OutputTopics outputTopics,
            WeakReplication weakReplication,
            OwnAggregates aggregates,
            Clock clock,
            Checkpoints checkpoints,
            StepObserver observer) {
        this.clients = clients;
        this.clock = clock;
        this.aggregates = aggregates;
        this.outputTopics = outputTopics;
        this.sameCluster = new SameCluster(clients);
        this.hangingState = new HangingState(clients);
        this.writtenTopics = new WrittenTopics(clients);
        planner = new Planner(clients, checkpoints, weakReplication);
        consumer = new ConsumeStep(clients, staging, hostQueue, memory, checkpoints);
        aggregator = new AggregateStep(staging, memory, checkpoints);
        producer = new ProduceStep(clients, staging, memory, checkpoints);
        committer = new CommitStep(clients, staging, checkpoints);
        readers = new Turns(atOnce);
        // Separate from the readers: a slice that has been read must not wait for splits that have not.
        writers = new Turns(atOnce);
        this.hostQueue = hostQueue;
        this.observer = observer;
    }

    /** Returns what a worker waits for before it stops. */
    public OpenWork openWork() {
        return openWork;
    }

    /** Returns how many splits are read now. */
    public int splitsAtWork() {
        return readers.working();
    }

    /** Returns how many slices are merged or written now. */
    public int slicesAtWork() {
        return writers.working();
    }

    @Override
    public RunPlan listPartitions(JobSpec job, long nominal) {
        ActivityInfo info = Activity.getExecutionContext().getInfo();
        long at = nominal == 0 ? info.getScheduledTimestamp() : nominal;
        String runId = info.getWorkflowRunId();
        return step("listPartitions", job, runId, List.of(), progress -> {
            outputTopics.require(job);
            JobSpec bound = bound(job);
            return timed(Step.LIST, job, () -> planner.plan(bound, runId, Instant.ofEpochMilli(at)));
        });
    }

    @Override
    public Staged consume(SliceRef slice, int split, List<PartitionRange> ranges, long beginBefore) {
        return step(
                "consume",
                slice.job(),
                slice.runId(),
                ranges,
                progress -> readers.await(lane(slice), progress, ranges, () -> {
                    if (beginBefore > 0 && clock.millis() >= beginBefore) {
                        return consumer.nothing(slice, split);
                    }
                    sameCluster.require(slice.job(), slice.identity());
                    Staged staged = timed(
                            Step.CONSUME, slice.job(), () -> consumer.consume(bound(slice), split, ranges, progress));
                    openWork.staged(slice);
                    return staged;
                }));
    }

    @Override
    public Staged aggregate(SliceRef slice, List<Staged> partials) {
        return step(
                "aggregate",
                slice.job(),
                slice.runId(),
                List.of(),
                progress -> writers.await(
                        slice.job().name(),
                        progress,
                        List.of(),
                        () -> timed(
                                Step.AGGREGATE,
                                slice.job(),
                                () -> aggregator.aggregate(bound(slice), partials, progress))));
    }

    @Override
    public ProduceResult produce(SliceRef slice, Staged delta) {
        return step("produce", slice.job(), slice.runId(), ranges(delta), progress -> {
            // Checked again: the plan may come from a worker with other settings, and the delta from any client of
            // Temporal.
            outputTopics.require(slice.job());
            return writers.await(slice.job().name(), progress, List.of(), () -> {
                sameCluster.require(slice.job(), slice.identity());
                try {
                    ProduceResult written =
                            timed(Step.PRODUCE, slice.job(), () -> producer.produce(bound(slice), delta, progress));
                    observer.written(slice.job(), written.verdicts());
                    openWork.written(slice);
                    return written;
                } catch (TidemarkException e) {
                    throw writtenTopics.explain(slice.job(), slice.identity(), e);
                }
            });
        });
    }

    @Override
    public CommitResult commitOffsets(JobSpec job, String runId, PlanIdentity identity) {
        return step("commitOffsets", job, runId, List.of(), progress -> {
            sameCluster.require(job, identity);
            return timed(Step.COMMIT, job, () -> committer.commit(job, runId, identity));
        });
    }

    private SliceRef bound(SliceRef slice) {
        return new SliceRef(bound(slice.job()), slice.runId(), slice.identity(), slice.slice());
    }

    /** Returns the job with the code of the plugins that it uses. */
    private JobSpec bound(JobSpec job) {
        try {
            return aggregates.bind(job);
        } catch (MissingAggregatorException e) {
            throw new TidemarkException(
                    FailureKind.AGGREGATOR_MISSING,
                    e.getMessage()
                            + ". Put the plugin into the folder of worker --plugins on all workers of the task queue,"
                            + " and start them again");
        } catch (InvalidJobException e) {
            throw new TidemarkException(FailureKind.INVALID_JOB, String.valueOf(e.getMessage()));
        } catch (AggregatorException e) {
            throw new TidemarkException(FailureKind.AGGREGATOR_FAILED, String.valueOf(e.getMessage()));
        }
    }

    /** Returns ranges as {@code 3:0..1200 4:7..90}, at most ten, so that a line of the log stays readable. */
    static String text(List<PartitionRange> ranges) {
        return ranges.stream()
                        .limit(MAX_RANGES)
                        .map(each -> each.partition() + ":" + each.from() + ".." + each.to())
                        .collect(Collectors.joining(" "))
                + (ranges.size() > MAX_RANGES ? " and " + (ranges.size() - MAX_RANGES) + " more" : "");
    }

    private static List<PartitionRange> ranges(Staged delta) {
        return delta.ranges().stream().map(StagedRange::range).toList();
    }

    /**
     * Returns the lane in which a consume waits. Those of the shared queue have their own: each holds one of the few slots
     * of that queue, which other jobs need for their plans and commits, and most of them read little.
     */
    private String lane(SliceRef slice) {
        String queue = Activity.getExecutionContext().getInfo().getActivityTaskQueue();
        return slice.job().name() + (queue.equals(hostQueue) ? "" : " shared");
    }

    @FunctionalInterface
    private interface Action<T> {
        T run(StepProgress progress) throws Exception;
    }

    private <T> T timed(Step step, JobSpec job, Turns.Work<T> work) throws Exception {
        long start = System.nanoTime();
        T result = work.run();
        observer.worked(step, job, System.nanoTime() - start);
        return result;
    }

    /** Returns the partitions of the ranges for the log, such as {@code 3} or {@code 3..7}; empty if there are none. */
    static String partitions(List<PartitionRange> ranges) {
        if (ranges.isEmpty()) {
            return "";
        }
        int first = ranges.get(0).partition();
        int last = ranges.get(ranges.size() - 1).partition();
        return first == last ? String.valueOf(first) : first + ".." + last;
    }

    private <T> T step(String name, JobSpec job, String runId, List<PartitionRange> ranges, Action<T> step) {
        ActivityExecutionContext temporal = Activity.getExecutionContext();
        String topic = job.input().topic();
        long start = System.nanoTime();
        openWork.begun();
        Map<String, String> context = Map.of("job", job.name(), "run", runId, "partition", partitions(ranges));
        context.forEach(MDC::put);
        try (HeartbeatReporter heartbeat = new HeartbeatReporter(temporal, topic, ranges)) {
            T result = explained(job, step, heartbeat);
            LOG.atInfo()
                    .addKeyValue("job", job.name())
                    .addKeyValue("topic", topic)
                    .addKeyValue("ranges", text(ranges))
                    .addKeyValue("millis", (System.nanoTime() - start) / 1_000_000)
                    .log("{} done", name);
            return result;
        } catch (Exception e) {
            RuntimeException failure = FailureTranslator.translate(name + " of " + topic, e);
            LOG.atWarn()
                    .addKeyValue("job", job.name())
                    .addKeyValue("topic", topic)
                    .addKeyValue("ranges", text(ranges))
                    .addKeyValue("attempt", temporal.getInfo().getAttempt())
                    .setCause(e)
                    .log("{} failed", name);
            throw failure;
        } finally {
            context.keySet().forEach(MDC::remove);
            openWork.ended();
        }
    }

    /** Runs the step and explains its failure, both under heartbeats: the explanation takes time as well. */
    private <T> T explained(JobSpec job, Action<T> step, StepProgress progress) throws Exception {
        try {
            return step.run(progress);
        } catch (TidemarkException e) {
            TidemarkException known = clients.explain(e);
            throw known == e ? hangingState.explain(job, e) : known;
        }
    }
}
