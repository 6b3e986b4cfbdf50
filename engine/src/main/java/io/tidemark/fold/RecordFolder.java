package io.tidemark.fold;

import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.GroupKey;
import io.tidemark.aggregate.TooManyCellsException;
import io.tidemark.job.AggregationSpec.Function;
import io.tidemark.job.JobSpec;
import io.tidemark.json.DottedNames;
import io.tidemark.json.FieldPath;
import io.tidemark.json.FieldScanner;
import io.tidemark.json.FieldValues;
import io.tidemark.json.MalformedRecordException;
import io.tidemark.json.MalformedRecordException.Reason;
import io.tidemark.json.TimestampReader;
import io.tidemark.window.WindowAssigner;
import java.util.List;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Adds records to the running totals of a job, one after the other. A bad record changes nothing.
 *
 * <p>Not safe for use by several threads.
 */
public final class RecordFolder {
    private final FieldScanner scanner;
    private final FieldValues values;
    private final @Nullable TimestampReader times;
    private final WindowAssigner windows;
    private final boolean needsTime;
    private final GroupKey group;
    private final DottedNames dottedNames = new DottedNames();
    private final double[] numbers;

    // Indexes among the fields of the scanner.
    private final int timeField;
    private final int[] groupFields;
    private final @Nullable NumberField numberFields;

    /** A field of the totals. They are linked, because the compiler makes better code of a short list than of an array. */
    private static final class NumberField {
        final int index;
        final int field;
        final @Nullable NumberField next;

        NumberField(int index, int field, @Nullable NumberField next) {
            this.index = index;
            this.field = field;
            this.next = next;
        }
    }

    /** A folder for a job; the tables that it fills must have the {@link CellLayout} of the same job. */
    public RecordFolder(JobSpec job) {
        this(job, job.fields().stream().map(FieldPath::parse).toList());
    }

    private RecordFolder(JobSpec job, List<FieldPath> fields) {
        this(
                job,
                job.fields()::indexOf,
                job.groupBy().stream()
                        .mapToInt(each -> job.fields().indexOf(each.field()))
                        .toArray(),
                new FieldScanner(fields, job.input().check()),
                new FieldValues(fields));
    }

    /** A folder for a job that reads more than the values of records; {@link #fold} is not for it. */
    RecordFolder(JobSpec job, RecordFields fields) {
        this(job, fields::number, fields.groups(), fields.scanner(), fields.values());
    }

    /** @param fieldNumber gives the number that a field has among the values of a record */
    private RecordFolder(
            JobSpec job,
            ToIntFunction<String> fieldNumber,
            int[] groupFields,
            FieldScanner scanner,
            FieldValues values) {
        String timePath = job.input().timestamp().field();
        times = timePath == null ? null : TimestampReader.of(job.input().timestamp());
        timeField = timePath == null ? -1 : fieldNumber.applyAsInt(timePath);
        List<String> summed = CellLayout.of(job).fields();
        NumberField next = null;
        for (int i = summed.size() - 1; i >= 0; i--) {
            next = new NumberField(i, fieldNumber.applyAsInt(summed.get(i)), next);
        }
        numberFields = next;
        this.groupFields = groupFields;
        this.scanner = scanner;
        this.values = values;
        group = new GroupKey(job.badRecords().groupBytes());
        windows = WindowAssigner.of(job.window());
        needsTime = needsTime(job);
        numbers = new double[summed.size()];
    }

    /**
     * Whether the event time of a record means something: it decides its window or whether it is the first or last one, or a
     * plugin may ask for it.
     */
    private static boolean needsTime(JobSpec job) {
        return job.window().dividesTime()
                || job.aggregate().stream()
                        .anyMatch(each -> each.function() == Function.FIRST
                                || each.function() == Function.LAST
                                || each.function() == Function.USE);
    }

    /**
     * Adds one record.
     *
     * @param value holds the record's value from {@code off}, {@code len} bytes long; for a record without a value see
     *     {@link MalformedRecordException#nullValue}
     * @param recordTimestamp the Kafka record's own timestamp, in milliseconds since 1970
     * @throws MalformedRecordException if the record cannot be counted; the table is unchanged
     * @throws TooManyCellsException if the table is full; the table is unchanged
     */
    public Fate fold(CellTable into, byte[] value, int off, int len, long recordTimestamp)
            throws MalformedRecordException, TooManyCellsException {
        return fold(into, null, value, off, len, recordTimestamp);
    }

    /**
     * Adds one record, unless it is late.
     *
     * @param lateness that of the record's range; null if the windows of the job stay open
     */
    public Fate fold(CellTable into, @Nullable Lateness lateness, byte[] value, int off, int len, long recordTimestamp)
            throws MalformedRecordException, TooManyCellsException {
        try {
            scan(value, off, len);
            return add(into, lateness, recordTimestamp);
        } catch (MalformedRecordException e) {
            throw explained(e, value, off, len);
        }
    }

    /** Finds the fields of a record; valid until the record's bytes change. */
    FieldValues scan(byte[] value, int off, int len) throws MalformedRecordException {
        scanner.scan(value, off, len, values);
        return values;
    }

    /** The same problem, with what the job may have meant. */
    MalformedRecordException explained(MalformedRecordException problem, byte[] value, int off, int len) {
        return dottedNames.explained(problem, value, off, len);
    }

    /** Adds the record that was scanned last, unless it is late. */
    Fate add(CellTable into, @Nullable Lateness lateness, long recordTimestamp)
            throws MalformedRecordException, TooManyCellsException {
        long time = read(recordTimestamp);
        long window = window(time);
        if (lateness != null && lateness.judge(window, time, recordTimestamp) == Fate.LATE) {
            return Fate.LATE;
        }
        into.add(slot(into, window), numbers);
        return Fate.FOLDED;
    }

    /** Reads the numbers and the group of the record that was scanned last; returns its event time. */
    long read(long recordTimestamp) throws MalformedRecordException {
        long time = times == null ? (needsTime ? checked(recordTimestamp) : 0) : times.millis(values, timeField);
        for (NumberField each = numberFields; each != null; each = each.next) {
            numbers[each.index] = values.number(each.field);
        }
        group.clear();
        for (int field : groupFields) {
            group.add(values, field);
        }
        return time;
    }

    /** The window of an event time. */
    long window(long time) {
        return windows.start(time);
    }

    /** The cell of the record that was read last. */
    int slot(CellTable into, long window) throws TooManyCellsException {
        return into.findOrAdd(window, group.bytes(), 0, group.length());
    }

    /** The numbers of the record that was read last, in the order of {@link CellLayout#fields}. Not a copy. */
    double[] numbers() {
        return numbers;
    }

    private static long checked(long recordTimestamp) throws MalformedRecordException {
        // Records of producers older than Kafka 0.10 have -1.
        if (recordTimestamp < 0 || recordTimestamp >= TimestampReader.LATEST) {
            throw new MalformedRecordException(
                    Reason.BAD_TIME, "", "the record's own timestamp is missing or beyond the year 9999");
        }
        return recordTimestamp;
    }
}
