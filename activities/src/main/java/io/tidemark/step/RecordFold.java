package io.tidemark.step;

import io.tidemark.aggregate.AggregatorException;
import io.tidemark.aggregate.CellTable;
import io.tidemark.fold.Fate;
import io.tidemark.fold.InputRecord;
import io.tidemark.fold.JobFolder;
import io.tidemark.fold.Lateness;
import io.tidemark.job.BadRecordSpec;
import io.tidemark.job.BadRecordSpec.Policy;
import io.tidemark.job.CloseSpec;
import io.tidemark.job.CloseSpec.Late;
import io.tidemark.job.JobSpec;
import io.tidemark.json.MalformedRecordException;
import io.tidemark.json.MalformedRecordException.Reason;
import io.tidemark.kafka.input.InputReader;
import io.tidemark.part.LimitException;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.StagedRange;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.RecordCounts;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Folds the records of one partition. */
final class RecordFold implements PartitionFold {
    private final JobSpec job;
    private final int partition;
    private final JobFolder folder;
    private final @Nullable Lateness lateness;
    private final CellTable cells;
    private final StagedDeadLetters deadLetters;
    private long folded;
    private long filtered;
    private long bad;
    private final Map<Reason, Long> reasons = new EnumMap<>(Reason.class);
    private long late;
    private long bytes;

    RecordFold(
            JobSpec job,
            int partition,
            JobFolder folder,
            @Nullable Lateness lateness,
            CellTable cells,
            StagedDeadLetters deadLetters) {
        this.job = job;
        this.partition = partition;
        this.folder = folder;
        this.lateness = lateness;
        this.cells = cells;
        this.deadLetters = deadLetters;
    }

    @Override
    public CellTable cells() {
        return cells;
    }

    @Override
    public void record(InputRecord record) {
        bytes += record.size();
        try {
            if (record.valueLength() == InputRecord.NULL) {
                throw MalformedRecordException.nullValue();
            }
            switch (folder.fold(cells, lateness, record)) {
                case FOLDED -> folded++;
                case FILTERED -> filtered++;
                case LATE -> late(record);
            }
        } catch (MalformedRecordException e) {
            bad(record, e);
        } catch (LimitException e) {
            throw Cells.failure(where(record.offset()), e);
        } catch (AggregatorException e) {
            throw Cells.failure(where(record.offset()), e);
        }
    }

    @Override
    public void tooLarge(long offset, long timestamp, long size) {
        bytes += size;
        InputRecord record = new InputRecord();
        record.setPlace(partition, offset, timestamp);
        bad(record, MalformedRecordException.tooLarge(size, job.input().maxRecordBytes()));
    }

    private void bad(InputRecord record, MalformedRecordException problem) {
        count(record.offset(), problem);
        if (job.badRecords().policy() == Policy.DEAD_LETTER) {
            deadLetters.add(record, problem.reason().name(), String.valueOf(problem.getMessage()));
        }
    }

    /** Counts a record whose window is closed. It is not a bad record: no policy and no limit of those applies. */
    private void late(InputRecord record) {
        late++;
        CloseSpec close = job.close();
        if (close != null && close.late() == Late.DEAD_LETTER) {
            deadLetters.add(record, Fate.LATE.name(), "the record's window was closed by an earlier batch");
        }
    }

    private void count(long offset, MalformedRecordException problem) {
        bad++;
        reasons.merge(problem.reason(), 1L, Long::sum);
        BadRecordSpec spec = job.badRecords();
        if (spec.policy() == Policy.FAIL) {
            throw new TidemarkException(
                    FailureKind.BAD_RECORD,
                    where(offset) + ": " + problem.getMessage()
                            + "; the job has badRecords: fail. To continue without bad records, set badRecords"
                            + " to deadLetter or skip");
        }
        if (bad > spec.limit()) {
            throw new TidemarkException(
                    FailureKind.TOO_MANY_BAD_RECORDS,
                    where(offset) + ": " + problem.getMessage() + "; this is bad record number " + bad
                            + " of this partition in this run, and badRecords.limit is " + spec.limit());
        }
    }

    private String where(long offset) {
        return job.input().topic() + "[" + partition + "] at offset " + offset;
    }

    private static Map<String, Long> byName(Map<Reason, Long> reasons) {
        Map<String, Long> names = new TreeMap<>();
        reasons.forEach((reason, records) -> names.put(reason.name(), records));
        return names;
    }

    @Override
    public StagedRange staged(PartitionRange asked, InputReader.Read read) {
        boolean deadLettered = job.badRecords().policy() == Policy.DEAD_LETTER;
        StagedRange staged = new StagedRange(
                asked.part(asked.from(), read.range().to()),
                new RecordCounts(
                        folded,
                        filtered,
                        deadLettered ? bad : 0,
                        deadLettered ? 0 : bad,
                        late,
                        read.invisible(),
                        read.range().from() - asked.from(),
                        0,
                        bytes,
                        byName(reasons)),
                read.leaderEpoch(),
                read.newest(),
                read.logStart(),
                lateness == null ? null : lateness.eventTime());
        staged.requireReconciled(job.input().topic());
        return staged;
    }
}
