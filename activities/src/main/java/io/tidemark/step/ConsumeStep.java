package io.tidemark.step;

import io.tidemark.aggregate.AggregatorException;
import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.Memory;
import io.tidemark.check.Retention;
import io.tidemark.csv.DeadLetter;
import io.tidemark.csv.DeadLetterCsv;
import io.tidemark.fold.Fate;
import io.tidemark.fold.InputRecord;
import io.tidemark.fold.JobFolder;
import io.tidemark.fold.Lateness;
import io.tidemark.job.BadRecordSpec;
import io.tidemark.job.BadRecordSpec.Policy;
import io.tidemark.job.CloseSpec;
import io.tidemark.job.CloseSpec.Late;
import io.tidemark.job.InputSpec.DataLoss;
import io.tidemark.job.JobSpec;
import io.tidemark.json.MalformedRecordException;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.Right;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.kafka.cluster.TopicCatalog.Topic;
import io.tidemark.kafka.input.InputProblems;
import io.tidemark.kafka.input.InputReader;
import io.tidemark.kafka.input.RecordHandler;
import io.tidemark.part.LimitException;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.SliceRef;
import io.tidemark.run.Staged;
import io.tidemark.run.StagedFile;
import io.tidemark.run.StagedRange;
import io.tidemark.run.TidemarkException;
import io.tidemark.stage.StagingArea;
import io.tidemark.state.RecordCounts;
import io.tidemark.step.Checkpoints.Point;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.commons.csv.CSVPrinter;
import org.jspecify.annotations.Nullable;

/** Step 2: reads ranges and folds their records into partial aggregates. Its only effect is staged files. */
public final class ConsumeStep {
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
        CellLayout layout = CellLayout.of(job);
        SortedMap<Integer, PartitionFold> folds = new TreeMap<>();
        JobFolder folder = new JobFolder(job);
        for (PartitionRange each : ranges) {
            folds.put(
                    each.partition(),
                    new PartitionFold(
                            job,
                            each.partition(),
                            folder,
                            Lateness.of(job, each.closedBefore()),
                            new CellTable(layout, job.limits().cells(), share)));
        }
        try (DeadLetters deadLetters = new DeadLetters(StagedNames.run(slice), name + "-bad", share)) {
            Fold fold = new Fold(job, folds, deadLetters, share);
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
                cells.put(asked.partition(), partition.cells);
                staged.add(partition.staged(asked, read));
            }
            StagedFile cellFile = StagedCells.write(staging, job, StagedNames.run(slice), name + "-cells", cells);
            Staged result = new Staged(hostQueue, staged, cellFile, deadLetters.finish());
            checkpoints.reached(Point.CONSUME_STAGED);
            return result;
        }
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

    private List<InputReader.Read> read(SliceRef slice, List<PartitionRange> ranges, Fold fold, StepProgress progress) {
        try {
            return InputReader.of(clients)
                    .read(
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
        private final DeadLetters deadLetters;
        private final Memory memory;
        private @Nullable PartitionFold current;
        private long records;

        Fold(JobSpec job, Map<Integer, PartitionFold> folds, DeadLetters deadLetters, Memory memory) {
            this.job = job;
            this.folds = folds;
            this.deadLetters = deadLetters;
            this.memory = memory;
        }

        @Override
        public void record(InputRecord record) {
            next(record.partition()).record(record, deadLetters);
        }

        @Override
        public boolean needsHeaders() {
            return job.readsHeaders();
        }

        @Override
        public int maxBytes() {
            return job.input().maxRecordBytes();
        }

        @Override
        public void tooLarge(int partition, long offset, long timestamp, long bytes) {
            next(partition).tooLarge(offset, timestamp, bytes, deadLetters);
        }

        @Override
        public void reserve(long bytes) {
            memory.take(bytes);
        }

        /** Returns where a record of a partition goes, and counts it. */
        PartitionFold next(int partition) {
            records++;
            PartitionFold fold = current;
            if (fold == null || fold.partition != partition) {
                fold = of(partition);
                current = fold;
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

    /** Folds the records of one partition. */
    private static final class PartitionFold {
        private final JobSpec job;
        private final int partition;
        private final JobFolder folder;
        private final @Nullable Lateness lateness;
        private final CellTable cells;
        private long folded;
        private long filtered;
        private long bad;
        private long late;
        private long bytes;

        PartitionFold(JobSpec job, int partition, JobFolder folder, @Nullable Lateness lateness, CellTable cells) {
            this.job = job;
            this.partition = partition;
            this.folder = folder;
            this.lateness = lateness;
            this.cells = cells;
        }

        void record(InputRecord record, DeadLetters deadLetters) {
            bytes += record.size();
            try {
                if (record.valueLength() == InputRecord.NULL) {
                    throw MalformedRecordException.nullValue();
                }
                switch (folder.fold(cells, lateness, record)) {
                    case FOLDED -> folded++;
                    case FILTERED -> filtered++;
                    case LATE -> late(record, deadLetters);
                }
            } catch (MalformedRecordException e) {
                bad(record, e, deadLetters);
            } catch (LimitException e) {
                throw Cells.failure(where(record.offset()), e);
            } catch (AggregatorException e) {
                throw Cells.failure(where(record.offset()), e);
            }
        }

        /** Counts a record as bad whose key and value were not read, because they are too large. */
        void tooLarge(long offset, long timestamp, long size, DeadLetters deadLetters) {
            bytes += size;
            InputRecord record = new InputRecord();
            record.setPlace(partition, offset, timestamp);
            bad(record, MalformedRecordException.tooLarge(size, job.input().maxRecordBytes()), deadLetters);
        }

        private void bad(InputRecord record, MalformedRecordException problem, DeadLetters deadLetters) {
            count(record.offset(), problem);
            if (job.badRecords().policy() == Policy.DEAD_LETTER) {
                keep(record, problem.reason().name(), String.valueOf(problem.getMessage()), deadLetters);
            }
        }

        /** Counts a record whose window is closed. It is not a bad record: no policy and no limit of those applies. */
        private void late(InputRecord record, DeadLetters deadLetters) {
            late++;
            CloseSpec close = job.close();
            if (close != null && close.late() == Late.DEAD_LETTER) {
                keep(record, Fate.LATE.name(), "the record's window was closed by an earlier batch", deadLetters);
            }
        }

        /** Writes a record to the staged dead letters. */
        private void keep(InputRecord record, String reason, String text, DeadLetters deadLetters) {
            // A copy, its Base64 as bytes and as text, and the line of the file while it grows.
            long copies = 6L * record.size();
            deadLetters.memory.take(copies);
            deadLetters.add(new DeadLetter(
                    partition,
                    record.offset(),
                    record.timestamp(),
                    reason,
                    text,
                    copy(record.bytes(), record.key(), record.keyLength()),
                    copy(record.bytes(), record.value(), record.valueLength())));
            deadLetters.memory.giveBack(copies);
        }

        private void count(long offset, MalformedRecordException problem) {
            bad++;
            BadRecordSpec spec = job.badRecords();
            if (spec.policy() == Policy.FAIL) {
                throw new TidemarkException(
                        FailureKind.BAD_RECORD,
                        where(offset) + ": " + problem.getMessage()
                                + "; the job has badRecords: fail. To continue without bad records, set badRecords"
                                + " to deadLetter or skip");
            }
            if (bad > spec.limit()) {
                throw new TidemarkException(
                        FailureKind.TOO_MANY_BAD_RECORDS,
                        where(offset) + ": " + problem.getMessage() + "; this is bad record number " + bad
                                + " of this partition in this run, and badRecords.limit is " + spec.limit());
            }
        }

        private static byte @Nullable [] copy(byte[] buf, int from, int length) {
            return length == InputRecord.NULL ? null : Arrays.copyOfRange(buf, from, from + length);
        }

        private String where(long offset) {
            return job.input().topic() + "[" + partition + "] at offset " + offset;
        }

        /** Returns the account of the requested range, up to where it was read. */
        StagedRange staged(PartitionRange asked, InputReader.Read read) {
            boolean deadLettered = job.badRecords().policy() == Policy.DEAD_LETTER;
            StagedRange staged = new StagedRange(
                    asked.part(asked.from(), read.range().to()),
                    new RecordCounts(
                            folded,
                            filtered,
                            deadLettered ? bad : 0,
                            deadLettered ? 0 : bad,
                            late,
                            read.invisible(),
                            read.range().from() - asked.from(),
                            0,
                            bytes),
                    read.leaderEpoch(),
                    read.newest(),
                    read.logStart(),
                    lateness == null ? null : lateness.eventTime());
            staged.requireReconciled(job.input().topic());
            return staged;
        }
    }

    /** Writes bad records to a staged file; creates it with the first one. */
    private final class DeadLetters implements AutoCloseable {
        private final String run;
        private final String name;
        private final Memory memory;
        private StagingArea.@Nullable Draft draft;
        private @Nullable CSVPrinter printer;
        private long rows;

        DeadLetters(String run, String name, Memory memory) {
            this.memory = memory;
            this.run = run;
            this.name = name;
        }

        void add(DeadLetter each) {
            try {
                if (printer == null) {
                    draft = staging.draft(run, name);
                    printer = DeadLetterCsv.printer(draft.out());
                }
                DeadLetterCsv.print(printer, each);
                rows++;
            } catch (IOException e) {
                throw StagingArea.failed("writing", staging.folder(), e);
            }
        }

        @Nullable
        StagedFile finish() {
            return draft == null ? null : draft.finish(rows);
        }

        @Override
        public void close() {
            if (draft != null) {
                draft.close();
            }
        }
    }
}
