package io.tidemark.step;

import io.tidemark.aggregate.AggregatorException;
import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.Memory;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.job.OutputSpec.Emit;
import io.tidemark.kafka.state.StateTopic;
import io.tidemark.part.LimitException;
import io.tidemark.row.NotFiniteException;
import io.tidemark.row.RowEncoder;
import io.tidemark.row.WindowTotals;
import io.tidemark.run.FailureKind;
import io.tidemark.run.SliceRef;
import io.tidemark.run.StagedRange;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.ChunkCodec;
import io.tidemark.state.ChunkRef;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.WindowPages;
import io.tidemark.step.PartitionUpdate.Chunk;
import io.tidemark.step.PartitionUpdate.Row;
import io.tidemark.window.RowWindows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Makes the updates of one slice's partitions: reads the stored totals of the touched windows and adds the deltas to
 * them. Partitions with few stored cells are read together, because the round trip to the broker dominates.
 */
final class UpdateMaker implements BatchUpdates {
    /** At most this many stored cells are read at once: one or two megabytes. A partition with more is read alone. */
    private static final long CELLS_AT_ONCE = 10_000;
    /** A longer window becomes pages, of which a batch that touches few of its groups rewrites few. */
    private static final int MOST_BYTES_WITHOUT_PAGES = 4 * BatchUpdate.CHUNK_BYTES;

    private final SliceRef slice;
    private final JobSpec job;
    private final ChunkReader stateTopic;
    private final StepProgress progress;
    private final Memory memory;
    private final CloseTarget target;
    private final RowWindows windows;
    private final CellLayout layout;
    private final ChunkCodec codec;
    private final RowEncoder encoder;
    /** True if the slice has more than one partition; a failing one is then left out or retried alone. */
    private final boolean shared;

    private final Map<Integer, BatchUpdate> updates = new LinkedHashMap<>();
    private final Map<Integer, TidemarkException> refused = new TreeMap<>();
    private final List<Merge> together = new ArrayList<>();
    private long cellsTogether;

    /** Reads chunks of the state topic; see {@link StateTopic#readChunks}. */
    @FunctionalInterface
    interface ChunkReader {
        void readChunks(Map<Integer, List<ChunkRef>> wanted, StateTopic.ChunkHandler handler);
    }

    UpdateMaker(SliceRef slice, ChunkReader stateTopic, StepProgress progress, Memory memory, boolean shared) {
        this.slice = slice;
        this.job = slice.job();
        this.stateTopic = stateTopic;
        this.progress = progress;
        this.memory = memory;
        this.shared = shared;
        this.target = new CloseTarget(job);
        this.windows = RowWindows.of(job.window());
        this.layout = CellLayout.of(job);
        this.codec = new ChunkCodec(layout);
        this.encoder = new RowEncoder(job);
    }

    @Override
    public void add(StagedRange staged, PartitionProgress before, CellTable delta) {
        try {
            BatchUpdate.requireWritable(slice, staged, before);
        } catch (TidemarkException e) {
            refuse(staged.range().partition(), e);
            return;
        }
        Merge merge = Merge.of(job, windows, target, staged, before, delta);
        // Not all cells of the partition: their number grows with the age of the job.
        if (cellsTogether + merge.cells() > CELLS_AT_ONCE) {
            flush();
        }
        together.add(merge);
        cellsTogether += merge.cells();
    }

    @Override
    public Map<Integer, BatchUpdate> finish() {
        flush();
        return updates;
    }

    @Override
    public Map<Integer, TidemarkException> refused() {
        return refused;
    }

    private void flush() {
        merge(together);
        together.clear();
        cellsTogether = 0;
    }

    /**
     * The stored cells of a partition that a batch reads.
     *
     * @param tables those that it changes or removes, to which those of the batch are added, and, if windows overlap, those that
     *     only its rows need
     */
    private record Stored(Merge merge, List<CellTable> tables) {
        CellTable totals() {
            return tables.get(0);
        }

        CellTable of(ChunkRef chunk) {
            return tables.get(merge.chunks().isOnlyForRows(chunk) ? 1 : 0);
        }

        void free() {
            tables.forEach(CellTable::free);
        }
    }

    private void merge(List<Merge> merges) {
        Map<Integer, Stored> stored = new LinkedHashMap<>();
        try {
            Map<Integer, List<ChunkRef>> wanted = new HashMap<>();
            for (Merge each : merges) {
                stored.put(
                        each.partition(),
                        new Stored(each, windows.overlap() ? List.of(table(), table()) : List.of(table())));
                wanted.put(each.partition(), each.chunks().wanted());
            }
            stateTopic.readChunks(
                    wanted,
                    (partition, ref, bytes) ->
                            decode(partition, ref, bytes, of(stored, partition).of(ref)));
        } catch (TidemarkException e) {
            stored.values().forEach(Stored::free);
            if (merges.size() > 1 && !e.kind().retryable()) {
                // To find the partition that fails.
                merges.forEach(each -> merge(List.of(each)));
            } else {
                refuse(merges.get(0).partition(), e);
            }
            return;
        }
        for (Stored each : stored.values()) {
            int partition = each.merge().partition();
            try {
                updates.put(partition, update(each));
            } catch (AggregatorException e) {
                refuse(partition, Cells.failure(where(partition), e));
            } catch (TidemarkException e) {
                refuse(partition, e);
            }
            progress.report(List.of(), 0);
        }
    }

    /** Returns a table for stored cells; those of windows that close do not count for the limit of the job. */
    private CellTable table() {
        return new CellTable(layout, job.close() == null ? job.limits().cells() : Integer.MAX_VALUE, memory);
    }

    private static Stored of(Map<Integer, Stored> stored, int partition) {
        return Objects.requireNonNull(stored.get(partition), "the totals of this partition were not requested");
    }

    private void refuse(int partition, TidemarkException why) {
        // If the memory is too small for all partitions together, it may suffice for each alone.
        if (why.kind().retryable() || (why.kind() == FailureKind.TOO_LITTLE_MEMORY && shared)) {
            throw why;
        }
        refused.put(partition, why);
    }

    private PartitionUpdate update(Stored stored) {
        Merge merge = stored.merge();
        CellTable totals = stored.totals();
        int partition = merge.partition();
        long known = totals.size();
        Cells.merge(job, partition, totals, merge.delta());
        int[] order = totals.sortedSlots();
        int freed = freed(merge.closes(), totals, order);
        long cells = merge.before().cells() - merge.chunks().unreadCells() - known + totals.size() - freed;
        // What is left to close is closed by the next batch of the same run, and must not keep it from being reached.
        if (cells > job.limits().cells() && merge.closes().all()) {
            throw new TidemarkException(
                    FailureKind.TOO_MANY_CELLS,
                    where(partition) + ": the partition would have " + cells + " cells (a cell is a pair of window"
                            + " and group), and limits.cells is " + job.limits().cells()
                            + "; raise the limit, or use longer windows or fewer groups");
        }
        List<Row> rows = windows.overlap()
                ? mergedRows(stored)
                : job.output().emit() == Emit.FINAL
                        ? rows(merge, totals, totals, Arrays.copyOf(order, freed))
                        : rows(merge, totals, merge.delta(), merge.delta().sortedSlots());
        List<Chunk> chunks = chunks(merge, totals, Arrays.copyOfRange(order, freed, order.length));
        requireFewBytes(merge, chunks);
        PartitionUpdate update = new PartitionUpdate(slice, merge, cells, rows, chunks);
        merge.delta().free();
        stored.free();
        return update;
    }

    private void requireFewBytes(Merge merge, List<Chunk> chunks) {
        long kept = PartitionUpdate.bytes(merge.chunks().kept());
        long bytes =
                kept + chunks.stream().mapToLong(each -> each.bytes().length).sum();
        if (kept >= 0 && bytes > job.limits().bytes() && merge.closes().all()) {
            throw new TidemarkException(
                    FailureKind.STATE_TOO_LARGE,
                    where(merge.partition()) + ": the stored totals of the partition would have " + bytes
                            + " bytes, and limits.bytes is " + job.limits().bytes()
                            + "; raise the limit, let windows close, or take aggregates that keep less of each record, such as"
                            + " distinct with method: approximate");
        }
    }

    private void decode(int partition, ChunkRef ref, byte[] bytes, CellTable into) {
        try {
            codec.decode(bytes, ref.window(), into);
        } catch (LimitException e) {
            throw Cells.failure(where(partition) + ", in the stored totals of the touched windows alone", e);
        } catch (AggregatorException e) {
            throw Cells.failure(where(partition), e);
        } catch (Exception e) {
            throw StateTopic.unreadable(JobNames.stateTopic(job), partition, ref, e);
        }
    }

    /** Returns how many of the cells, by pane, are in panes that no open window contains: they come first. */
    private static int freed(Closes closes, CellTable totals, int[] order) {
        int freed = 0;
        while (freed < order.length && closes.frees(totals.window(order[freed]))) {
            freed++;
        }
        return freed;
    }

    /** Makes the rows of windows of several panes: those of closed windows, or those of the touched groups. */
    private List<Row> mergedRows(Stored stored) {
        Merge merge = stored.merge();
        boolean isFinal = job.output().emit() == Emit.FINAL;
        WindowTotals panes = new WindowTotals(windows, layout, memory, stored.tables(), isFinal ? null : merge.delta());
        long from = merge.before().windows().closedBefore();
        long before = isFinal ? merge.closes().closedBefore() : Long.MAX_VALUE;
        List<Row> rows = new ArrayList<>();
        for (long window : windows.containing(panes.panes(), from, before)) {
            try {
                CellTable totals = panes.of(window);
                rows.addAll(rows(merge, totals, totals, totals.sortedSlots()));
                totals.free();
            } catch (LimitException e) {
                throw Cells.failure(where(merge.partition()) + ": window " + windows.text(window), e);
            }
            progress.report(List.of(), 0);
        }
        return rows;
    }

    /** Makes the rows of these cells of a table, with their totals. */
    private List<Row> rows(Merge merge, CellTable totals, CellTable cells, int[] slots) {
        List<Row> rows = new ArrayList<>(slots.length);
        for (int slot : slots) {
            byte[] group = cells.key(slot);
            long window = cells.window(slot);
            int total = totals.find(window, group, 0, group.length);
            try {
                byte[] key = encoder.key(totals, total);
                byte[] value = encoder.value(totals, total);
                memory.take(BatchUpdate.RECORD_OVERHEAD + key.length + value.length);
                rows.add(new Row(key, value, merge.closes().contains(window)));
            } catch (NotFiniteException e) {
                throw new TidemarkException(FailureKind.NOT_FINITE, where(merge.partition()) + ": " + e.getMessage());
            }
        }
        return rows;
    }

    /** Makes the chunks of all cells of touched windows, or of their touched pages. */
    private List<Chunk> chunks(Merge merge, CellTable totals, int[] order) {
        boolean paged = job.close() != null
                || !layout.accumulators().isEmpty()
                || merge.before().version() > 1;
        List<Chunk> chunks = new ArrayList<>();
        for (int from = 0; from < order.length; ) {
            long window = totals.window(order[from]);
            int to = from;
            while (to < order.length && totals.window(order[to]) == window) {
                to++;
            }
            int[] cells = Arrays.copyOfRange(order, from, to);
            if (paged || codec.bytes(totals, cells) > MOST_BYTES_WITHOUT_PAGES) {
                for (WindowPages.Draft each :
                        merge.chunks().pages(window).rewrite(codec, totals, cells, this::reserve)) {
                    chunks.add(new Chunk(window, each.number(), each.bytes(), each.page()));
                }
            } else {
                int number = 0;
                for (byte[] bytes : codec.encode(totals, cells, BatchUpdate.CHUNK_BYTES, this::reserve)) {
                    chunks.add(new Chunk(window, number++, bytes, null));
                }
            }
            from = to;
        }
        return chunks;
    }

    private void reserve(long length) {
        memory.take(BatchUpdate.RECORD_OVERHEAD + length);
    }

    private String where(int partition) {
        return job.input().topic() + "[" + partition + "]";
    }
}
