package io.tidemark.json;

import io.tidemark.job.TimestampSpec.Epoch;
import io.tidemark.json.FieldValues.FieldType;
import io.tidemark.json.MalformedRecordException.Reason;

/** Seconds, milliseconds, microseconds or nanoseconds since 1970, as numbers or in quotes. */
final class EpochTimestamps extends TimestampReader {
    private static final long MILLIS_PER_SECOND = 1_000;

    private final boolean quoted;
    /** The power of ten that makes milliseconds of the number. */
    private final int power;
    /** How many decimals of a millisecond the number may have. */
    private final int decimals;

    /** Smaller whole numbers are never refused by {@link JsonNumbers#scaled}. */
    private final long mostWhole;
    /** What makes milliseconds of a whole number of something smaller. */
    private final long divisor;

    private byte[] scratch = new byte[32];

    EpochTimestamps(Epoch spec) {
        super(
                spec.field(),
                FieldType.NUMBER,
                switch (spec.format()) {
                    case EPOCH_SECONDS -> "a number of seconds since 1970";
                    case EPOCH_MILLIS -> "a whole number of milliseconds since 1970";
                    case EPOCH_MICROS -> "a whole number of microseconds since 1970";
                    case EPOCH_NANOS -> "a whole number of nanoseconds since 1970";
                },
                "");
        quoted = spec.quoted();
        power = switch (spec.format()) {
            case EPOCH_SECONDS -> 3;
            case EPOCH_MILLIS -> 0;
            case EPOCH_MICROS -> -3;
            case EPOCH_NANOS -> -6;
        };
        mostWhole = power > 0 ? 100_000_000_000_000L : 100_000_000_000_000_000L;
        divisor = power == -3 ? 1_000 : power == -6 ? 1_000_000 : 1;
        decimals = spec.format() == Epoch.Count.EPOCH_SECONDS ? Integer.MAX_VALUE : -power;
    }

    @Override
    boolean alsoReads(FieldType found) {
        return quoted && found == FieldType.STRING;
    }

    @Override
    MalformedRecordException unlike(FieldValues values, int field, String wanted) {
        return values.type(field) == FieldType.STRING
                ? new MalformedRecordException(
                        Reason.WRONG_TYPE,
                        values.path(field),
                        "is not " + wanted
                                + " but a string; if the numbers are in quotes, set input.timestamp.quoted: true")
                : values.unlike(field, wanted);
    }

    @Override
    long read(FieldValues values, int field) throws MalformedRecordException {
        if (values.isWhole(field)) {
            long number = values.whole(field);
            // Not by Math.abs: the smallest long, which a key can be, has no magnitude in a long.
            if (number > -mostWhole && number < mostWhole) {
                return power > 0 ? number * MILLIS_PER_SECOND : Math.floorDiv(number, divisor);
            }
        }
        if (values.type(field) == FieldType.NUMBER) {
            return read(values.bytes(field), values.start(field), values.end(field));
        }
        byte[] text = values.bytes(field);
        int start = values.start(field);
        int end = values.end(field);
        if (values.isEscaped(field)) {
            if (scratch.length < values.room(field)) {
                scratch = new byte[2 * values.room(field)];
            }
            text = scratch;
            start = 0;
            end = values.copyText(field, scratch, 0);
        }
        return JsonNumbers.isNumber(text, start, end) ? read(text, start, end) : UNREADABLE;
    }

    private long read(byte[] number, int start, int end) {
        return JsonNumbers.scaled(number, start, end, power, decimals);
    }
}
