package io.tidemark.json;

import io.tidemark.json.FieldValues.FieldType;
import io.tidemark.json.Layout.Gap;

/**
 * The layouts of recent records, and the check whether the next record has one of them. If it has, only its strings and
 * numbers are looked at; see {@link Layout}.
 *
 * <p>Not safe for use by several threads.
 */
final class KnownLayouts {
    /** Numbers of at most this many digits, and the powers of ten up to it, are exact doubles: their quotient is rounded once. */
    private static final int EXACT_DIGITS = 15;

    /** A topic has about as many layouts as programs that write it; comparing with more costs more than it saves. */
    private static final int LAYOUTS = 4;
    /** Limits the cost of learning in a topic whose records all differ. */
    private static final int MOST_MISSES = 1 << 10;

    /** Walks over long strings and numbers. */
    private final JsonCursor cursor;

    private final Gap[][] layouts = new Gap[LAYOUTS][];
    private int known;
    /** The layout that the last record had; it is tried first. */
    private int last;
    /** The layout that is replaced next. */
    private int oldest;
    /** Records without a known layout that are still to come before the next layout is learned. */
    private int misses = 1;

    /** The value that {@link #misses} starts from; doubled each time, up to {@link #MOST_MISSES}. */
    private int missesBeforeNext = 1;

    /** Where the number ends that {@link #shortNumber} read last. */
    private int endOfNumber;

    KnownLayouts(JsonCursor cursor) {
        this.cursor = cursor;
    }

    /**
     * Whether the record from {@code off} to {@code end} has a known layout; its fields are then set. If not, they may
     * hold anything.
     */
    boolean fit(byte[] buf, int off, int end, FieldValues into) throws MalformedRecordException {
        for (int i = 0; i < known; i++) {
            int candidate = (last + i) % LAYOUTS;
            if (layouts[candidate] != null && fits(layouts[candidate], buf, off, end, into)) {
                last = candidate;
                return true;
            }
        }
        return false;
    }

    private boolean fits(Gap[] layout, byte[] buf, int off, int end, FieldValues into) throws MalformedRecordException {
        int i = off;
        for (Gap gap : layout) {
            if (!gap.begins(buf, i, end)) {
                return false;
            }
            int start = i + gap.before.length;
            if (gap.string) {
                boolean escaped = false;
                i = endOfShortString(buf, start, end);
                if (i < 0) {
                    cursor.begin(buf, off, end);
                    i = cursor.string(start);
                    escaped = cursor.escaped;
                }
                if (gap.field >= 0) {
                    into.set(gap.field, FieldType.STRING, start, i, escaped);
                }
            } else {
                double value = shortNumber(buf, start, end);
                i = endOfNumber;
                if (Double.isNaN(value)) {
                    if (buf[start] != '-' && (buf[start] < '0' || buf[start] > '9')) {
                        return false;
                    }
                    cursor.begin(buf, off, end);
                    cursor.pos = start;
                    cursor.scalar(buf[start]);
                    i = cursor.pos;
                }
                if (gap.field >= 0) {
                    into.setNumber(gap.field, start, i, value);
                }
            }
        }
        // The bytes before the next gap end each value but the last. A string ends itself; a number needs a check.
        return layout[layout.length - 1].string || (i < end && JsonCursor.mayFollowValue(buf[i]));
    }

    /** Learns the layout of a record that has none of the known ones, and all of whose fields were found. */
    void learn(byte[] buf, int off, FieldValues found) {
        if (--misses > 0) {
            return;
        }
        missesBeforeNext = Math.min(2 * missesBeforeNext, MOST_MISSES);
        misses = missesBeforeNext;
        Gap[] layout = Layout.of(buf, off, found);
        if (layout != null) {
            if (oldest == last && known == LAYOUTS) {
                oldest = (oldest + 1) % LAYOUTS;
            }
            layouts[oldest] = layout;
            oldest = (oldest + 1) % LAYOUTS;
            known = Math.min(known + 1, LAYOUTS);
        }
    }

    /** Where the closing quote of a string is; -1 if the string is not all plain ASCII or is near the end of the record. */
    private static int endOfShortString(byte[] b, int from, int end) {
        for (int i = from; i <= end - Long.BYTES; i += Long.BYTES) {
            long word = Words.at(b, i);
            long quote = word ^ ('"' * Words.ONES);
            long backslash = word ^ ('\\' * Words.ONES);
            // The lowest high bit is that of the first byte that is a quote, a backslash, a control character or not
            // ASCII: "Determine if a word has a byte less than n" of Anderson's Bit Twiddling Hacks.
            long stop = (((quote - Words.ONES) & ~quote)
                            | ((backslash - Words.ONES) & ~backslash)
                            | (word - ' ' * Words.ONES)
                            | word)
                    & Words.HIGH_BITS;
            if (stop != 0) {
                int at = i + (Long.numberOfTrailingZeros(stop) >>> 3);
                return b[at] == '"' ? at : -1;
            }
        }
        return -1;
    }

    /** The value of a number of at most 15 digits, whose end is then {@link #endOfNumber}; NaN for any other. */
    private double shortNumber(byte[] b, int from, int end) {
        int i = from;
        boolean negative = i < end && b[i] == '-';
        if (negative) {
            i++;
        }
        int first = i;
        long digits = 0;
        while (i < end && b[i] >= '0' && b[i] <= '9') {
            digits = digits * 10 + (b[i++] - '0');
        }
        int count = i - first;
        if (count == 0 || (count > 1 && b[first] == '0')) {
            return Double.NaN;
        }
        int decimals = 0;
        if (i < end && b[i] == '.') {
            int point = ++i;
            while (i < end && b[i] >= '0' && b[i] <= '9') {
                digits = digits * 10 + (b[i++] - '0');
            }
            decimals = i - point;
            if (decimals == 0) {
                return Double.NaN;
            }
        }
        if (count + decimals > EXACT_DIGITS || (i < end && (b[i] | 0x20) == 'e')) {
            return Double.NaN;
        }
        endOfNumber = i;
        double value = decimals == 0 ? digits : digits / JsonNumbers.EXACT_POWERS[decimals];
        return negative ? -value : value;
    }
}
