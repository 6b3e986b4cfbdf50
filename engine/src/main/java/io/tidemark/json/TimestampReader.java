package io.tidemark.json;

import io.tidemark.job.TimestampSpec;
import io.tidemark.json.FieldValues.FieldType;
import io.tidemark.json.MalformedRecordException.Reason;
import java.time.Month;
import java.time.Year;

/**
 * Reads the event time from a field of a record, in milliseconds since 1970-01-01T00:00Z, rounded down. Times
 * outside the years 1 to 9999 are refused, because calendars and texts of years beyond them differ.
 *
 * <p>Not safe for use by several threads.
 */
public abstract class TimestampReader {
    /** 0001-01-02T00:00Z: whatever the zone, the local time is in year 1 or later. */
    public static final long EARLIEST = -62_135_510_400_000L;
    /** 9999-12-31T00:00Z, exclusive: whatever the zone, the local time is in year 9999 or before. */
    public static final long LATEST = 253_402_214_400_000L;

    static final long MILLIS_PER_DAY = 86_400_000;
    /** The result for a text that is not a time; outside the range of times. */
    static final long UNREADABLE = Long.MIN_VALUE;

    private final String path;
    private final String expected;
    private final String otherForms;
    private final FieldType type;

    TimestampReader(String path, FieldType type, String expected, String otherForms) {
        this.path = path;
        this.type = type;
        this.expected = expected;
        this.otherForms = otherForms;
    }

    /**
     * The reader for a job's times.
     *
     * @throws IllegalArgumentException for {@link TimestampSpec.RecordTime}, which is not in a field
     */
    public static TimestampReader of(TimestampSpec spec) {
        return spec.match(
                record -> {
                    throw new IllegalArgumentException("the timestamp of a Kafka record is not in a field");
                },
                PatternTimestamps::new,
                IsoTimestamps::new,
                EpochTimestamps::new);
    }

    /**
     * The time in a field.
     *
     * @throws MalformedRecordException if the field is missing, has another type, or is not a time
     */
    public final long millis(FieldValues values, int field) throws MalformedRecordException {
        if (!values.is(type, field) && !alsoReads(values.type(field))) {
            throw unlike(values, field, expected);
        }
        long millis = read(values, field);
        if (millis < EARLIEST || millis >= LATEST) {
            throw new MalformedRecordException(
                    Reason.BAD_TIME, path, "is not " + expected + " within the years 1 to 9999" + otherForms);
        }
        return millis;
    }

    /** The exception for a field that is missing or has another type. */
    MalformedRecordException unlike(FieldValues values, int field, String wanted) {
        return values.unlike(field, wanted);
    }

    /** Whether a time can have this other type too. */
    boolean alsoReads(FieldType found) {
        return false;
    }

    /** The time, or {@link #UNREADABLE}. */
    abstract long read(FieldValues values, int field) throws MalformedRecordException;

    /**
     * Milliseconds from 1970-01-01 to the start of a day, by Howard Hinnant's days_from_civil; or {@link #UNREADABLE}.
     */
    static long startOfDay(int year, int month, int day) {
        if (year < 1
                || month < 1
                || month > 12
                || day < 1
                || day > Month.of(month).length(Year.isLeap(year))) {
            return UNREADABLE;
        }
        int y = month <= 2 ? year - 1 : year;
        int era = y / 400;
        int yearOfEra = y - era * 400;
        int dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
        int dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
        return (era * 146_097L + dayOfEra - 719_468) * MILLIS_PER_DAY;
    }
}
