package io.tidemark.step;

import io.tidemark.aggregate.AggregatorException;
import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.Memory;
import io.tidemark.row.RowPartition;
import io.tidemark.run.SliceRef;
import io.tidemark.run.StagedRange;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.ChunkCodec;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.StateKeys;
import io.tidemark.step.PartialsUpdate.Partial;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Makes the updates of a slice's partitions in the stage of records: divides each delta among the output partitions. It reads no
 * totals; those are added to in the next stage.
 */
final class PartialsMaker implements BatchUpdates {
    private final SliceRef slice;
    private final Memory memory;
    private final CloseTarget target;
    private final RowPartition rowPartition;
    private final ChunkCodec codec;
    private final Map<Integer, BatchUpdate> updates = new LinkedHashMap<>();
    private final Map<Integer, TidemarkException> refused = new TreeMap<>();

    PartialsMaker(SliceRef slice, Memory memory) {
        this.slice = slice;
        this.memory = memory;
        this.target = new CloseTarget(slice.job());
        this.rowPartition = new RowPartition(slice.job());
        this.codec = new ChunkCodec(CellLayout.of(slice.job()));
    }

    @Override
    public void add(StagedRange staged, PartitionProgress before, CellTable delta) {
        try {
            BatchUpdate.requireWritable(slice, staged, before);
        } catch (TidemarkException e) {
            refused.put(staged.range().partition(), e);
            return;
        }
        long watermark = Merge.watermark(before, staged);
        long closedBefore = Math.max(before.windows().closedBefore(), target.of(staged.range(), watermark));
        int partition = staged.range().partition();
        try {
            updates.put(
                    partition,
                    new PartialsUpdate(slice, staged, before, watermark, closedBefore, partials(staged, delta)));
        } catch (AggregatorException e) {
            refused.put(partition, Cells.failure(slice.job().input().topic() + "[" + partition + "]", e));
        }
        delta.free();
    }

    /** Returns the cells of a batch as records, by output partition and window. */
    private List<Partial> partials(StagedRange staged, CellTable delta) {
        Map<Integer, Map<Long, List<Integer>>> parts = new TreeMap<>();
        for (int slot : delta.sortedSlots()) {
            parts.computeIfAbsent(rowPartition.of(delta, slot), each -> new TreeMap<>())
                    .computeIfAbsent(delta.window(slot), each -> new ArrayList<>())
                    .add(slot);
        }
        List<Partial> partials = new ArrayList<>();
        parts.forEach((output, windows) -> windows.forEach((window, slots) -> {
            byte[] key = StateKeys.partial(
                    window,
                    staged.range().partition(),
                    staged.range().from(),
                    staged.range().to());
            int[] cells = slots.stream().mapToInt(Integer::intValue).toArray();
            for (byte[] bytes : codec.encode(
                    delta,
                    cells,
                    BatchUpdate.CHUNK_BYTES,
                    length -> memory.take(BatchUpdate.RECORD_OVERHEAD + key.length + length))) {
                partials.add(new Partial(output, key, bytes));
            }
        }));
        return partials;
    }

    @Override
    public Map<Integer, BatchUpdate> finish() {
        return updates;
    }

    @Override
    public Map<Integer, TidemarkException> refused() {
        return refused;
    }
}
