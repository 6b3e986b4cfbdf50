package io.tidemark.step;

import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.Memory;
import io.tidemark.aggregate.TooManyCellsException;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.state.StateTopic;
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
import io.tidemark.step.PartitionUpdate.Chunk;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * Makes the updates of one slice's partitions: reads the stored totals of the touched windows and adds the deltas to
 * them. Partitions with few stored cells are read together, because the round trip to the broker dominates.
 */
final class UpdateMaker {
    /** At most this many stored cells are read at once: one or two megabytes. A partition with more is read alone. */
    private static final long CELLS_AT_ONCE = 10_000;
    /**
     * Well below the brokers' default limit for a message (1 MiB), and large enough that a window of many cells has few
     * chunks.
     */
    private static final int CHUNK_BYTES = 256 * 1024;
    /** Estimated memory of a record besides its payload, in bytes: array headers and the future of its offset. */
    private static final int RECORD_OVERHEAD = 200;

    private final SliceRef slice;
    private final JobSpec job;
    private final ChunkReader stateTopic;
    private final StepProgress progress;
    private final Memory memory;
    private final CellLayout layout;
    private final ChunkCodec codec;
    private final RowEncoder encoder;
    /** True if the slice has more than one partition; a failing one is then left out or retried alone. */
    private final boolean shared;

    private final Map<Integer, PartitionUpdate> updates = new LinkedHashMap<>();
    private final Map<Integer, TidemarkException> refused = new TreeMap<>();
    private final List<Merge> together = new ArrayList<>();
    private long cellsTogether;

    /** Reads chunks of the state topic; see {@link StateTopic#readChunks}. */
    @FunctionalInterface
    interface ChunkReader {
        void readChunks(Map<Integer, List<ChunkRef>> wanted, StateTopic.ChunkHandler handler);
    }

    /** A delta and the progress that it is added to. */
    private record Merge(
            StagedRange staged, PartitionProgress before, CellTable delta, Set<Long> touched, List<ChunkRef> chunks) {
        int partition() {
            return staged.range().partition();
        }

        /** Returns the number of stored cells in the touched windows, by the mean number of cells in a chunk. */
        long cells() {
            return chunks.isEmpty()
                    ? 0
                    : before.cells() * chunks.size() / before.chunks().size();
        }
    }

    UpdateMaker(SliceRef slice, ChunkReader stateTopic, StepProgress progress, Memory memory, boolean shared) {
        this.slice = slice;
        this.job = slice.job();
        this.stateTopic = stateTopic;
        this.progress = progress;
        this.memory = memory;
        this.shared = shared;
        this.layout = CellLayout.of(job);
        this.codec = new ChunkCodec(layout);
        this.encoder = new RowEncoder(job);
    }

    /** Adds a partition's delta to the stored totals; frees the delta. */
    void add(StagedRange staged, PartitionProgress before, CellTable delta) {
        try {
            staged.requireReconciled(job.input().topic());
            requireFewBad(staged, before);
        } catch (TidemarkException e) {
            refuse(staged.range().partition(), e);
            return;
        }
        Set<Long> touched = new HashSet<>();
        for (int slot = 0; slot < delta.size(); slot++) {
            touched.add(delta.window(slot));
        }
        List<ChunkRef> chunks = before.chunks().stream()
                .filter(each -> touched.contains(each.window()))
                .toList();
        Merge merge = new Merge(staged, before, delta, touched, chunks);
        // Not all cells of the partition: their number grows with the age of the job.
        if (cellsTogether + merge.cells() > CELLS_AT_ONCE) {
            flush();
        }
        together.add(merge);
        cellsTogether += merge.cells();
    }

    /** Returns the updates by partition, in the order of {@link #add}; refused partitions are left out. */
    Map<Integer, PartitionUpdate> finish() {
        flush();
        return updates;
    }

    /**
     * Returns why partitions were refused. No update contains any part of them, so the other partitions can be written.
     */
    Map<Integer, TidemarkException> refused() {
        return refused;
    }

    private void flush() {
        merge(together);
        together.clear();
        cellsTogether = 0;
    }

    private void merge(List<Merge> merges) {
        Map<Integer, CellTable> totals = new HashMap<>();
        try {
            Map<Integer, List<ChunkRef>> wanted = new HashMap<>();
            for (Merge each : merges) {
                totals.put(each.partition(), new CellTable(layout, job.limits().cells(), memory));
                wanted.put(each.partition(), each.chunks());
            }
            stateTopic.readChunks(
                    wanted, (partition, ref, bytes) -> decode(partition, ref, bytes, of(totals, partition)));
        } catch (TidemarkException e) {
            totals.values().forEach(CellTable::free);
            if (merges.size() > 1 && !e.kind().retryable()) {
                // To find the partition that fails.
                merges.forEach(each -> merge(List.of(each)));
            } else {
                refuse(merges.get(0).partition(), e);
            }
            return;
        }
        for (Merge each : merges) {
            try {
                updates.put(each.partition(), update(each, of(totals, each.partition())));
            } catch (TidemarkException e) {
                refuse(each.partition(), e);
            }
            progress.report(List.of(), 0);
        }
    }

    private static CellTable of(Map<Integer, CellTable> totals, int partition) {
        return Objects.requireNonNull(totals.get(partition), "the totals of this partition were not requested");
    }

    private void refuse(int partition, TidemarkException why) {
        // If the memory is too small for all partitions together, it may suffice for each alone.
        if (why.kind().retryable() || (why.kind() == FailureKind.TOO_LITTLE_MEMORY && shared)) {
            throw why;
        }
        refused.put(partition, why);
    }

    private PartitionUpdate update(Merge merge, CellTable totals) {
        int partition = merge.partition();
        long known = totals.size();
        Cells.merge(job, partition, totals, merge.delta());
        long cells = merge.before().cells() + totals.size() - known;
        if (cells > job.limits().cells()) {
            throw new TidemarkException(
                    FailureKind.TOO_MANY_CELLS,
                    where(partition) + ": the partition would have " + cells + " cells (a cell is a pair of window"
                            + " and group), and limits.cells is " + job.limits().cells()
                            + "; raise the limit, or use longer windows or fewer groups");
        }
        int[] order = totals.sortedSlots();
        PartitionUpdate update = new PartitionUpdate(
                slice,
                merge.staged(),
                merge.before(),
                cells,
                rows(partition, totals, merge.delta()),
                chunks(totals, order),
                merge.touched());
        merge.delta().free();
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
                            + " (limits.cells), and the stored totals of the touched windows alone exceed it; raise the"
                            + " limit");
        } catch (Exception e) {
            throw new TidemarkException(
                    FailureKind.STATE_UNREADABLE,
                    "state topic " + JobNames.stateTopic(job) + "[" + partition + "], chunk " + ref.window() + "/"
                            + ref.number() + " at offset " + ref.offset() + ": " + e.getMessage(),
                    e);
        }
    }

    private void requireFewBad(StagedRange staged, PartitionProgress before) {
        Batch last = before.last();
        long bad = staged.counts().bad() + (last != null && last.runId().equals(slice.runId()) ? last.badInRun() : 0);
        long limit = job.badRecords().limit();
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
                memory.take(RECORD_OVERHEAD + row[0].length + row[1].length);
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
            int[] cells = Arrays.copyOfRange(order, from, to);
            for (byte[] bytes :
                    codec.encode(totals, cells, CHUNK_BYTES, length -> memory.take(RECORD_OVERHEAD + length))) {
                chunks.add(new Chunk(window, number++, bytes));
            }
            from = to;
        }
        return chunks;
    }

    private String where(int partition) {
        return job.input().topic() + "[" + partition + "]";
    }
}
