package io.tidemark.state;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far one partition is processed: the only authority on progress. It is the last record of each transaction of its
 * partition, so it is committed together with the rows.
 *
 * @param identity what the totals were made against
 * @param meaning the readable form of the job's fingerprint
 * @param partitionsPerSlice the layout of slices, and so of transactional ids
 * @param through the next input offset to read
 * @param leaderEpoch epoch of the leader that appended the offset before {@code through}, or -1 if it is not known
 * @param cells how many cells the chunks hold together
 * @param bytes how many bytes the chunks have together, or -1 if it is not known: some were written in version 1
 * @param windows which windows are closed, and which have totals
 * @param last the last batch, or null for a partition that is only registered
 * @param chunks where the running totals are, by window and number; null if they were not read, because there may be
 *     tens of thousands of a partition
 * @param partialsEnd in the stage of records, by output partition, the offset in the topic of partial totals after the last
 *     ones of this partition; otherwise empty
 */
public record PartitionProgress(
        PlanIdentity identity,
        JsonNode meaning,
        int partitionsPerSlice,
        long through,
        int leaderEpoch,
        long cells,
        long bytes,
        Windows windows,
        @Nullable Batch last,
        @Nullable List<ChunkRef> chunks,
        List<Long> partialsEnd) {

    /** The newest version of the record's form. */
    public static final int VERSION = 3;

    /**
     * The last batch of a partition.
     *
     * @param from its first offset
     * @param to its end, equal to {@code through}
     * @param runId the run that made it
     * @param counts what became of its records
     * @param rows rows written
     * @param finalRows rows of closed windows among them
     * @param closedWindows windows closed that had totals
     * @param badInRun bad records of the partition in all batches of that run; {@code badRecords.limit} bounds it
     * @param newest the latest record time met so far, in milliseconds since the epoch, or -1
     * @param logStart where the input's log began when the batch was read, or -1
     * @param at when it was made, by the worker's clock, in milliseconds since the epoch; only a warning depends on it
     * @param outputEnd the offset after the last row that a batch wrote to the output's partition, or -1 if it is not
     *     known: no batch had rows, or the last one was made by version 0.1
     */
    public record Batch(
            long from,
            long to,
            String runId,
            RecordCounts counts,
            long rows,
            long finalRows,
            long closedWindows,
            long badInRun,
            long newest,
            long logStart,
            long at,
            long outputEnd) {}

    /** Copies the lists. */
    public PartitionProgress {
        chunks = chunks == null ? null : List.copyOf(chunks);
        partialsEnd = List.copyOf(partialsEnd);
    }

    /**
     * Returns where the running totals are.
     *
     * @throws IllegalStateException if the progress was read without them; such a progress cannot be stored either
     */
    @Override
    public List<ChunkRef> chunks() {
        if (chunks == null) {
            throw new IllegalStateException("this progress was read without its chunks");
        }
        return chunks;
    }

    /**
     * Returns the version of the form in which this progress is stored: the oldest one that can hold it. Totals in pages and
     * closed windows need version 2, and a partition that has one of them keeps it. Both stages of a run that has two need
     * version 3.
     */
    public int version() {
        if (identity.inputs() > 0 || !partialsEnd.isEmpty()) {
            return 3;
        }
        boolean isFirst = windows.closedBefore() == Mark.NOTHING_CLOSED
                && windows.watermark() == Windows.NO_RECORD
                && !windows.rowless()
                && chunks().stream().allMatch(each -> each.page() == null);
        return isFirst ? 1 : 2;
    }

    /** Returns the offset after the last row in the output's partition, or -1 if it is not known. */
    public long outputEnd() {
        return last == null ? -1 : last.outputEnd();
    }

    /** Returns how far the partition is processed. */
    public Mark mark() {
        return new Mark(through, windows.closedBefore());
    }

    /** Whether each of these partitions has progress, at least as far as that. */
    public static boolean reaches(Map<Integer, PartitionProgress> stored, Map<Integer, Mark> marks) {
        return marks.entrySet().stream().allMatch(each -> {
            PartitionProgress progress = stored.get(each.getKey());
            return progress != null && progress.mark().reaches(each.getValue());
        });
    }

    /** The record of a partition that is seen for the first time. */
    public static PartitionProgress registered(
            PlanIdentity identity, JsonNode meaning, int partitionsPerSlice, long start) {
        return new PartitionProgress(
                identity, meaning, partitionsPerSlice, start, -1, 0, 0, Windows.NONE, null, List.of(), List.of());
    }

    /** Returns this progress with other ends of its partial totals, and with windows closed. */
    public PartitionProgress writing(List<Long> ends, long closedBefore) {
        return new PartitionProgress(
                identity,
                meaning,
                partitionsPerSlice,
                through,
                leaderEpoch,
                cells,
                bytes,
                new Windows(closedBefore, windows.watermark(), windows.oldest(), windows.rowless()),
                last,
                chunks,
                ends);
    }

    /** Returns this progress of the stage of totals with another number of registered input partitions. */
    public PartitionProgress withInputs(int inputs) {
        return new PartitionProgress(
                identity.withInputs(inputs),
                meaning,
                partitionsPerSlice,
                through,
                leaderEpoch,
                cells,
                bytes,
                windows,
                last,
                chunks,
                partialsEnd);
    }
}
