package io.tidemark.json;

import io.tidemark.json.FieldValues.FieldType;
import java.time.ZoneId;
import java.util.Arrays;

/** Times that are strings: resolves escapes, and remembers days. */
abstract class TextTimestamps extends TimestampReader {
    /** All days of two months. */
    private static final int REMEMBERED = 64;

    final LocalTimes local;
    private byte[] scratch = new byte[64];
    /** For some days, in the form of {@link #day}: the day, and when it begins. */
    private final int[] days = new int[REMEMBERED];

    private final long[] starts = new long[REMEMBERED];

    /** @param otherForms what to say about forms that are not read, after a semicolon; may be empty */
    TextTimestamps(String path, ZoneId zone, String expected, String otherForms) {
        super(path, FieldType.STRING, expected, otherForms);
        local = new LocalTimes(zone);
        Arrays.fill(days, -1);
    }

    @Override
    final long read(FieldValues values, int field) throws MalformedRecordException {
        if (!values.isEscaped(field)) {
            return read(values.bytes(field), values.start(field), values.end(field));
        }
        // Escapes in times are common: PHP writes 23\/12\/2006.
        if (scratch.length < values.room(field)) {
            scratch = new byte[2 * values.room(field)];
        }
        return read(scratch, 0, values.copyText(field, scratch, 0));
    }

    /** The time in a text, or {@link #UNREADABLE}. */
    abstract long read(byte[] text, int start, int end);

    /** {@link #startOfDay}, computed only if the day is not one of those that are remembered. */
    final long day(int year, int month, int day) {
        if (month > 12 || day > 31) {
            return UNREADABLE;
        }
        int packed = (year << 9) | (month << 5) | day;
        int i = packed & (REMEMBERED - 1);
        if (packed != days[i]) {
            starts[i] = startOfDay(year, month, day);
            days[i] = packed;
        }
        return starts[i];
    }

    /** The value of {@code count} digits, or -1 if any of them is not a digit. */
    static int digits(byte[] text, int at, int count) {
        int value = 0;
        int wrong = 0;
        for (int i = at; i < at + count; i++) {
            int digit = text[i] - '0';
            wrong |= digit | (9 - digit);
            value = value * 10 + digit;
        }
        return wrong < 0 ? -1 : value;
    }
}
