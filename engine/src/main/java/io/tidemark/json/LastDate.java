package io.tidemark.json;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The date of the last record, in a pattern with a clock of eight characters such as {@code HH:mm:ss}. Most records have the
 * date of the one before, and then only their clock is read.
 *
 * <p>Not safe for use by several threads.
 */
final class LastDate {
    /** Each byte is in one of three words. */
    private static final int LONGEST = 3 * Long.BYTES;

    /** The bytes of the two separators. */
    private static final long SEPARATORS = 0x0000FF0000FF0000L;
    /** The bytes of hour, minute and second, when each has joined its digits. */
    private static final long PAIRS = 0x00FF0000FF0000FFL;
    /** Added to them, sets their high bits if the hour is above 23 or another one above 59. */
    private static final long TOO_LARGE = (long) (0x80 - 60) << 48 | (long) (0x80 - 60) << 24 | (0x80 - 24);

    private final int length;
    private final int middleAt;
    private final int lastAt;
    private final int clockAt;
    /** The clock of the pattern: separators, and '0' for digits. */
    private final long clock;
    /** Where milliseconds are, or -1. */
    private final int millisAt;
    // The bits of the three words that do not belong to the clock.
    private final long firstBits;
    private final long middleBits;
    private final long lastBits;

    // The words of the last text.
    private long first;
    private long middle;
    private long last;
    /** When its day began. */
    private long startOfDay;

    private boolean known;

    private LastDate(byte[] text, byte[] isDate, int clockAt, int millisAt) {
        length = text.length;
        middleAt = Math.min(Long.BYTES, length - Long.BYTES);
        lastAt = length - Long.BYTES;
        firstBits = Words.at(isDate, 0);
        middleBits = Words.at(isDate, middleAt);
        lastBits = Words.at(isDate, lastAt);
        this.clockAt = clockAt;
        clock = Words.at(text, clockAt);
        this.millisAt = millisAt;
    }

    /**
     * The last date in a pattern; null if it is too long, or if hours, minutes and seconds are not in this order with one
     * character between them.
     *
     * @param text the pattern, with '0' for digits
     * @param fieldAt where each field begins, as in {@link FixedPattern}
     */
    static @Nullable LastDate of(byte[] text, int[] fieldAt) {
        int hour = fieldAt[3];
        boolean clock = hour >= 0 && fieldAt[4] == hour + 3 && fieldAt[5] == hour + 6;
        if (!clock || text.length > LONGEST) {
            return null;
        }
        byte[] isDate = new byte[text.length];
        Arrays.fill(isDate, (byte) -1);
        Arrays.fill(isDate, hour, hour + Long.BYTES, (byte) 0);
        int millis = fieldAt[6];
        if (millis >= 0) {
            Arrays.fill(isDate, millis, millis + 3, (byte) 0);
        }
        return new LastDate(text, isDate, hour, millis);
    }

    /** Remembers a text in the pattern, and when its day begins. */
    void remember(byte[] text, int start, long startOfDay) {
        first = Words.at(text, start);
        middle = Words.at(text, start + middleAt);
        last = Words.at(text, start + lastAt);
        this.startOfDay = startOfDay;
        known = true;
    }

    /** The time of a text, if it has the date of the last one and a clock; else {@link TimestampReader#UNREADABLE}. */
    long read(byte[] text, int start, int end) {
        if (end - start != length || !known) {
            return TimestampReader.UNREADABLE;
        }
        long differs = ((Words.at(text, start) ^ first) & firstBits)
                | ((Words.at(text, start + middleAt) ^ middle) & middleBits)
                | ((Words.at(text, start + lastAt) ^ last) & lastBits);
        long digits = Words.at(text, start + clockAt) ^ clock;
        long pairs = digits * 10 + (digits >>> Byte.SIZE) & PAIRS;
        long wrong = (digits & SEPARATORS)
                | ((digits | (digits + Words.ABOVE_NINE) | (pairs + TOO_LARGE)) & Words.HIGH_BITS);
        if ((differs | wrong) != 0) {
            return TimestampReader.UNREADABLE;
        }
        int hour = (int) pairs & 0xFF;
        int minute = (int) (pairs >>> 24) & 0xFF;
        int second = (int) (pairs >>> 48);
        long time = startOfDay + ((hour * 60 + minute) * 60 + second) * 1000;
        if (millisAt < 0) {
            return time;
        }
        int millis = TextTimestamps.digits(text, start + millisAt, 3);
        return millis < 0 ? TimestampReader.UNREADABLE : time + millis;
    }
}
