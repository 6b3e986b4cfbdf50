package io.tidemark.step;

import io.tidemark.check.WrittenRows;
import io.tidemark.job.JobNames;
import io.tidemark.job.OutputSpec.Emit;
import io.tidemark.kafka.state.StateTopic;
import io.tidemark.kafka.transaction.FencingProducer;
import io.tidemark.row.RowHeader;
import io.tidemark.run.SliceRef;
import io.tidemark.run.StagedRange;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.ChunkRef;
import io.tidemark.state.ChunkRef.Page;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.StateKeys;
import io.tidemark.state.Windows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The changes of one partition's batch: the rows of the touched cells and of closed windows, the chunks of the touched
 * windows, and the progress. It is complete before any part of it is sent, so that a partition that fails adds nothing to
 * the transaction.
 */
final class PartitionUpdate implements BatchUpdate {
    /** The order of chunks in the progress record: by window, then by their groups, so that they are packed well. */
    private static final Comparator<ChunkRef> ORDER = Comparator.comparingLong(ChunkRef::window)
            .thenComparing(PartitionUpdate::first, Arrays::compareUnsigned)
            .thenComparingInt(ChunkRef::number);

    private static final byte[] START = {};

    private final SliceRef slice;
    private final StagedRange staged;
    private final PartitionProgress before;
    private final Closes closes;
    private final long watermark;
    private final long cells;
    private final List<Row> rows;
    private final List<Chunk> chunks;
    private final List<byte[]> removed = new ArrayList<>();
    /** The chunks after the batch; complete when {@link #sentAt} was called. */
    private final List<ChunkRef> refs;

    private int firstRow;
    private int firstChunk;
    private long outputEnd;

    /** @param isFinal whether its window is closed */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Row(byte[] key, byte[] value, boolean isFinal) {}

    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Chunk(
            long window, int number, byte[] bytes, @Nullable Page page) {}

    PartitionUpdate(SliceRef slice, Merge merge, long cells, List<Row> rows, List<Chunk> chunks) {
        this.slice = slice;
        this.staged = merge.staged();
        this.before = merge.before();
        this.closes = merge.closes();
        this.watermark = merge.watermark();
        this.cells = cells;
        this.rows = rows;
        this.chunks = chunks;
        this.refs = new ArrayList<>(merge.chunks().kept());
        this.outputEnd = before.outputEnd();
        Set<String> written = new HashSet<>();
        chunks.forEach(each -> written.add(each.window() + "/" + each.number()));
        for (ChunkRef each : merge.chunks().gone()) {
            if (!written.contains(each.window() + "/" + each.number())) {
                removed.add(StateKeys.chunk(each.window(), each.number()));
            }
        }
    }

    @Override
    public StagedRange staged() {
        return staged;
    }

    Closes closes() {
        return closes;
    }

    long rows() {
        return rows.size();
    }

    long finalRows() {
        return rows.stream().filter(Row::isFinal).count();
    }

    private Map<String, byte[]> headers(boolean isFinal) {
        String job = slice.job().name();
        long generation = before.identity().generation();
        return slice.job().close() == null
                ? Map.of(RowHeader.NAME, RowHeader.value(job, generation))
                : RowHeader.ofClosingJob(job, generation, staged.range().to(), isFinal);
    }

    @Override
    public long payload() {
        long headers = headers(true).entrySet().stream()
                .mapToLong(each -> each.getKey().length() + each.getValue().length)
                .sum();
        return rows.stream()
                        .mapToLong(row -> headers + row.key().length + row.value().length)
                        .sum()
                + chunks.stream().mapToLong(each -> each.bytes().length).sum();
    }

    @Override
    public void sendTo(FencingProducer producer) {
        int partition = staged.range().partition();
        String output = slice.job().output().topic();
        firstRow = producer.sent();
        Map<String, byte[]> open = headers(false);
        Map<String, byte[]> closed = headers(true);
        for (Row row : rows) {
            producer.send(output, partition, row.key(), row.value(), row.isFinal() ? closed : open);
        }
        String state = JobNames.stateTopic(slice.job());
        firstChunk = producer.sent();
        for (Chunk each : chunks) {
            producer.send(state, partition, StateKeys.chunk(each.window(), each.number()), each.bytes(), Map.of());
        }
        for (byte[] key : removed) {
            producer.send(state, partition, key, null, Map.of());
        }
    }

    /** @throws TidemarkException ROWS_LOST if rows that were written before are gone */
    @Override
    public void sentAt(List<Long> offsets) {
        if (!rows.isEmpty()) {
            new WrittenRows(slice.job()).requireFollowing(before, staged.range().partition(), offsets.get(firstRow));
            outputEnd = offsets.get(firstRow + rows.size() - 1) + 1;
        }
        for (int i = 0; i < chunks.size(); i++) {
            Chunk each = chunks.get(i);
            refs.add(new ChunkRef(
                    each.window(),
                    each.number(),
                    offsets.get(firstChunk + i),
                    StateTopic.checksum(each.bytes()),
                    each.page()));
        }
    }

    @Override
    public PartitionProgress progress() {
        List<ChunkRef> all = new ArrayList<>(refs);
        all.sort(ORDER);
        return new PartitionProgress(
                before.identity(),
                before.meaning(),
                before.partitionsPerSlice(),
                staged.range().to(),
                BatchUpdate.leaderEpoch(before, staged),
                cells,
                bytes(all),
                new Windows(
                        closes.closedBefore(),
                        watermark,
                        all.isEmpty() ? Windows.NO_TOTALS : all.get(0).window(),
                        slice.job().output().emit() == Emit.FINAL && !all.isEmpty()),
                BatchUpdate.batch(slice, before, staged, rows.size(), finalRows(), closes.windows(), outputEnd),
                all,
                List.of());
    }

    /** Returns how many bytes chunks have together, or -1 if some were written in version 1, which does not say it. */
    static long bytes(List<ChunkRef> chunks) {
        long bytes = 0;
        for (ChunkRef each : chunks) {
            Page page = each.page();
            if (page == null) {
                return -1;
            }
            bytes += page.bytes();
        }
        return bytes;
    }

    private static byte[] first(ChunkRef chunk) {
        Page page = chunk.page();
        return page == null ? START : page.first();
    }
}
