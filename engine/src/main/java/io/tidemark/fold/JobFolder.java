package io.tidemark.fold;

import io.tidemark.aggregate.Accumulators;
import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.Inputs;
import io.tidemark.filter.Filter;
import io.tidemark.job.Condition;
import io.tidemark.job.JobSpec;
import io.tidemark.json.FieldValues;
import io.tidemark.json.MalformedRecordException;
import io.tidemark.part.LimitException;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Adds the records that a job counts to its running totals. A job that reads only the values of records, and has neither
 * {@code where} nor aggregates with {@link Accumulators}, is left to {@link RecordFolder} alone.
 *
 * <p>Not safe for use by several threads.
 */
public final class JobFolder {
    private final RecordFolder folder;
    private final @Nullable Filter filter;
    private final @Nullable OperandReader operands;
    /** Null for a job that reads the values of records only. */
    private final @Nullable RecordFields fields;

    /** A folder for a job; the tables that it fills must have the {@link CellLayout} of the same job. */
    public JobFolder(JobSpec job) {
        Condition where = job.where();
        Accumulators accumulators = CellLayout.of(job).accumulators();
        fields = RecordFields.areNeeded(job) ? new RecordFields(job) : null;
        folder = fields == null ? new RecordFolder(job) : new RecordFolder(job, fields);
        ToIntFunction<String> number = fields == null ? job.fields()::indexOf : fields::number;
        filter = where == null ? null : new Filter(where, number);
        operands = accumulators.isEmpty()
                ? null
                : new OperandReader(accumulators.operands(), job.badRecords().groupBytes(), number);
    }

    /**
     * Adds one record if the job counts it and it is not late, and returns what became of it. Of a record that is filtered
     * only the fields of the condition are looked at; the others may be missing or wrong.
     *
     * @param lateness that of the record's range; null if the windows of the job stay open
     * @param record a record with a value; for one without see {@link MalformedRecordException#nullValue}
     * @throws MalformedRecordException if the record is a bad record; the table is unchanged
     * @throws LimitException if the table is full, or an accumulator would exceed a limit of the job; the table must not be
     *     used any more
     */
    public Fate fold(CellTable into, @Nullable Lateness lateness, InputRecord record)
            throws MalformedRecordException, LimitException {
        byte[] value = record.bytes();
        int off = record.value();
        int len = record.valueLength();
        if (filter == null && operands == null && fields == null) {
            return folder.fold(into, lateness, value, off, len, record.timestamp());
        }
        try {
            FieldValues values = fields == null ? folder.scan(value, off, len) : fields.read(record);
            if (filter != null && !filter.accepts(values)) {
                return Fate.FILTERED;
            }
            if (operands == null) {
                return folder.add(into, lateness, record.timestamp());
            }
            long time = folder.read(record.timestamp());
            Inputs inputs = operands.read(values, time, record.partition(), record.offset());
            long window = folder.window(time);
            if (lateness != null && lateness.judge(window, time, record.timestamp()) == Fate.LATE) {
                return Fate.LATE;
            }
            into.add(folder.slot(into, window), folder.numbers(), inputs);
            return Fate.FOLDED;
        } catch (MalformedRecordException e) {
            throw folder.explained(e, value, off, len);
        }
    }
}
