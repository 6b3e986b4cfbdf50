package io.tidemark.fold;

import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.TooManyCellsException;
import io.tidemark.filter.Filter;
import io.tidemark.job.Condition;
import io.tidemark.job.JobSpec;
import io.tidemark.json.MalformedRecordException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Adds the records that a job counts to its running totals. A job without {@code where} counts all of them, by {@link
 * RecordFolder} alone.
 *
 * <p>Not safe for use by several threads.
 */
public final class JobFolder {
    private final RecordFolder folder;
    private final @Nullable Filter filter;

    /** A folder for a job; the tables that it fills must have the {@link CellLayout} of the same job. */
    public JobFolder(JobSpec job) {
        Condition where = job.where();
        List<String> paths = where == null ? List.of() : where.paths();
        folder = new RecordFolder(job, new ArrayList<>(paths));
        filter = where == null ? null : new Filter(where, paths::indexOf);
    }

    /**
     * Adds one record if the job counts it and it is not late, and returns what became of it. Of a record that is filtered only the fields of
     * the condition are looked at; the others may be missing or wrong.
     *
     * @param lateness that of the record's range; null if the windows of the job stay open
     * @param record a record with a value; for one without see {@link MalformedRecordException#nullValue}
     * @throws MalformedRecordException if the record is a bad record; the table is unchanged
     * @throws TooManyCellsException if the table is full; the table is unchanged
     */
    public Fate fold(CellTable into, @Nullable Lateness lateness, InputRecord record)
            throws MalformedRecordException, TooManyCellsException {
        byte[] value = record.bytes();
        int off = record.value();
        int len = record.valueLength();
        if (filter == null) {
            return folder.fold(into, lateness, value, off, len, record.timestamp());
        }
        try {
            if (!filter.accepts(folder.scan(value, off, len))) {
                return Fate.FILTERED;
            }
            return folder.add(into, lateness, record.timestamp());
        } catch (MalformedRecordException e) {
            throw folder.explained(e, value, off, len);
        }
    }
}
