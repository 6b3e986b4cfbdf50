package io.tidemark.json;

import io.tidemark.job.TimestampSpec;

/**
 * Times in ISO-8601, in the extended form {@code 2006-12-23T16:52:00.5+01:00} or the basic form {@code
 * 20061223T165200.5+0100}. Seconds, their decimals (up to nine) and the offset are optional; a space may replace the T;
 * a date alone is the start of its day; 24:00 is the end of its day.
 */
final class IsoTimestamps extends TextTimestamps {
    private static final int MAX_OFFSET_SECONDS = 18 * 3600;

    private byte[] text = new byte[0];
    private int pos;
    private int end;

    IsoTimestamps(TimestampSpec.Iso spec) {
        super(
                spec.field(),
                spec.zone(),
                "an ISO-8601 time such as 2006-12-23T16:52:00+01:00 or 20061223T155200Z",
                "; weeks (2006-W51-6), days of the year (2006-357) and second 60 are not read");
    }

    @Override
    long read(byte[] text, int start, int end) {
        this.text = text;
        this.pos = start;
        this.end = end;
        int year = number(4, 9999);
        boolean extended = skip('-');
        int month = number(2, 12);
        int dayOfMonth = !extended || skip('-') ? number(2, 31) : -1;
        if (year < 0 || month < 0 || dayOfMonth < 0) {
            return UNREADABLE;
        }
        long day = day(year, month, dayOfMonth);
        if (day == UNREADABLE) {
            return UNREADABLE;
        }
        if (pos == end) {
            return local.toEpochMillis(day);
        }
        if (!skip('T') && !skip('t') && !skip(' ')) {
            return UNREADABLE;
        }
        int clock = pos;
        int hour = number(2, 24);
        int minute = !extended || skip(':') ? number(2, 59) : -1;
        boolean seconds = extended ? skip(':') : pos < end && text[pos] >= '0' && text[pos] <= '9';
        int second = seconds ? number(2, 59) : 0;
        if (hour < 0 || minute < 0 || second < 0) {
            return UNREADABLE;
        }
        int millis = 0;
        if (seconds && (skip('.') || skip(','))) {
            millis = fraction();
        }
        long time = day + ((hour * 60 + minute) * 60 + second) * 1000L + millis;
        if (millis < 0 || (hour == 24 && !isZero(clock + 2))) {
            return UNREADABLE;
        }
        if (pos == end) {
            return local.toEpochMillis(time);
        }
        long offset = offset();
        return offset == UNREADABLE ? UNREADABLE : time - offset;
    }

    /** One to nine decimals, cut to three; or -1. */
    private int fraction() {
        int from = pos;
        int millis = 0;
        while (pos < end && text[pos] >= '0' && text[pos] <= '9') {
            if (pos - from < 3) {
                millis = millis * 10 + text[pos] - '0';
            }
            pos++;
        }
        int count = pos - from;
        if (count < 1 || count > 9) {
            return -1;
        }
        return count == 1 ? millis * 100 : count == 2 ? millis * 10 : millis;
    }

    /** Z, or hours with or without minutes and seconds, in milliseconds; or {@link #UNREADABLE}. */
    private long offset() {
        if (skip('Z') || skip('z')) {
            return pos == end ? 0 : UNREADABLE;
        }
        boolean negative = skip('-');
        if (!negative && !skip('+')) {
            return UNREADABLE;
        }
        int hours = number(2, 18);
        int minutes = 0;
        int seconds = 0;
        if (pos < end) {
            boolean colons = skip(':');
            minutes = number(2, 59);
            if (pos < end) {
                seconds = colons == skip(':') ? number(2, 59) : -1;
            }
        }
        int total = hours * 3600 + minutes * 60 + seconds;
        if (hours < 0 || minutes < 0 || seconds < 0 || pos < end || total > MAX_OFFSET_SECONDS) {
            return UNREADABLE;
        }
        return negative ? -total * 1000L : total * 1000L;
    }

    /** Whether no digit from here to the place that is read next is above 0. */
    private boolean isZero(int from) {
        for (int i = from; i < pos; i++) {
            if (text[i] > '0' && text[i] <= '9') {
                return false;
            }
        }
        return true;
    }

    private boolean skip(char c) {
        if (pos < end && text[pos] == c) {
            pos++;
            return true;
        }
        return false;
    }

    private int number(int width, int most) {
        if (end - pos < width) {
            return -1;
        }
        int value = digits(text, pos, width);
        pos += width;
        return value > most ? -1 : value;
    }
}
