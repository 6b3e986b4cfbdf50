package io.tidemark.step;

import io.tidemark.aggregate.AggregatorException;
import io.tidemark.aggregate.CellTable;
import io.tidemark.fold.InputRecord;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.input.InputReader;
import io.tidemark.part.LimitException;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.StagedRange;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.ChunkCodec;
import io.tidemark.state.RecordCounts;
import io.tidemark.state.StateKeys;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;

/** Merges the partial totals of one output partition. */
final class PartialFold implements PartitionFold {
    private final JobSpec job;
    private final PartitionRange range;
    private final CellTable cells;
    private final ChunkCodec codec;
    private long records;
    private long bytes;

    /** @param job the stage of totals */
    PartialFold(JobSpec job, PartitionRange range, CellTable cells) {
        this.job = job;
        this.range = range;
        this.cells = cells;
        this.codec = new ChunkCodec(cells.layout());
    }

    @Override
    public CellTable cells() {
        return cells;
    }

    @Override
    public void record(InputRecord record) {
        records++;
        bytes += record.size();
        try {
            if (record.keyLength() == InputRecord.NULL || record.valueLength() == InputRecord.NULL) {
                throw new IllegalArgumentException("the key or the value is missing");
            }
            long window = StateKeys.windowOfPartial(copy(record, record.key(), record.keyLength()));
            if (window < range.closedBefore()) {
                throw new TidemarkException(
                        FailureKind.PARTIAL_AFTER_CLOSE,
                        where(record.offset()) + ": partial totals of a window that is closed. It starts at "
                                + Instant.ofEpochMilli(window) + ", and windows before "
                                + Instant.ofEpochMilli(range.closedBefore())
                                + " are closed. Nothing was written. This is a defect of Tidemark: report it");
            }
            codec.decode(copy(record, record.value(), record.valueLength()), window, cells);
        } catch (LimitException e) {
            throw Cells.failure(where(record.offset()), e);
        } catch (AggregatorException e) {
            throw Cells.failure(where(record.offset()), e);
        } catch (TidemarkException e) {
            throw e;
        } catch (Exception e) {
            throw new TidemarkException(
                    FailureKind.STATE_UNREADABLE,
                    where(record.offset()) + ": " + e.getMessage()
                            + ". The topic is private to its job: find another producer, and stop it",
                    e);
        }
    }

    @Override
    public void tooLarge(long offset, long timestamp, long size) {
        throw new TidemarkException(
                FailureKind.STATE_UNREADABLE,
                where(offset) + ": a record of " + size + " bytes; partial totals have at most "
                        + job.input().maxRecordBytes());
    }

    private static byte[] copy(InputRecord record, int from, int length) {
        return Arrays.copyOfRange(record.bytes(), from, from + length);
    }

    private String where(long offset) {
        return job.input().topic() + "[" + range.partition() + "] at offset " + offset;
    }

    @Override
    public StagedRange staged(PartitionRange asked, InputReader.Read read) {
        StagedRange staged = new StagedRange(
                asked.part(asked.from(), read.range().to()),
                new RecordCounts(
                        records, 0, 0, 0, 0, read.invisible(), read.range().from() - asked.from(), 0, bytes, Map.of()),
                read.leaderEpoch(),
                read.newest(),
                read.logStart(),
                null);
        staged.requireReconciled(job.input().topic());
        return staged;
    }
}
