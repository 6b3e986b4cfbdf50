package io.tidemark.json;

/**
 * A record that cannot be counted. It has no stack trace, because a topic may have many bad records, and nothing of the
 * record's content, because its message goes to logs, headers and Temporal's history.
 */
public final class MalformedRecordException extends Exception {
    private static final long serialVersionUID = 1;

    private final Reason reason;
    private final String field;

    /** Why a record cannot be counted. The names appear in the headers of dead letters. */
    public enum Reason {
        /** Not a JSON object, not JSON as far as it was checked, or more than one value. */
        NOT_JSON,
        /** A field that the job needs is not there. */
        FIELD_MISSING,
        /** A field is there, with a value of another type; null counts as one. */
        WRONG_TYPE,
        /** A time that cannot be read, that does not exist, or that is outside the years 1 to 9999. */
        BAD_TIME,
        /** A time further ahead of the record's own timestamp than {@code close.maxAhead} allows. */
        AHEAD_OF_TIME,
        /** A number beyond the range of a double. */
        NOT_FINITE,
        /** A number so large that sums of such numbers could overflow; see {@link FieldValues#LARGEST}. */
        NUMBER_TOO_LARGE,
        /** A number with more decimals than the job keeps. */
        NOT_EXACT,
        /** A number with more digits than a decimal or an integer of the job can have. */
        OUT_OF_RANGE,
        /** The values of the group, or a value of an aggregate, have more bytes than the job allows. */
        GROUP_TOO_LONG,
        /** The record has no value at all: a tombstone. */
        NULL_VALUE,
        /** The record is longer than {@code input.maxRecordBytes}. */
        RECORD_TOO_LONG
    }

    /**
     * @param reason the kind of problem
     * @param field path of the field, or empty for the record as a whole
     * @param problem what is wrong, without anything from the record
     */
    public MalformedRecordException(Reason reason, String field, String problem) {
        super(field.isEmpty() ? problem : field + " " + problem, null, false, false);
        this.reason = reason;
        this.field = field;
    }

    /** The exception for a record without a value. */
    public static MalformedRecordException nullValue() {
        return new MalformedRecordException(Reason.NULL_VALUE, "", "the record has no value");
    }

    /** The exception for a record of {@code bytes} bytes where at most {@code limit} are allowed. */
    public static MalformedRecordException tooLarge(long bytes, int limit) {
        return new MalformedRecordException(
                Reason.RECORD_TOO_LONG,
                "",
                "the record has " + bytes + " bytes without compression, and input.maxRecordBytes is " + limit);
    }

    /** The kind of problem. */
    public Reason reason() {
        return reason;
    }

    /** Path of the field, or empty for the record as a whole. */
    public String field() {
        return field;
    }
}
