package io.tidemark.json;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A pattern whose digits are all at fixed places, such as {@code dd/MM/yyyy HH:mm:ss}, and the time that it read last.
 */
final class FixedPattern {
    /** The letters of a pattern; a field's number is its index here. */
    private static final String LETTERS = "yMdHmsS";

    private static final int[] WIDTHS = {4, 2, 2, 2, 2, 2, 3};

    private final int length;
    /** Where each field begins, or -1. */
    private final int[] fieldAt = new int[LETTERS.length()];
    /**
     * The pattern in words of eight bytes: literal text, and '0' for digits. The last word overlaps the one before it.
     */
    private final long[] words;
    /** For each word, all bits of the bytes that are literal text. */
    private final long[] literals;

    private final @Nullable LastDate lastDate;

    private int year;
    private int month;
    private int day;
    private int millisOfDay;

    /** @param fields for each byte of the pattern: the number of the field that begins here, or -1 for literal text */
    private FixedPattern(int[] fields, byte[] literal) {
        length = fields.length;
        Arrays.fill(fieldAt, -1);
        byte[] text = Arrays.copyOf(literal, length);
        byte[] isLiteral = new byte[length];
        Arrays.fill(isLiteral, (byte) -1);
        for (int i = 0; i < length; i++) {
            if (fields[i] >= 0) {
                int width = WIDTHS[fields[i]];
                fieldAt[fields[i]] = i;
                Arrays.fill(text, i, i + width, (byte) '0');
                Arrays.fill(isLiteral, i, i + width, (byte) 0);
                i += width - 1;
            }
        }
        // The pattern has eight bytes or more, because a date alone has eight digits.
        words = new long[(length + Long.BYTES - 1) / Long.BYTES];
        literals = new long[words.length];
        for (int i = 0; i < words.length; i++) {
            words[i] = Words.at(text, wordAt(i));
            literals[i] = Words.at(isLiteral, wordAt(i));
        }
        lastDate = LastDate.of(text, fieldAt);
    }

    private int wordAt(int word) {
        return Math.min(word * Long.BYTES, length - Long.BYTES);
    }

    /** The pattern in this form, or null if it has anything that is not at a fixed place. */
    static @Nullable FixedPattern of(String pattern) {
        int[] fieldAt = new int[pattern.length()];
        byte[] literal = new byte[pattern.length()];
        boolean[] seen = new boolean[LETTERS.length()];
        int length = 0;
        for (int i = 0; i < pattern.length(); ) {
            char c = pattern.charAt(i);
            int field = LETTERS.indexOf(c == 'u' ? 'y' : c);
            if (field >= 0) {
                int width = WIDTHS[field];
                int run = i;
                while (run < pattern.length() && pattern.charAt(run) == c) {
                    run++;
                }
                if (run - i != width || seen[field]) {
                    return null;
                }
                seen[field] = true;
                fieldAt[length] = field;
                length += width;
                i = run;
            } else if (c == '\'') {
                int close = pattern.indexOf('\'', i + 1);
                if (close <= i + 1) {
                    // Two quotes stand for one quote. That is rare enough for DateTimeFormatter.
                    return null;
                }
                for (i++; i < close; i++) {
                    if (pattern.charAt(i) > 0x7F) {
                        return null;
                    }
                    fieldAt[length] = -1;
                    literal[length++] = (byte) pattern.charAt(i);
                }
                i++;
            } else if (c < ' ' || c > '~' || Character.isLetter(c) || "[]{}#".indexOf(c) >= 0) {
                return null;
            } else {
                fieldAt[length] = -1;
                literal[length++] = (byte) c;
                i++;
            }
        }
        boolean date = seen[0] && seen[1] && seen[2];
        // DateTimeFormatter has rules of its own for minutes without an hour, so such patterns are left to it.
        boolean clock = (seen[3] || !seen[4]) && (seen[4] || !seen[5]) && (seen[5] || !seen[6]);
        return date && clock ? new FixedPattern(Arrays.copyOf(fieldAt, length), literal) : null;
    }

    /** Whether the text is in this form and each value is in its range; a day may still be beyond its month's end. */
    boolean read(byte[] text, int start, int end) {
        if (end - start != length) {
            return false;
        }
        long wrong = 0;
        for (int i = 0; i < words.length; i++) {
            long differs = Words.at(text, start + wordAt(i)) ^ words[i];
            wrong |= (differs & literals[i]) | ((differs | (differs + Words.ABOVE_NINE)) & Words.HIGH_BITS);
        }
        if (wrong != 0) {
            return false;
        }
        year = 100 * two(text, start + fieldAt[0]) + two(text, start + fieldAt[0] + 2);
        month = two(text, start + fieldAt[1]);
        day = two(text, start + fieldAt[2]);
        int hour = fieldAt[3] < 0 ? 0 : two(text, start + fieldAt[3]);
        int minute = fieldAt[4] < 0 ? 0 : two(text, start + fieldAt[4]);
        int second = fieldAt[5] < 0 ? 0 : two(text, start + fieldAt[5]);
        int millis = fieldAt[6] < 0 ? 0 : 10 * two(text, start + fieldAt[6]) + text[start + fieldAt[6] + 2] - '0';
        millisOfDay = ((hour * 60 + minute) * 60 + second) * 1000 + millis;
        return month <= 12 && day <= 31 && hour <= 23 && minute <= 59 && second <= 59;
    }

    /** The date that was {@link #read} last, to find it again; null if the clock of this pattern has another form. */
    @Nullable
    LastDate lastDate() {
        return lastDate;
    }

    private static int two(byte[] text, int at) {
        return 10 * text[at] + text[at + 1] - 11 * '0';
    }

    int year() {
        return year;
    }

    int month() {
        return month;
    }

    int day() {
        return day;
    }

    int millisOfDay() {
        return millisOfDay;
    }
}
