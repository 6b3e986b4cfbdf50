package io.tidemark.json;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** For each byte of a {@link Shape} what it may be: itself, unless it belongs to a value. */
final class ByteClasses {
    /** The smallest and the largest that each may be. */
    final byte[] least;

    private final byte[] most;
    /** The high bit of each that must be neither quote nor backslash. */
    private final byte[] text;

    ByteClasses(byte[] record) {
        least = record;
        most = record.clone();
        text = new byte[record.length];
    }

    /** Lets the characters of a string differ; returns where it ends, or -1 if it has others than printable ASCII. */
    int string(int start) {
        int end = start;
        boolean letters = false;
        for (; least[end] != '"'; end++) {
            if (least[end] < ' ' || least[end] == '\\') {
                return -1;
            }
            letters |= least[end] > '\\' || least[end] == '!';
        }
        for (int i = start; i < end; i++) {
            if (letters) {
                least[i] = ' ';
                most[i] = 0x7F;
                text[i] = (byte) 0x80;
            } else if (least[i] != ' ') {
                // Between the quote and the backslash are the digits, and all that is in times and numbers. It costs
                // less to check.
                least[i] = '"' + 1;
                most[i] = '\\' - 1;
            }
        }
        return end;
    }

    /** Lets the digits of a number differ, so that it is one whatever they are; returns where it ends, before {@code end}. */
    int number(int start, int end) {
        int first = least[start] == '-' ? start + 1 : start;
        int i = start;
        while (i < end && "+-.0123456789Ee".indexOf(least[i]) >= 0) {
            if (isDigit(least[i])) {
                least[i] = '0';
                most[i] = '9';
            }
            i++;
        }
        if (first + 1 < i && isDigit(least[first + 1])) {
            least[first] = '1';
        }
        return i;
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    /** The ranges of all, the first ones first. */
    @Nullable
    ByteRanges ranges() {
        ByteRanges next = null;
        int last = least.length - ByteRanges.BYTES;
        for (int at = (least.length - 1) / ByteRanges.BYTES * ByteRanges.BYTES; at >= 0; at -= ByteRanges.BYTES) {
            // The last ones overlap those before them.
            int from = Math.min(at, last);
            next = new ByteRanges(from, part(least, from), part(most, from), part(text, from), next);
        }
        return next;
    }

    private static byte[] part(byte[] of, int from) {
        return Arrays.copyOfRange(of, from, from + ByteRanges.BYTES);
    }
}
