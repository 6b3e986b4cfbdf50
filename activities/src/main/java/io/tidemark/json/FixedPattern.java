package io.tidemark.json;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A pattern in which every digit has its place, such as {@code dd/MM/yyyy HH:mm:ss}, and what was read by it last. */
final class FixedPattern {
    /** The fields of a pattern; the order is that of {@link #values}. */
    private static final String LETTERS = "yMdHmsS";

    private static final int[] WIDTHS = {4, 2, 2, 2, 2, 2, 3};
    private static final int[] MOST = {9999, 12, 31, 23, 59, 59, 999};

    /** For each byte of the pattern: the number of the field that begins here, or -1 for literal text. */
    private final int[] fieldAt;

    private final byte[] literal;
    private final int[] values = new int[LETTERS.length()];

    private FixedPattern(int[] fieldAt, byte[] literal) {
        this.fieldAt = fieldAt;
        this.literal = literal;
    }

    /** The pattern in this form, or null where it has anything but fixed places. */
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
                    // Two quotes stand for one; nobody writes times so.
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
        // What DateTimeFormatter makes of minutes without an hour is its own business.
        boolean clock = (seen[3] || !seen[4]) && (seen[4] || !seen[5]) && (seen[5] || !seen[6]);
        return date && clock ? new FixedPattern(Arrays.copyOf(fieldAt, length), literal) : null;
    }

    /** Whether the text is in this form, every value within its range, 30 and 31 February included. */
    boolean read(byte[] text, int start, int end) {
        int length = fieldAt.length;
        if (end - start != length) {
            return false;
        }
        for (int i = 0; i < length; ) {
            int field = fieldAt[i];
            if (field < 0) {
                if (text[start + i] != literal[i]) {
                    return false;
                }
                i++;
            } else {
                int value = TextTimestamps.digits(text, start + i, WIDTHS[field]);
                if (value < 0 || value > MOST[field]) {
                    return false;
                }
                values[field] = value;
                i += WIDTHS[field];
            }
        }
        return true;
    }

    int year() {
        return values[0];
    }

    int month() {
        return values[1];
    }

    int day() {
        return values[2];
    }

    int millisOfDay() {
        return ((values[3] * 60 + values[4]) * 60 + values[5]) * 1000 + values[6];
    }
}
