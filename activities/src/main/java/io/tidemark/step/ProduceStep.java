package io.tidemark.step;

import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.Memory;
import io.tidemark.check.IdentityCheck;
import io.tidemark.csv.DeadLetter;
import io.tidemark.csv.DeadLetterCsv;
import io.tidemark.job.JobFingerprint;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.SecondLook;
import io.tidemark.kafka.state.StateTopic;
import io.tidemark.kafka.transaction.FencingProducer;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionProblem;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.PartitionVerdict.Verdict;
import io.tidemark.run.ProduceResult;
import io.tidemark.run.SliceRef;
import io.tidemark.run.Staged;
import io.tidemark.run.StagedFile;
import io.tidemark.run.StagedRange;
import io.tidemark.run.TidemarkException;
import io.tidemark.stage.StagedLostException;
import io.tidemark.stage.StagingArea;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.PartitionProgress.Batch;
import io.tidemark.state.ProgressCodec;
import io.tidemark.state.RecordCounts;
import io.tidemark.state.StateKeys;
import io.tidemark.step.Checkpoints.Point;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Step 4, and the only one with an effect on the output: fence, read the stored progress, compare, and write rows, dead
 * letters and progress in one transaction. Fence, read and check make a compare-and-set: after the fence no older
 * attempt can commit, so what is read then is final, and any newer attempt makes our own commit fail. The proof, and
 * what happens when it dies at each point, is in docs/exactly-once.md.
 *
 * <p>The methods that tests override are the places where a weaker protocol would differ.
 */
public class ProduceStep {
    /** So many are on their way at once: a run may have more dead letters than memory. */
    private static final int LETTERS_AT_ONCE = 10_000;

    private final KafkaClients clients;
    private final StagingArea staging;
    private final WorkerMemory memory;
    private final Checkpoints checkpoints;

    /** A step on the host that has the delta. */
    public ProduceStep(KafkaClients clients, StagingArea staging, WorkerMemory memory, Checkpoints checkpoints) {
        this.clients = clients;
        this.staging = staging;
        this.memory = memory;
        this.checkpoints = checkpoints;
    }

    /** Produces; see {@link io.tidemark.workflow.BatchActivities#produce}. */
    public ProduceResult produce(SliceRef slice, Staged delta, StepProgress progress) {
        JobSpec job = slice.job();
        Map<Integer, Long> planned = new TreeMap<>();
        delta.ranges()
                .forEach(each ->
                        planned.put(each.range().partition(), each.range().from()));
        checkpoints.reached(Point.PRODUCE_BEFORE_FENCE);
        Map<Integer, PartitionVerdict> verdicts = new TreeMap<>();
        try (FencingProducer producer = newProducer(clients, slice)) {
            StateTopic stateTopic = new StateTopic(clients, JobNames.stateTopic(job.name()));
            Map<Integer, PartitionProgress> stored = fenceAndRead(producer, stateTopic, planned);
            SortedMap<Integer, StagedRange> ours = new TreeMap<>();
            for (StagedRange each : delta.ranges()) {
                int partition = each.range().partition();
                PartitionVerdict verdict = decide(slice, each, stored.get(partition));
                if (verdict == null) {
                    ours.put(partition, each);
                } else {
                    verdicts.put(partition, verdict);
                }
            }
            checkpoints.reached(Point.PRODUCE_DECIDED);
            if (!ours.isEmpty()) {
                try (WorkerMemory.Share share = memory.share(slice, ours.keySet())) {
                    write(slice, delta, producer, stateTopic, stored, ours, verdicts, progress, share);
                } catch (StagedLostException e) {
                    ours.forEach((partition, each) -> verdicts.put(
                            partition,
                            verdict(Verdict.STAGED_LOST, partition, each.range().from())));
                }
            }
        }
        staging.delete(StagedNames.run(slice), StagedNames.slice(slice));
        return new ProduceResult(List.copyOf(verdicts.values()));
    }

    /** The producer of this attempt: the same id for every attempt at the slice. */
    protected FencingProducer newProducer(KafkaClients clients, SliceRef slice) {
        return new FencingProducer(
                clients,
                JobNames.sliceTransactionalId(slice.job().name(), slice.job().partitionsPerSlice(), slice.slice()),
                // Rows and state.
                2 * slice.job().partitionsPerSlice());
    }

    /**
     * First the fence, then the read; the other way round, an older attempt could commit in between. Progress that is behind
     * what the plan has seen is asked for again, before it counts as lost.
     *
     * @param planned where the range of each partition begins
     */
    protected Map<Integer, PartitionProgress> fenceAndRead(
            FencingProducer producer, StateTopic stateTopic, Map<Integer, Long> planned) {
        producer.fence();
        checkpoints.reached(Point.PRODUCE_AFTER_FENCE);
        return SecondLook.atLeaders(clients)
                .until(
                        stored -> PartitionProgress.reaches(stored, planned),
                        () -> stateTopic.readAfterFence(producer, planned.keySet()));
    }

    /** The comparison of compare-and-set; null where the range begins exactly where the stored progress ends. */
    protected @Nullable PartitionVerdict decide(
            SliceRef slice, StagedRange staged, @Nullable PartitionProgress stored) {
        PartitionRange range = staged.range();
        String where = slice.job().input().topic() + "[" + range.partition() + "]";
        if (stored == null) {
            return failed(
                    range.partition(),
                    range.from(),
                    new TidemarkException(
                            FailureKind.STATE_LOST,
                            where + ": the plan found progress in the state topic "
                                    + JobNames.stateTopic(slice.job().name())
                                    + ", and now there is none. Find out who deleted it, and restore"
                                    + " it, or give the job a new name to start anew"));
        }
        try {
            new IdentityCheck(slice.job()).require(slice.identity(), range.partition(), stored);
        } catch (TidemarkException e) {
            return failed(range.partition(), stored.through(), e);
        }
        if (stored.through() < range.from()) {
            return failed(
                    range.partition(),
                    stored.through(),
                    new TidemarkException(
                            FailureKind.STATE_LOST,
                            where + ": the plan begins at offset " + range.from() + " and the stored progress ends at "
                                    + stored.through()
                                    + ": the state topic was put back to an earlier state. Restore its newest"
                                    + " one, or give the job a new name to start anew"));
        }
        boolean done = stored.through() >= range.to();
        if (!done && stored.through() == range.from()) {
            return null;
        }
        Batch last = stored.last();
        // An attempt of this run whose answer nobody has heard; perhaps it had read less than this one.
        boolean ours = last != null
                && last.runId().equals(slice.runId())
                && last.from() == range.from()
                && last.to() <= range.to();
        return new PartitionVerdict(
                range.partition(),
                done ? Verdict.DONE_BEFORE : Verdict.STALE,
                stored.through(),
                last != null && ours ? last.counts() : RecordCounts.NONE,
                last != null && ours ? last.rows() : 0,
                null);
    }

    private void write(
            SliceRef slice,
            Staged delta,
            FencingProducer producer,
            StateTopic stateTopic,
            Map<Integer, PartitionProgress> stored,
            SortedMap<Integer, StagedRange> ours,
            Map<Integer, PartitionVerdict> verdicts,
            StepProgress progress,
            Memory share)
            throws StagedLostException {
        JobSpec job = slice.job();
        requireSameMeaning(slice);
        StagedFile deadLetters = delta.deadLetters();
        if (deadLetters != null) {
            // They are read in the transaction, which must not begin if they are lost.
            staging.verify(deadLetters);
        }
        SortedMap<Integer, CellTable> deltas = new TreeMap<>();
        StagedCells.read(staging, job, delta.cells(), ours.keySet(), deltas, share);

        UpdateMaker maker = new UpdateMaker(slice, stateTopic, progress, share, ours.size() > 1);
        ours.forEach((partition, each) -> {
            CellTable cells = deltas.remove(partition);
            maker.add(each, before(stored, partition), cells == null ? emptyTable(job) : cells);
        });
        Map<Integer, PartitionUpdate> updates = maker.finish();
        maker.refused()
                .forEach((partition, why) -> verdicts.put(
                        partition, failed(partition, before(stored, partition).through(), why)));
        if (updates.isEmpty()) {
            return;
        }
        // What the producer may hold until the broker has it.
        share.take(Math.min(
                KafkaClients.PRODUCER_BUFFER,
                updates.values().stream().mapToLong(PartitionUpdate::payload).sum()));
        // Only now: readers of the output wait for an open transaction, and the broker aborts one that takes long.
        producer.begin();
        List<PartitionUpdate.ChunkSlot> chunkSlots = new ArrayList<>();
        boolean first = true;
        for (PartitionUpdate each : updates.values()) {
            each.sendTo(producer, chunkSlots);
            if (first) {
                checkpoints.reached(Point.PRODUCE_IN_SENDS);
                first = false;
            }
            reportOrAbort(progress, producer);
        }
        List<Long> offsets = producer.flush();
        if (deadLetters != null) {
            sendDeadLetters(job, deadLetters, updates, producer);
        }
        for (PartitionUpdate.ChunkSlot each : chunkSlots) {
            each.update().chunkAt(each, offsets.get(each.index()));
        }
        updates.forEach((partition, update) -> producer.send(
                JobNames.stateTopic(job.name()),
                partition,
                StateKeys.progress(),
                ProgressCodec.encode(update.progress()),
                Map.of()));
        producer.flush();
        reportOrAbort(progress, producer);
        checkpoints.reached(Point.PRODUCE_AFTER_SENDS);
        producer.commit();
        checkpoints.reached(Point.PRODUCE_AFTER_COMMIT);
        updates.forEach((partition, update) -> verdicts.put(
                partition,
                new PartitionVerdict(
                        partition,
                        Verdict.DONE,
                        update.progress().through(),
                        update.staged().counts(),
                        update.rows(),
                        null)));
    }

    /**
     * Who is stopped here is not made again where the run was cancelled, so no fence would end what is open, and readers
     * of the output would wait for the broker to do it.
     */
    private static void reportOrAbort(StepProgress progress, FencingProducer producer) {
        try {
            progress.report(List.of(), 0);
        } catch (RuntimeException stopped) {
            throw producer.abortAfter(stopped);
        }
    }

    private static PartitionProgress before(Map<Integer, PartitionProgress> stored, int partition) {
        return Objects.requireNonNull(stored.get(partition), "a partition takes part only with progress");
    }

    private static CellTable emptyTable(JobSpec job) {
        return new CellTable(CellLayout.of(job), job.limits().cells());
    }

    private static void requireSameMeaning(SliceRef slice) {
        String now = JobFingerprint.of(slice.job()).hash();
        if (!now.equals(slice.identity().fingerprint())) {
            throw new TidemarkException(
                    FailureKind.JOB_CHANGED,
                    "the delta was made for a job with the fingerprint "
                            + slice.identity().fingerprint() + ", and this job has " + now);
        }
    }

    private void sendDeadLetters(
            JobSpec job, StagedFile file, Map<Integer, PartitionUpdate> updates, FencingProducer producer)
            throws StagedLostException {
        String topic = JobNames.deadLetterTopic(job.output().topic());
        staging.read(
                file,
                in -> DeadLetterCsv.read(in, each -> {
                    if (updates.containsKey(each.partition())) {
                        producer.send(topic, each.partition(), each.key(), each.value(), headers(job, each));
                        if (producer.sent() >= LETTERS_AT_ONCE) {
                            producer.flush();
                        }
                    }
                }));
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

    private static PartitionVerdict verdict(Verdict verdict, int partition, long through) {
        return new PartitionVerdict(partition, verdict, through, RecordCounts.NONE, 0, null);
    }

    private static PartitionVerdict failed(int partition, long through, TidemarkException e) {
        return new PartitionVerdict(
                partition,
                Verdict.FAILED,
                through,
                RecordCounts.NONE,
                0,
                new PartitionProblem(partition, e.kind(), String.valueOf(e.getMessage())));
    }
}
