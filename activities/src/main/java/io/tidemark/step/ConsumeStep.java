package io.tidemark.step;

import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.Memory;
import io.tidemark.check.Retention;
import io.tidemark.fold.InputRecord;
import io.tidemark.fold.JobFolder;
import io.tidemark.fold.Lateness;
import io.tidemark.job.InputSpec.DataLoss;
import io.tidemark.job.JobSpec;
import io.tidemark.job.Stage;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.Right;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.kafka.cluster.TopicCatalog.Topic;
import io.tidemark.kafka.input.InputProblems;
import io.tidemark.kafka.input.InputReader;
import io.tidemark.kafka.input.RecordHandler;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.SliceRef;
import io.tidemark.run.Staged;
import io.tidemark.run.StagedFile;
import io.tidemark.run.StagedRange;
import io.tidemark.run.TidemarkException;
import io.tidemark.stage.StagingArea;
import io.tidemark.step.Checkpoints.Point;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Step 2: reads ranges and folds their records into partial aggregates. Its only effect is staged files.
 *
 * <p>The protected method is overridden by tests that check a weaker protocol.
 */
public class ConsumeStep {
    /** Time limit of a read: a retry repeats at most this much. */
    private static final Duration READ_TIME = Duration.ofSeconds(55);

    /**
     * Attempts to read when retention removes records during the read. Brokers apply retention every few minutes, so
     * consecutive failures soon have another cause.
     */
    private static final int MAX_ATTEMPTS = 5;

    private final KafkaClients clients;
    private final StagingArea staging;
    private final String hostQueue;
    private final WorkerMemory memory;
    private final Checkpoints checkpoints;

    /** Creates a step that stages into {@code staging}; the workers that poll {@code hostQueue} can read the files. */
    public ConsumeStep(
            KafkaClients clients, StagingArea staging, String hostQueue, WorkerMemory memory, Checkpoints checkpoints) {
        this.clients = clients;
        this.staging = staging;
        this.hostQueue = hostQueue;
        this.memory = memory;
        this.checkpoints = checkpoints;
    }

    /** Returns the partial aggregates; see {@link io.tidemark.workflow.BatchActivities#consume}. */
    public Staged consume(SliceRef slice, int split, List<PartitionRange> ranges, StepProgress progress) {
        List<Integer> partitions =
                ranges.stream().map(PartitionRange::partition).toList();
        for (int attempt = 1; ; attempt++) {
            try (WorkerMemory.Share share = memory.share(slice, partitions)) {
                int toRead =
                        (int) ranges.stream().filter(each -> each.length() > 0).count();
                share.take(clients.fetchedBytes(toRead));
                return consume(slice, split, ranges, progress, share);
            } catch (TidemarkException e) {
                // Retention removed records during the read. The next attempt starts behind them.
                boolean tolerated = slice.job().input().dataLoss() == DataLoss.CONTINUE;
                if (e.kind() != FailureKind.RETENTION_GAP || !tolerated || attempt == MAX_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private Staged consume(
            SliceRef slice, int split, List<PartitionRange> ranges, StepProgress progress, Memory share) {
        JobSpec job = slice.job();
        String name = StagedNames.slice(slice) + "split-" + split;
        try (StagedDeadLetters deadLetters =
                new StagedDeadLetters(staging, StagedNames.run(slice), name + "-bad", share)) {
            Fold fold = new Fold(job, folds(job, ranges, deadLetters, share), share);
            List<InputReader.Read> reads =
                    read(slice, Retention.present(new TopicCatalog(clients), job, ranges), fold, progress);
            requireSameTopic(slice);
            checkpoints.reached(Point.CONSUME_READ);
            SortedMap<Integer, CellTable> cells = new TreeMap<>();
            List<StagedRange> staged = new ArrayList<>();
            for (int i = 0; i < reads.size(); i++) {
                InputReader.Read read = reads.get(i);
                PartitionRange asked = ranges.get(i);
                PartitionFold partition = fold.of(asked.partition());
                cells.put(asked.partition(), partition.cells());
                staged.add(partition.staged(asked, read));
            }
            StagedFile cellFile = StagedCells.write(staging, job, StagedNames.run(slice), name + "-cells", cells);
            Staged result = new Staged(hostQueue, staged, cellFile, deadLetters.finish());
            checkpoints.reached(Point.CONSUME_STAGED);
            return result;
        }
    }

    /** Returns what the records of each partition are added to. */
    private static Map<Integer, PartitionFold> folds(
            JobSpec job, List<PartitionRange> ranges, StagedDeadLetters deadLetters, Memory share) {
        CellLayout layout = CellLayout.of(job);
        Map<Integer, PartitionFold> folds = new TreeMap<>();
        JobFolder folder = job.stage() == Stage.TOTALS ? null : new JobFolder(job);
        for (PartitionRange each : ranges) {
            CellTable cells = new CellTable(layout, job.limits().cells(), share);
            folds.put(
                    each.partition(),
                    folder == null
                            ? new PartialFold(job, each, cells)
                            : new RecordFold(
                                    job,
                                    each.partition(),
                                    folder,
                                    Lateness.of(job, each.closedBefore()),
                                    cells,
                                    deadLetters));
        }
        return folds;
    }

    /** Returns an empty partial, for a split that starts after the run's time for reading is over. */
    public Staged nothing(SliceRef slice, int split) {
        String name = StagedNames.slice(slice) + "split-" + split + "-cells";
        return new Staged(
                hostQueue,
                List.of(),
                StagedCells.write(staging, slice.job(), StagedNames.run(slice), name, new TreeMap<>()),
                null);
    }

    /** Returns what reads the input: committed records only. */
    protected InputReader reader() {
        return InputReader.of(clients);
    }

    private List<InputReader.Read> read(SliceRef slice, List<PartitionRange> ranges, Fold fold, StepProgress progress) {
        try {
            return reader().read(
                            slice.job().input().topic(),
                            ranges,
                            READ_TIME,
                            fold,
                            remaining -> progress.report(remaining, fold.records));
        } catch (TidemarkException e) {
            if (e.kind() == FailureKind.KAFKA_UNAVAILABLE
                    || e.kind() == FailureKind.TRUNCATED
                    || e.kind() == FailureKind.RETENTION_GAP) {
                // Requests to a deleted topic also time out, and a retry cannot fix that. A topic that was created
                // again has other offsets.
                requireSameTopic(slice);
            }
            throw e;
        }
    }

    /**
     * Fails if the topic was deleted and created again: offsets then have another meaning, and the records that were
     * read may come from either topic.
     */
    private void requireSameTopic(SliceRef slice) {
        String topic = slice.job().input().topic();
        String found = new TopicCatalog(clients)
                .findExpected(topic, Right.READ)
                .map(Topic::id)
                .orElse("none");
        if (!found.equals(slice.identity().inputId())) {
            throw InputProblems.recreated(topic, slice.identity().inputId(), found);
        }
    }

    /**
     * Passes each record to the fold of its partition. Keeps the current one, because consecutive records usually
     * belong to the same partition.
     */
    private static final class Fold implements RecordHandler {
        private final JobSpec job;
        private final Map<Integer, PartitionFold> folds;
        private final Memory memory;
        private @Nullable PartitionFold current;
        private int currentPartition;
        private long records;

        Fold(JobSpec job, Map<Integer, PartitionFold> folds, Memory memory) {
            this.job = job;
            this.folds = folds;
            this.memory = memory;
        }

        @Override
        public void record(InputRecord record) {
            next(record.partition()).record(record);
        }

        @Override
        public boolean needsHeaders() {
            return job.stage() != Stage.TOTALS && job.readsHeaders();
        }

        @Override
        public int maxBytes() {
            return job.input().maxRecordBytes();
        }

        @Override
        public void tooLarge(int partition, long offset, long timestamp, long bytes) {
            next(partition).tooLarge(offset, timestamp, bytes);
        }

        @Override
        public void reserve(long bytes) {
            memory.take(bytes);
        }

        /** Returns where a record of a partition goes, and counts it. */
        PartitionFold next(int partition) {
            records++;
            PartitionFold fold = current;
            if (fold == null || currentPartition != partition) {
                fold = of(partition);
                current = fold;
                currentPartition = partition;
            }
            return fold;
        }

        PartitionFold of(int partition) {
            PartitionFold fold = folds.get(partition);
            if (fold == null) {
                throw new IllegalStateException("a record of partition " + partition + ", which was not requested");
            }
            return fold;
        }
    }
}
