package io.tidemark.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import io.tidemark.check.WeakReplication;
import io.tidemark.job.CloseSpec;
import io.tidemark.job.JobCodec;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.plan.Planner;
import io.tidemark.run.Closing;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.RunPlan;
import io.tidemark.run.SliceRef;
import io.tidemark.run.Staged;
import io.tidemark.settings.KafkaSettings;
import io.tidemark.stage.StagedLostException;
import io.tidemark.stage.StagingArea;
import io.tidemark.state.Mark;
import io.tidemark.step.AggregateStep;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.CommitStep;
import io.tidemark.step.ConsumeStep;
import io.tidemark.step.ProduceStep;
import io.tidemark.step.StepProgress;
import io.tidemark.step.WorkerMemory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Executes the steps of a job with one partition, without Temporal, so that a year of runs takes an hour and not a week. For
 * each line on standard input it makes a batch, and writes what it took:
 *
 * <ul>
 *   <li>{@code run <nominal> <end>}: all steps of a run, from the plan to the published offsets;
 *   <li>{@code batch <nominal> <end>}: consume, aggregate and produce, with the range that a plan would give;
 *   <li>{@code heap <nominal> <end>}: the same, with a garbage collection while the transaction is open.
 * </ul>
 *
 * The times are in milliseconds since the epoch; {@code <end>} is the offset after the batch.
 */
final class AgeWorker {
    private final KafkaClients clients;
    private final JobSpec job;
    private final StagingArea staging;
    private final WorkerMemory memory = WorkerMemory.ofHeap();
    private @Nullable RunPlan plan;
    private String runId = "";
    private Mark mark = new Mark(0, Mark.NOTHING_CLOSED);

    /** What a batch took. {@code heap} is the heap in use while the transaction was open; 0 if it was not measured. */
    record Answer(double seconds, double cpuSeconds, long heap, long late, long windows, long finalRows) {
        static Answer parse(String line) {
            String[] parts = line.split(" ");
            return new Answer(
                    Double.parseDouble(parts[0]),
                    Double.parseDouble(parts[1]),
                    Long.parseLong(parts[2]),
                    Long.parseLong(parts[3]),
                    Long.parseLong(parts[4]),
                    Long.parseLong(parts[5]));
        }

        private String line() {
            return seconds + " " + cpuSeconds + " " + heap + " " + late + " " + windows + " " + finalRows;
        }
    }

    private AgeWorker(KafkaClients clients, JobSpec job, StagingArea staging) {
        this.clients = clients;
        this.job = job;
        this.staging = staging;
    }

    /** Arguments: bootstrap servers, and the job as JSON. */
    @SuppressWarnings("SystemOut") // The parent process reads the lines.
    public static void main(String[] arguments) throws IOException, StagedLostException {
        JobSpec job = JobCodec.read(new ObjectMapper().readTree(arguments[1]));
        try (KafkaClients clients = new KafkaClients(KafkaSettings.of(Map.of("bootstrap.servers", arguments[0])));
                BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            AgeWorker worker = new AgeWorker(clients, job, new StagingArea(Files.createTempDirectory("tidemark-age-")));
            String order;
            while ((order = orders.readLine()) != null) {
                String[] parts = order.split(" ");
                System.out.println(worker.make(parts[0], Long.parseLong(parts[1]), Long.parseLong(parts[2]))
                        .line());
            }
        }
    }

    private Answer make(String kind, long nominal, long end) throws StagedLostException {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long[] heap = {0};
        Checkpoints points = point -> {
            if (kind.equals("heap") && point == Checkpoints.Point.PRODUCE_AFTER_SENDS) {
                System.gc();
                heap[0] =
                        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
            }
        };
        long begun = System.nanoTime();
        long cpu = system.getProcessCpuTime();
        PartitionRange range = kind.equals("run") ? planned(nominal) : next(nominal, end);
        if (range.to() != end) {
            throw new IllegalStateException("the batch is " + range + ", but should end at " + end);
        }
        PartitionVerdict verdict = chain(range, points);
        if (kind.equals("run")) {
            new CommitStep(clients, staging, points)
                    .commit(job, runId, identity().identity());
        }
        PartitionVerdict.Closed closed = verdict.closed();
        return new Answer(
                (System.nanoTime() - begun) / 1e9,
                (system.getProcessCpuTime() - cpu) / 1e9,
                heap[0],
                verdict.counts().late(),
                closed == null ? 0 : closed.windows(),
                closed == null ? 0 : closed.finalRows());
    }

    private PartitionRange planned(long nominal) {
        runId = UUID.randomUUID().toString();
        RunPlan made = new Planner(clients, Checkpoints.NONE, WeakReplication.WARN)
                .plan(job, runId, Instant.ofEpochMilli(nominal));
        plan = made;
        if (made.ranges().size() != 1) {
            throw new IllegalStateException("the plan is " + made + ", expected one range");
        }
        return made.ranges().get(0);
    }

    private RunPlan identity() {
        return Objects.requireNonNull(plan, "the first order must be run");
    }

    /** Returns the range that a plan would give. */
    private PartitionRange next(long nominal, long end) {
        CloseSpec close = job.close();
        return new PartitionRange(
                0,
                mark.through(),
                end,
                close == null
                        ? null
                        : new Closing(
                                mark.closedBefore(), nominal - close.after().toMillis()));
    }

    private PartitionVerdict chain(PartitionRange range, Checkpoints points) throws StagedLostException {
        SliceRef slice = new SliceRef(job, runId, identity().identity(), 0);
        Staged read = new ConsumeStep(clients, staging, "host", memory, points)
                .consume(slice, 0, List.of(range), StepProgress.NONE);
        Staged delta = new AggregateStep(staging, memory, points).aggregate(slice, List.of(read), StepProgress.NONE);
        PartitionVerdict verdict = new ProduceStep(clients, staging, memory, points)
                .produce(slice, delta, StepProgress.NONE)
                .verdicts()
                .get(0);
        if (verdict.verdict() != PartitionVerdict.Verdict.DONE || verdict.through() != range.to()) {
            throw new IllegalStateException("the batch " + range + " ended with " + verdict);
        }
        mark = verdict.mark();
        if (mark.closedBefore() < range.target()) {
            throw new IllegalStateException("the batch " + range + " closed less than its target: " + verdict);
        }
        return verdict;
    }
}
