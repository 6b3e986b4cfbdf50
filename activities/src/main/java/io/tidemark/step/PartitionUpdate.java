package io.tidemark.step;

import io.tidemark.check.WrittenRows;
import io.tidemark.job.JobNames;
import io.tidemark.kafka.state.StateTopic;
import io.tidemark.kafka.transaction.FencingProducer;
import io.tidemark.row.RowHeader;
import io.tidemark.run.SliceRef;
import io.tidemark.run.StagedRange;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.ChunkRef;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.PartitionProgress.Batch;
import io.tidemark.state.StateKeys;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The changes of one partition's batch: the rows of the touched cells, the chunks of the touched windows, and the
 * progress. It is complete before any part of it is sent, so that a partition that fails adds nothing to the
 * transaction.
 */
final class PartitionUpdate {
    private final SliceRef slice;
    private final StagedRange staged;
    private final PartitionProgress before;
    private final long cells;
    private final List<byte[][]> rows;
    private final List<Chunk> chunks;
    private final Set<Long> touched;
    private final List<ChunkRef> written = new ArrayList<>();
    private int firstRow;
    private long outputEnd;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Chunk(long window, int number, byte[] bytes) {}

    /** A chunk that was sent as record number {@code index} of its transaction. */
    record ChunkSlot(PartitionUpdate update, int index, long window, int number, int checksum) {}

    PartitionUpdate(
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
        this.outputEnd = before.outputEnd();
    }

    StagedRange staged() {
        return staged;
    }

    long rows() {
        return rows.size();
    }

    private byte[] header() {
        return RowHeader.value(slice.job().name(), before.identity().generation());
    }

    /** Returns the size of the headers, keys and values of all its records, in bytes. */
    long payload() {
        long header = RowHeader.NAME.length() + header().length;
        return rows.stream()
                        .mapToLong(row -> header + row[0].length + row[1].length)
                        .sum()
                + chunks.stream().mapToLong(each -> each.bytes().length).sum();
    }

    void sendTo(FencingProducer producer, List<ChunkSlot> slots) {
        int partition = staged.range().partition();
        String output = slice.job().output().topic();
        firstRow = producer.sent();
        Map<String, byte[]> headers = Map.of(RowHeader.NAME, header());
        for (byte[][] row : rows) {
            producer.send(output, partition, row[0], row[1], headers);
        }
        String state = JobNames.stateTopic(slice.job());
        for (Chunk each : chunks) {
            slots.add(new ChunkSlot(
                    this, producer.sent(), each.window(), each.number(), StateTopic.checksum(each.bytes())));
            producer.send(state, partition, StateKeys.chunk(each.window(), each.number()), each.bytes(), Map.of());
        }
    }

    /**
     * Records where the rows are.
     *
     * @param offsets of all records of the transaction so far, in the order in which they were sent
     * @throws TidemarkException ROWS_LOST if rows that were written before are gone
     */
    void rowsAt(List<Long> offsets) {
        if (!rows.isEmpty()) {
            new WrittenRows(slice.job()).requireFollowing(before, staged.range().partition(), offsets.get(firstRow));
            outputEnd = offsets.get(firstRow + rows.size() - 1) + 1;
        }
    }

    /** Records the offset that the broker assigned to a chunk. */
    void chunkAt(ChunkSlot slot, long offset) {
        written.add(new ChunkRef(slot.window(), slot.number(), offset, slot.checksum()));
    }

    /** Returns the progress after this batch. Must be called after {@link #chunkAt} for all chunks. */
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
                staged.leaderEpoch(),
                cells,
                -1,
                before.windows(),
                new Batch(
                        staged.range().from(),
                        staged.range().to(),
                        slice.runId(),
                        staged.counts(),
                        rows.size(),
                        0,
                        0,
                        badBefore + staged.counts().bad(),
                        Math.max(staged.newest(), last == null ? -1 : last.newest()),
                        staged.logStart(),
                        System.currentTimeMillis(),
                        outputEnd),
                all);
    }
}
