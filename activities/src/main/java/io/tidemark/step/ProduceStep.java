package io.tidemark.step;

import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.Memory;
import io.tidemark.csv.DeadLetter;
import io.tidemark.csv.DeadLetterCsv;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.job.Stage;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.SecondLook;
import io.tidemark.kafka.state.StateTopic;
import io.tidemark.kafka.transaction.FencingProducer;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.ProduceResult;
import io.tidemark.run.SliceRef;
import io.tidemark.run.Staged;
import io.tidemark.run.StagedFile;
import io.tidemark.run.StagedRange;
import io.tidemark.stage.StagedLostException;
import io.tidemark.stage.StagingArea;
import io.tidemark.state.Mark;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.ProgressCodec;
import io.tidemark.state.StateKeys;
import io.tidemark.step.Checkpoints.Point;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Step 4, the only step with an effect on the output: it fences older attempts, reads the stored progress, compares it
 * with the range, and writes rows, dead letters and progress in one transaction. Fence, read and comparison form a
 * compare-and-set: after the fence no older attempt can commit, so the progress that is read then is final, and a newer
 * attempt makes this attempt's commit fail. docs/exactly-once.md has the proof and the outcome of a crash at each
 * point.
 *
 * <p>The protected methods are overridden by tests that check weaker protocols.
 */
public class ProduceStep {
    /** Dead letters that are sent before a flush: a run may have more dead letters than fit into memory. */
    private static final int LETTERS_PER_FLUSH = 10_000;

    /** Memory of a reference to a chunk, in bytes; the progress before the batch and the one after it have one each. */
    private static final int CHUNK_REF_BYTES = 48;

    /** The same with a page. */
    private static final int PAGE_REF_BYTES = 128;

    private final KafkaClients clients;
    private final StagingArea staging;
    private final WorkerMemory memory;
    private final Checkpoints checkpoints;

    /** Creates the step on the host that stores the delta. */
    public ProduceStep(KafkaClients clients, StagingArea staging, WorkerMemory memory, Checkpoints checkpoints) {
        this.clients = clients;
        this.staging = staging;
        this.memory = memory;
        this.checkpoints = checkpoints;
    }

    /** Writes the slice; see {@link io.tidemark.workflow.BatchActivities#produce}. */
    public ProduceResult produce(SliceRef slice, Staged delta, StepProgress progress) {
        JobSpec job = slice.job();
        Map<Integer, Mark> planned = new TreeMap<>();
        delta.ranges()
                .forEach(each ->
                        planned.put(each.range().partition(), each.range().begin()));
        checkpoints.reached(Point.PRODUCE_BEFORE_FENCE);
        Map<Integer, PartitionVerdict> verdicts = new TreeMap<>();
        Verdicts made = new Verdicts(slice);
        try (FencingProducer producer = newProducer(clients, slice)) {
            StateTopic stateTopic = new StateTopic(clients, JobNames.stateTopic(job));
            Map<Integer, PartitionProgress> stored = fenceAndRead(producer, stateTopic, planned);
            SortedMap<Integer, StagedRange> ours = new TreeMap<>();
            for (StagedRange staged : delta.ranges()) {
                int partition = staged.range().partition();
                StagedRange each = knowing(slice, staged, stored.get(partition));
                PartitionVerdict verdict = decide(made, each, stored.get(partition));
                if (verdict == null) {
                    ours.put(partition, each);
                } else {
                    verdicts.put(partition, verdict);
                }
            }
            checkpoints.reached(Point.PRODUCE_DECIDED);
            if (!ours.isEmpty()) {
                try (WorkerMemory.Share share = memory.share(slice, ours.keySet())) {
                    verdicts.putAll(write(slice, delta, producer, stateTopic, stored, ours, made, progress, share));
                } catch (StagedLostException e) {
                    ours.forEach((partition, each) -> verdicts.put(partition, made.stagedLost(each.range())));
                }
            }
        }
        staging.delete(StagedNames.run(slice), StagedNames.slice(slice));
        return new ProduceResult(List.copyOf(verdicts.values()));
    }

    /** Returns the producer of this attempt. All attempts at a slice use the same transactional id. */
    protected FencingProducer newProducer(KafkaClients clients, SliceRef slice) {
        return new FencingProducer(
                clients, JobNames.sliceTransactionalId(slice.job(), slice.slice()), partitions(slice.job()));
    }

    /** Returns how many partitions a slice writes to: its own in the state topic, and those of the results. */
    private static int partitions(JobSpec job) {
        return job.partitionsPerSlice()
                + (job.stage() == Stage.RECORDS ? job.output().partitions() : job.partitionsPerSlice());
    }

    /**
     * Returns a batch as it may be written. In the stage of totals, a batch whose plan knew another number of input partitions
     * than are registered closes nothing: one of the others may still have records of the windows.
     */
    private static StagedRange knowing(SliceRef slice, StagedRange staged, @Nullable PartitionProgress stored) {
        PartitionRange range = staged.range();
        return stored == null
                        || range.closing() == null
                        || stored.identity().inputs() == slice.identity().inputs()
                ? staged
                : staged.with(range.closingTo(range.closedBefore()));
    }

    /**
     * Fences older attempts, then reads the stored progress. In the opposite order, an older attempt could commit
     * between the two. If the progress is behind the plan, the read is repeated before the progress counts as lost.
     *
     * @param planned where each partition's range begins
     */
    protected Map<Integer, PartitionProgress> fenceAndRead(
            FencingProducer producer, StateTopic stateTopic, Map<Integer, Mark> planned) {
        producer.fence();
        checkpoints.reached(Point.PRODUCE_AFTER_FENCE);
        return SecondLook.atLeaders(clients)
                .until(
                        stored -> PartitionProgress.reaches(stored, planned),
                        () -> stateTopic.readAfterFence(producer, planned.keySet()));
    }

    /**
     * Compares the range with the stored progress. Returns null if the range begins exactly where the progress ends;
     * otherwise the verdict without writing.
     */
    protected @Nullable PartitionVerdict decide(Verdicts made, StagedRange staged, @Nullable PartitionProgress stored) {
        return made.decide(staged, stored);
    }

    /** Returns the verdicts of the partitions that take part. */
    private Map<Integer, PartitionVerdict> write(
            SliceRef slice,
            Staged delta,
            FencingProducer producer,
            StateTopic stateTopic,
            Map<Integer, PartitionProgress> stored,
            SortedMap<Integer, StagedRange> ours,
            Verdicts made,
            StepProgress progress,
            WorkerMemory.Share share)
            throws StagedLostException {
        JobSpec job = slice.job();
        made.requireSameMeaning();
        share.take(ours.keySet().stream()
                .mapToLong(partition -> 2 * refBytes(before(stored, partition)))
                .sum());
        StagedFile deadLetters = delta.deadLetters();
        if (deadLetters != null) {
            // They are read in the transaction, which must not begin if they are lost.
            staging.verify(deadLetters);
        }
        SortedMap<Integer, CellTable> deltas = new TreeMap<>();
        StagedCells.read(staging, job, delta.cells(), ours.keySet(), deltas, share);

        BatchUpdates maker = job.stage() == Stage.RECORDS
                ? new PartialsMaker(slice, share)
                : new UpdateMaker(slice, stateTopic::readChunks, progress, share, ours.size() > 1);
        ours.forEach((partition, each) -> {
            CellTable cells = deltas.remove(partition);
            maker.add(each, before(stored, partition), cells == null ? emptyTable(job) : cells);
        });
        Map<Integer, BatchUpdate> updates = maker.finish();
        Map<Integer, PartitionVerdict> verdicts = new TreeMap<>();
        maker.refused()
                .forEach((partition, why) -> verdicts.put(
                        partition,
                        made.failed(
                                staged(ours, partition).range(),
                                before(stored, partition).mark(),
                                why)));
        if (updates.isEmpty()) {
            return verdicts;
        }
        // The producer holds unsent records in its buffer.
        share.take(Math.min(
                KafkaClients.PRODUCER_BUFFER,
                updates.values().stream().mapToLong(BatchUpdate::payload).sum()));
        share.stopWaiting();
        // As late as possible: an open transaction holds back the output's readers, and the broker aborts it after its
        // timeout.
        producer.transaction(() -> {
            send(job, deadLetters, updates, producer, progress, share);
            checkpoints.reached(Point.PRODUCE_AFTER_SENDS);
        });
        checkpoints.reached(Point.PRODUCE_AFTER_COMMIT);
        updates.forEach((partition, update) ->
                verdicts.put(partition, made.done(update.staged().range(), update.progress())));
        return verdicts;
    }

    /** Sends all records of the transaction: rows and chunks, dead letters, and the progress records last. */
    private void send(
            JobSpec job,
            @Nullable StagedFile deadLetters,
            Map<Integer, BatchUpdate> updates,
            FencingProducer producer,
            StepProgress progress,
            Memory share)
            throws StagedLostException {
        boolean first = true;
        for (BatchUpdate each : updates.values()) {
            each.sendTo(producer);
            if (first) {
                checkpoints.reached(Point.PRODUCE_IN_SENDS);
                first = false;
            }
            progress.report(List.of(), 0);
        }
        List<Long> offsets = producer.flush();
        updates.values().forEach(each -> each.sentAt(offsets));
        if (deadLetters != null) {
            sendDeadLetters(job, deadLetters, updates, producer, share);
        }
        updates.forEach((partition, update) -> producer.send(
                JobNames.stateTopic(job),
                partition,
                StateKeys.progress(),
                ProgressCodec.encode(update.progress()),
                Map.of()));
        producer.flush();
        progress.report(List.of(), 0);
    }

    private static PartitionProgress before(Map<Integer, PartitionProgress> stored, int partition) {
        return Objects.requireNonNull(stored.get(partition), "a partition takes part only with progress");
    }

    private static long refBytes(PartitionProgress progress) {
        return (long) progress.chunks().size() * (progress.version() > 1 ? PAGE_REF_BYTES : CHUNK_REF_BYTES);
    }

    private static StagedRange staged(Map<Integer, StagedRange> ours, int partition) {
        return Objects.requireNonNull(ours.get(partition), "an update belongs to a staged range");
    }

    private static CellTable emptyTable(JobSpec job) {
        return new CellTable(CellLayout.of(job), job.limits().cells());
    }

    private void sendDeadLetters(
            JobSpec job, StagedFile file, Map<Integer, BatchUpdate> updates, FencingProducer producer, Memory share)
            throws StagedLostException {
        String topic = JobNames.deadLetterTopic(job.output().topic());
        staging.read(
                file,
                in -> DeadLetterCsv.read(in, each -> {
                    if (updates.containsKey(each.partition())) {
                        // The line of the file, its Base64, and the bytes.
                        long copies = 4L * (length(each.key()) + length(each.value()));
                        share.take(copies);
                        producer.send(topic, each.partition(), each.key(), each.value(), headers(job, each));
                        share.giveBack(copies);
                        if (producer.sent() >= LETTERS_PER_FLUSH) {
                            producer.flush();
                        }
                    }
                }));
    }

    private static long length(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }

    private static Map<String, byte[]> headers(JobSpec job, DeadLetter each) {
        Map<String, byte[]> headers = new LinkedHashMap<>();
        headers.put("tidemark.job", bytes(job.name()));
        headers.put("tidemark.topic", bytes(job.input().topic()));
        headers.put("tidemark.partition", bytes(String.valueOf(each.partition())));
        headers.put("tidemark.offset", bytes(String.valueOf(each.offset())));
        headers.put("tidemark.timestamp", bytes(String.valueOf(each.timestamp())));
        headers.put("tidemark.reason", bytes(each.reason()));
        headers.put("tidemark.problem", bytes(each.problem()));
        return headers;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
