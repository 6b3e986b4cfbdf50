package io.tidemark.json;

import io.tidemark.json.FieldValues.FieldType;
import io.tidemark.json.Layout.Gap;
import java.util.Arrays;

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
    private static final int MOST_PATIENCE = 1 << 10;
    /** After this many records a layout has saved more time than it took to learn. */
    private static final int RECORDS_THAT_PAY = 64;

    /** Walks over long strings and numbers. */
    private final JsonCursor cursor;

    private final Layout[] layouts = new Layout[LAYOUTS];
    /** How many records each layout fitted since a layout was learned, or was to be learned, last. */
    private final int[] fitted = new int[LAYOUTS];

    private int known;
    /** The layout that the last record had; it is tried first. */
    private int last;
    /** The layout that was learned last. */
    private int newest = LAYOUTS - 1;
    /** Records without a known layout since then. */
    private int misses;
    /** How many of them there must be before the next layout is learned. */
    private int patience = 1;

    /** Where the record's layout ends. */
    private int endOfLayout;
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
            int candidate = last + i < known ? last + i : last + i - known;
            if (fits(layouts[candidate], buf, off, end, into)) {
                last = candidate;
                fitted[candidate]++;
                return true;
            }
        }
        return false;
    }

    /** Where the layout of the last record that fitted ends. */
    int endOfLayout() {
        return endOfLayout;
    }

    /** How many objects are open there. */
    int depth() {
        return layouts[last].depth;
    }

    private boolean fits(Layout layout, byte[] buf, int off, int end, FieldValues into)
            throws MalformedRecordException {
        int i = off;
        for (Gap gap : layout.gaps) {
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
        if (!layout.ends(buf, i, end)) {
            return false;
        }
        endOfLayout = i + layout.tail.length;
        for (int f = 0; f < layout.fixed.length; f++) {
            into.set(layout.fixed[f], layout.types[f], 0, 0, false);
        }
        return true;
    }

    /**
     * Learns the layout of a record that has none of the known ones. The layout that fitted the fewest records gives way
     * to it, unless that one fitted more records than all unknown layouts together.
     *
     * @param to where its fields are known; see {@link Layout#of}
     */
    void learn(byte[] buf, int off, int to, FieldValues found) {
        if (++misses < patience) {
            return;
        }
        int place = known < LAYOUTS ? known : leastFitted();
        boolean paid = fitted[newest] >= RECORDS_THAT_PAY;
        boolean gives = known < LAYOUTS || fitted[place] < misses;
        Layout layout = gives ? Layout.of(buf, off, to, found) : null;
        if (layout != null) {
            layouts[place] = layout;
            known = Math.max(known, place + 1);
            newest = place;
        }
        patience = paid ? Math.max(patience / 2, 1) : Math.min(2 * patience, MOST_PATIENCE);
        misses = 0;
        Arrays.fill(fitted, 0);
    }

    private int leastFitted() {
        int least = 0;
        for (int i = 1; i < LAYOUTS; i++) {
            least = fitted[i] < fitted[least] ? i : least;
        }
        return least;
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
