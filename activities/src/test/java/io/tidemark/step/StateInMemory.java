package io.tidemark.step;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.GroupKey;
import io.tidemark.aggregate.GroupValue;
import io.tidemark.aggregate.GroupValue.GroupType;
import io.tidemark.aggregate.Memory;
import io.tidemark.job.JobFingerprint;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.state.StateTopic;
import io.tidemark.kafka.transaction.FencingProducer;
import io.tidemark.kafka.transaction.UnsafeProducers;
import io.tidemark.run.Closing;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.SliceRef;
import io.tidemark.run.StagedRange;
import io.tidemark.state.ChunkCodec;
import io.tidemark.state.ChunkRef;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.PlanIdentity;
import io.tidemark.state.ProgressCodec;
import io.tidemark.state.RecordCounts;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** The state topic and the output of one partition in memory, written by the batches of a job with one group field. */
final class StateInMemory {
    private final MockProducer<byte[], byte[]> kafka =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final FencingProducer producer = UnsafeProducers.of(kafka);

    private JobSpec job;
    private PartitionProgress progress;
    private long next;

    /** The chunks that a compacted log still has, by key and by offset. */
    private final Map<String, Long> offsets = new HashMap<>();

    private final Map<Long, byte[]> chunks = new HashMap<>();
    private List<ProducerRecord<byte[], byte[]>> rows = List.of();
    private long writtenBytes;
    private long chunksRead;

    StateInMemory(JobSpec job) {
        this.job = job;
        this.progress =
                PartitionProgress.registered(identity(), JobFingerprint.of(job).meaning(), job.partitionsPerSlice(), 0);
    }

    private PlanIdentity identity() {
        return new PlanIdentity(JobFingerprint.of(job).hash(), 1, "in", "out", "state");
    }

    /** From now on the job has other settings, but the same meaning. */
    void change(JobSpec changed) {
        assertThat(JobFingerprint.of(changed).hash())
                .isEqualTo(JobFingerprint.of(job).hash());
        job = changed;
    }

    PartitionProgress progress() {
        return progress;
    }

    /** The rows of the last batch. */
    List<ProducerRecord<byte[], byte[]>> rows() {
        return rows;
    }

    /** The size of the keys and values that the last batch wrote to the state topic. */
    long writtenBytes() {
        return writtenBytes;
    }

    long chunksRead() {
        return chunksRead;
    }

    CellTable delta() {
        return new CellTable(CellLayout.of(job), Integer.MAX_VALUE);
    }

    static void add(CellTable delta, long window, String group) throws Exception {
        byte[] key = GroupKey.of(List.of(new GroupValue(GroupType.STRING, group)));
        double[] record = new double[delta.layout().fields().size()];
        delta.add(delta.findOrAdd(window, key, 0, key.length), record);
    }

    /** Writes a batch; {@code length} is 0 for one that only closes windows. */
    PartitionUpdate batch(CellTable delta, int length, @Nullable Long target, @Nullable Long eventTime)
            throws Exception {
        long closedBefore = progress.windows().closedBefore();
        Closing closing =
                job.close() == null ? null : new Closing(closedBefore, target == null ? closedBefore : target);
        StagedRange staged = new StagedRange(
                new PartitionRange(0, next, next + length, closing),
                RecordCounts.folded(length, 0),
                5,
                -1,
                -1,
                eventTime);
        next += length;
        chunksRead = 0;
        UpdateMaker maker = new UpdateMaker(
                new SliceRef(job, "run", identity(), 0), this::read, StepProgress.NONE, Memory.UNBOUNDED, false);
        maker.add(staged, progress, delta);
        PartitionUpdate update = (PartitionUpdate) requireNonNull(maker.finish().get(0));
        assertThat(maker.refused()).isEmpty();

        kafka.clear();
        update.sendTo(producer);
        List<Long> answers = producer.flush();
        update.sentAt(answers);
        PartitionProgress made = update.progress();
        byte[] stored = ProgressCodec.encode(made);
        progress = ProgressCodec.decode(stored);
        assertThat(progress).isEqualTo(made);
        apply(answers);
        writtenBytes += stored.length + "progress".length();
        return update;
    }

    private void apply(List<Long> answers) {
        rows = new ArrayList<>();
        writtenBytes = 0;
        List<ProducerRecord<byte[], byte[]>> sent = kafka.history();
        for (int i = 0; i < sent.size(); i++) {
            ProducerRecord<byte[], byte[]> each = sent.get(i);
            if (each.topic().equals(job.output().topic())) {
                rows.add(each);
                continue;
            }
            assertThat(each.topic()).isEqualTo(JobNames.stateTopic(job));
            String key = new String(each.key(), StandardCharsets.UTF_8);
            Long old = each.value() == null ? offsets.remove(key) : offsets.put(key, answers.get(i));
            // As if the log was compacted at once.
            if (old != null) {
                chunks.remove(old);
            }
            if (each.value() != null) {
                chunks.put(answers.get(i), each.value());
            }
            writtenBytes += each.key().length + (each.value() == null ? 0 : each.value().length);
        }
    }

    private void read(Map<Integer, List<ChunkRef>> wanted, StateTopic.ChunkHandler handler) {
        for (ChunkRef each : wanted.getOrDefault(0, List.of())) {
            chunksRead++;
            handler.chunk(0, each, chunks.get(each.offset()));
        }
    }

    /** The counts of all stored cells, by window and group, after checks of what the progress says about them. */
    Map<String, Long> cells() throws Exception {
        CellTable all = delta();
        Map<String, Long> keys = new HashMap<>();
        for (ChunkRef each : progress.chunks()) {
            int before = all.size();
            byte[] bytes = chunks.get(each.offset());
            new ChunkCodec(CellLayout.of(job)).decode(bytes, each.window(), all);
            if (each.page() != null) {
                assertThat(all.size() - before).isEqualTo(each.page().cells());
                assertThat(bytes).hasSize(each.page().bytes());
            }
            keys.put(each.window() + "/" + each.number(), each.offset());
        }
        assertThat(keys).as("chunks that the log keeps").isEqualTo(offsets);
        assertThat(progress.cells()).isEqualTo(all.size());
        Map<String, Long> cells = new TreeMap<>();
        for (int slot = 0; slot < all.size(); slot++) {
            cells.put(all.window(slot) + " " + group(all.key(slot)), all.count(slot));
        }
        assertThat(cells).as("each cell is in one chunk").hasSize(all.size());
        return cells;
    }

    private static String group(byte[] key) {
        return GroupKey.values(key).get(0).text();
    }

    static @Nullable String header(ProducerRecord<byte[], byte[]> row, String name) {
        return row.headers().lastHeader(name) == null
                ? null
                : new String(row.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }
}
