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
    // Literals as words.
    private static final int TRUE = 'e' << 24 | 'u' << 16 | 'r' << 8 | 't';
    private static final int NULL = 'l' << 24 | 'l' << 16 | 'u' << 8 | 'n';
    private static final long FALSE = (long) 'e' << 32 | 's' << 24 | 'l' << 16 | 'a' << 8 | 'f';
    private static final long FIVE_BYTES = 0xFF_FFFF_FFFFL;
    private static final long SPACES = ' ' * Words.ONES;

    /** A topic has about as many layouts as programs that write it; comparing with more costs more than it saves. */
    private static final int LAYOUTS = 4;
    /** Limits the cost of learning in a topic whose records all differ. */
    private static final int MOST_PATIENCE = 1 << 10;
    /** After this many records a layout has saved more time than it took to learn. */
    private static final int RECORDS_THAT_PAY = 64;

    /** Walks over long strings and numbers. */
    private final JsonCursor cursor;

    private final NumberScanner numbers = new NumberScanner();
    private final Layout[] layouts = new Layout[LAYOUTS];
    private final KnownShapes shapes = new KnownShapes(numbers);

    private int known;
    /** The layout that the last record had; it is tried first. */
    private int last;
    /** The layout that was learned last. */
    private int newest;
    /** Records without a known layout since then. */
    private int misses;
    /** How many of them there must be before the next layout is learned. */
    private int patience = 1;

    // Where the record's layout ends, and how many objects are open there.
    private int endOfLayout;
    private int depth;

    KnownLayouts(JsonCursor cursor) {
        this.cursor = cursor;
    }

    /**
     * Whether the record from {@code off} to {@code end} has a known layout; its fields are then set. If not, they may
     * hold anything.
     */
    boolean fit(byte[] buf, int off, int end, FieldValues into) throws MalformedRecordException {
        Shape shape = shapes.fit(buf, off, end, into);
        if (shape != null) {
            endOfLayout = off + shape.endOfLayout;
            depth = shape.layout.depth;
            return true;
        }
        return fitAny(buf, off, end, into);
    }

    private boolean fitAny(byte[] buf, int off, int end, FieldValues into) throws MalformedRecordException {
        for (int i = 0; i < known; i++) {
            int candidate = last + i < known ? last + i : last + i - known;
            Layout layout = layouts[candidate];
            if (fits(layout, buf, off, end, into)) {
                last = candidate;
                depth = layout.depth;
                layout.fitted++;
                shapes.learn(layout, buf, off, endOfLayout, end);
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
        return depth;
    }

    private boolean fits(Layout layout, byte[] buf, int off, int end, FieldValues into)
            throws MalformedRecordException {
        int i = off;
        for (Gap gap = layout.first; gap != null; gap = gap.next) {
            if (!gap.begins(buf, i, end)) {
                return false;
            }
            int start = i + gap.before.length;
            if (gap.string) {
                boolean escaped = false;
                i = endOfPlainString(buf, start, end);
                if (i < 0) {
                    cursor.begin(buf, off, end);
                    i = cursor.string(start);
                    escaped = cursor.escaped;
                }
                if (gap.field >= 0) {
                    into.set(gap.field, FieldType.STRING, start, i, escaped);
                }
            } else if (gap.literal) {
                i = endOfLiteral(buf, start, end);
                if (i < 0) {
                    return false;
                }
            } else {
                i = numbers.read(buf, start, end);
                if (i < 0) {
                    if (buf[start] != '-' && (buf[start] < '0' || buf[start] > '9')) {
                        return false;
                    }
                    cursor.begin(buf, off, end);
                    cursor.pos = start;
                    cursor.scalar(buf[start]);
                    i = cursor.pos;
                    numbers.decimals = FieldValues.NOT_READ;
                }
                if (gap.field >= 0) {
                    into.setNumber(gap.field, start, i, numbers.digits, numbers.decimals);
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
        shapes.count();
        int place = known < LAYOUTS ? known : leastFitted();
        boolean paid = known > 0 && layouts[newest].fitted >= RECORDS_THAT_PAY;
        boolean gives = known < LAYOUTS || layouts[place].fitted < misses;
        Layout layout = gives ? Layout.of(buf, off, to, found) : null;
        if (layout != null) {
            layouts[place] = layout;
            known = Math.max(known, place + 1);
            newest = place;
        }
        patience = paid ? Math.max(patience / 2, 1) : Math.min(2 * patience, MOST_PATIENCE);
        misses = 0;
        for (int i = 0; i < known; i++) {
            layouts[i].fitted = 0;
        }
    }

    private int leastFitted() {
        int least = 0;
        for (int i = 1; i < LAYOUTS; i++) {
            least = layouts[i].fitted < layouts[least].fitted ? i : least;
        }
        return least;
    }

    /** Where a literal ends; -1 if there is none. */
    private static int endOfLiteral(byte[] b, int from, int end) {
        long word = Words.orZeros(b, from);
        int four = (int) word;
        int stop = four == TRUE || four == NULL ? from + 4 : (word & FIVE_BYTES) == FALSE ? from + 5 : -1;
        return stop <= end ? stop : -1;
    }

    /** Where the closing quote of a string is; -1 if the string is not all plain ASCII. */
    private static int endOfPlainString(byte[] b, int from, int end) {
        // Ends at the zeros behind the array at the latest, which are control characters.
        for (int i = from; true; i += Long.BYTES) {
            long word = Words.orZeros(b, i);
            // The lowest high bit is that of the first byte that is a quote, a backslash, a control character or not
            // ASCII: "Determine if a word has a byte less than n" of Anderson's Bit Twiddling Hacks.
            long stop = (((word ^ Words.QUOTES) - Words.ONES)
                            | ((word ^ Words.BACKSLASHES) - Words.ONES)
                            | (word - SPACES)
                            | word)
                    & Words.HIGH_BITS;
            if (stop != 0) {
                int at = i + (Long.numberOfTrailingZeros(stop) >>> 3);
                return at < end && b[at] == '"' ? at : -1;
            }
        }
    }
}
