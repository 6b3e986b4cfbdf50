package io.tidemark.pipeline;

import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.Memory;
import io.tidemark.aggregate.TooManyCellsException;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.FencingProducer;
import io.tidemark.kafka.StateTopic;
import io.tidemark.row.NotFiniteException;
import io.tidemark.row.RowEncoder;
import io.tidemark.run.FailureKind;
import io.tidemark.run.SliceRef;
import io.tidemark.run.StagedRange;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.ChunkCodec;
import io.tidemark.state.ChunkRef;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.PartitionProgress.Batch;
import io.tidemark.state.StateKeys;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What one partition's batch changes: the rows of the touched cells, the chunks of the touched windows and the progress.
 * Made whole before anything of it is sent, so that a partition that cannot be done leaves no trace in the transaction.
 */
final class PartitionUpdate {
    /** Well below what any broker takes for a message, and few enough for a window of many cells. */
    private static final int CHUNK_BYTES = 256 * 1024;
    /** Bytes that a record takes beside its payload: headers of arrays, and the promise of its offset. */
    private static final int SENDING = 200;

    private final SliceRef slice;
    private final StagedRange staged;
    private final PartitionProgress before;
    private final long cells;
    private final List<byte[][]> rows;
    private final List<Chunk> chunks;
    private final Set<Long> touched;
    private final List<ChunkRef> written = new ArrayList<>();

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Chunk(long window, int number, byte[] bytes) {}

    /** A chunk that was sent as the {@code index}-th record of its transaction. */
    record ChunkSlot(PartitionUpdate update, int index, long window, int number, int checksum) {}

    private PartitionUpdate(
            SliceRef slice,
            StagedRange staged,
            PartitionProgress before,
            long cells,
            List<byte[][]> rows,
            List<Chunk> chunks,
            Set<Long> touched) {
        this.slice = slice;
        this.staged = staged;
        this.before = before;
        this.cells = cells;
        this.rows = rows;
        this.chunks = chunks;
        this.touched = touched;
    }

    StagedRange staged() {
        return staged;
    }

    long rows() {
        return rows.size();
    }

    /** Keys and values of all that it sends. */
    long payload() {
        return rows.stream().mapToLong(row -> row[0].length + row[1].length).sum()
                + chunks.stream().mapToLong(each -> each.bytes().length).sum();
    }

    void sendTo(FencingProducer producer, List<ChunkSlot> slots) {
        int partition = staged.range().partition();
        String output = slice.job().output().topic();
        for (byte[][] row : rows) {
            producer.send(output, partition, row[0], row[1], Map.of());
        }
        String state = JobNames.stateTopic(slice.job().name());
        for (Chunk each : chunks) {
            slots.add(new ChunkSlot(
                    this, producer.sent(), each.window(), each.number(), StateTopic.checksum(each.bytes())));
            producer.send(state, partition, StateKeys.chunk(each.window(), each.number()), each.bytes(), Map.of());
        }
    }

    /** Tells where a chunk has come to lie. */
    void chunkAt(ChunkSlot slot, long offset) {
        written.add(new ChunkRef(slot.window(), slot.number(), offset, slot.checksum()));
    }

    /** The progress after this batch; complete when every chunk's offset is known. */
    PartitionProgress progress() {
        List<ChunkRef> all = new ArrayList<>(written);
        for (ChunkRef each : before.chunks()) {
            if (!touched.contains(each.window())) {
                all.add(each);
            }
        }
        all.sort(Comparator.comparingLong(ChunkRef::window).thenComparingInt(ChunkRef::number));
        Batch last = before.last();
        long badBefore = last != null && last.runId().equals(slice.runId()) ? last.badInRun() : 0;
        return new PartitionProgress(
                before.identity(),
                before.meaning(),
                before.partitionsPerSlice(),
                staged.range().to(),
                staged.leaderEpoch() < 0 ? before.leaderEpoch() : staged.leaderEpoch(),
                cells,
                new Batch(
                        staged.range().from(),
                        staged.range().to(),
                        slice.runId(),
                        staged.counts(),
                        rows.size(),
                        badBefore + staged.counts().bad(),
                        Math.max(staged.newest(), last == null ? -1 : last.newest()),
                        staged.logStart(),
                        System.currentTimeMillis()),
                all);
    }

    /** Makes the updates of one slice's partitions. */
    static final class Maker {
        private final SliceRef slice;
        private final StateTopic.ChunkReader stored;
        private final Memory memory;
        private final CellLayout layout;
        private final ChunkCodec codec;
        private final RowEncoder encoder;

        Maker(SliceRef slice, StateTopic.ChunkReader stored, Memory memory) {
            this.slice = slice;
            this.stored = stored;
            this.memory = memory;
            this.layout = CellLayout.of(slice.job());
            this.codec = new ChunkCodec(layout);
            this.encoder = new RowEncoder(slice.job());
        }

        /** Adds a delta, which is used up, to the stored totals of the windows that it touches. */
        PartitionUpdate make(StagedRange staged, PartitionProgress before, CellTable delta) {
            JobSpec job = slice.job();
            int partition = staged.range().partition();
            requireFewBad(staged, before);
            Set<Long> touched = new HashSet<>();
            for (int slot : delta.sortedSlots()) {
                touched.add(delta.window(slot));
            }
            CellTable totals = new CellTable(layout, job.limits().cells(), memory);
            stored.read(
                    partition,
                    before.chunks().stream()
                            .filter(each -> touched.contains(each.window()))
                            .toList(),
                    (ref, bytes) -> decode(partition, ref, bytes, totals));
            long known = totals.size();
            Cells.merge(job, partition, totals, delta);
            long cells = before.cells() + totals.size() - known;
            if (cells > job.limits().cells()) {
                throw new TidemarkException(
                        FailureKind.TOO_MANY_CELLS,
                        where(partition) + ": the partition would hold " + cells + " cells (a window and group each),"
                                + " and limits.cells is " + job.limits().cells()
                                + "; raise it, or take longer windows or fewer groups");
            }
            int[] order = totals.sortedSlots();
            PartitionUpdate update = new PartitionUpdate(
                    slice, staged, before, cells, rows(partition, totals, delta), chunks(totals, order), touched);
            delta.free();
            totals.free();
            return update;
        }

        private void decode(int partition, ChunkRef ref, byte[] bytes, CellTable into) {
            try {
                codec.decode(bytes, ref.window(), into);
            } catch (TooManyCellsException e) {
                throw new TidemarkException(
                        FailureKind.TOO_MANY_CELLS,
                        where(partition) + ": " + e.getMessage()
                                + " (limits.cells), and the stored totals of the touched windows alone have more");
            } catch (Exception e) {
                throw new TidemarkException(
                        FailureKind.STATE_UNREADABLE,
                        "state of " + where(partition) + ", chunk " + ref.window() + "/" + ref.number() + " at offset "
                                + ref.offset() + ": " + e.getMessage(),
                        e);
            }
        }

        private void requireFewBad(StagedRange staged, PartitionProgress before) {
            Batch last = before.last();
            long bad =
                    staged.counts().bad() + (last != null && last.runId().equals(slice.runId()) ? last.badInRun() : 0);
            long limit = slice.job().badRecords().limit();
            if (bad > limit) {
                throw new TidemarkException(
                        FailureKind.TOO_MANY_BAD_RECORDS,
                        where(staged.range().partition()) + ": " + bad
                                + " bad records in this run, and badRecords.limit is " + limit);
            }
        }

        private List<byte[][]> rows(int partition, CellTable totals, CellTable delta) {
            List<byte[][]> rows = new ArrayList<>(delta.size());
            for (int slot : delta.sortedSlots()) {
                byte[] key = delta.key(slot);
                int total = totals.find(delta.window(slot), key, 0, key.length);
                try {
                    byte[][] row = {encoder.key(totals, total), encoder.value(totals, total)};
                    memory.take(SENDING + row[0].length + row[1].length);
                    rows.add(row);
                } catch (NotFiniteException e) {
                    throw new TidemarkException(FailureKind.NOT_FINITE, where(partition) + ": " + e.getMessage());
                }
            }
            return rows;
        }

        private List<Chunk> chunks(CellTable totals, int[] order) {
            List<Chunk> chunks = new ArrayList<>();
            for (int from = 0; from < order.length; ) {
                long window = totals.window(order[from]);
                int to = from;
                while (to < order.length && totals.window(order[to]) == window) {
                    to++;
                }
                int number = 0;
                for (byte[] bytes : codec.encode(totals, Arrays.copyOfRange(order, from, to), CHUNK_BYTES)) {
                    memory.take(SENDING + bytes.length);
                    chunks.add(new Chunk(window, number++, bytes));
                }
                from = to;
            }
            return chunks;
        }

        private String where(int partition) {
            return slice.job().input().topic() + "[" + partition + "]";
        }
    }
}
