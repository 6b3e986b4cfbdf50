package io.tidemark.json;

import io.tidemark.json.FieldValues.FieldType;
import io.tidemark.json.Layout.Gap;
import io.tidemark.json.MalformedRecordException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds fields in the bytes of a JSON object, in place, without a tree and without garbage, and stops after the last
 * field that it needs. What it walks over is checked against RFC 8259 and for valid UTF-8; what comes after is not looked
 * at. Where an object has the same name twice, the first occurrence counts.
 *
 * <p>It bets that a record is laid out as one of the last ones was, and looks only at what may differ then ({@link
 * Layout}); where no bet holds it looks at everything.
 *
 * <p>Not safe for use by several threads.
 */
public final class FieldScanner {
    /** How deep arrays and objects may be nested in each other; deeper ones are refused, as Jackson does by default. */
    public static final int MAX_DEPTH = 1_000;

    /** So many digits and powers of ten are exact doubles, and so is the nearest double to their quotient. */
    private static final int EXACT_DIGITS = 15;

    /** A topic has as many layouts as there are programs that write it; more are not worth a look at each. */
    private static final int LAYOUTS = 4;
    /** Where nothing is ever laid out alike, learning must not cost. */
    private static final int MOST_MISSES = 1 << 10;

    private final Node root = new Node(new byte[0], -1);
    private final int fields;
    // Whether each open container of a value that is skipped is an object.
    private final boolean[] isObject = new boolean[MAX_DEPTH];

    private byte[] scratch = new byte[64];
    private byte[] buf = new byte[0];
    private int base;
    private int end;
    private int pos;
    private boolean escaped;
    private int remaining;
    private long record;
    private FieldValues into = new FieldValues(List.of());

    private final Gap[][] layouts = new Gap[LAYOUTS][];
    private int known;
    private int bet;
    private int oldest;
    /** So many records are looked at wholly before the next layout is learnt, and twice as many after it. */
    private int misses = 1;

    private int patience = 1;

    /**
     * A scanner for these fields.
     *
     * @throws IllegalArgumentException where a path is given twice
     */
    public FieldScanner(List<FieldPath> fields) {
        this.fields = fields.size();
        HashSet<String> seen = new HashSet<>();
        for (int i = 0; i < fields.size(); i++) {
            if (!seen.add(fields.get(i).text())) {
                throw new IllegalArgumentException("the path " + fields.get(i).text() + " is given twice");
            }
            root.add(fields.get(i).steps(), 0, i);
        }
    }

    /**
     * Scans one record.
     *
     * @param into gets type and place of each field, in the order of the constructor
     * @throws MalformedRecordException where the record is not a JSON object, as far as it was read
     */
    public void scan(byte[] buf, int off, int len, FieldValues into) throws MalformedRecordException {
        this.buf = buf;
        this.base = off;
        this.pos = off;
        this.end = off + len;
        this.into = into;
        into.begin(buf);
        if (isLaidOutAsBefore()) {
            return;
        }
        pos = off;
        into.clear();
        remaining = fields;
        record++;
        if (space() != '{') {
            throw malformed("a JSON object must begin here");
        }
        if (fields == 0) {
            return;
        }
        if (object(root, 1)) {
            learn();
            return;
        }
        // Nothing after the object can be a field, but it tells a broken record from one that lacks a field.
        if (space() >= 0) {
            throw malformed("there is something after the object");
        }
    }

    /** The layout that held last is tried first. */
    private boolean isLaidOutAsBefore() throws MalformedRecordException {
        for (int i = 0; i < known; i++) {
            int candidate = (bet + i) % LAYOUTS;
            if (layouts[candidate] != null && isLaidOutAs(layouts[candidate])) {
                bet = candidate;
                return true;
            }
        }
        return false;
    }

    private boolean isLaidOutAs(Gap[] layout) throws MalformedRecordException {
        byte[] b = buf;
        int to = end;
        int i = base;
        for (Gap gap : layout) {
            if (!gap.begins(b, i, to)) {
                return false;
            }
            int start = i + gap.before.length;
            if (gap.string) {
                i = endOfShortString(b, start, to);
                escaped = false;
                if (i < 0) {
                    i = string(start);
                }
                if (gap.field >= 0) {
                    into.set(gap.field, FieldType.STRING, start, i, escaped);
                }
            } else {
                pos = start;
                double value = shortNumber();
                if (Double.isNaN(value)) {
                    if (b[start] != '-' && (b[start] < '0' || b[start] > '9')) {
                        return false;
                    }
                    scalar(b[start]);
                }
                i = pos;
                if (gap.field >= 0) {
                    into.setNumber(gap.field, start, i, value);
                }
            }
        }
        // After a number there must be something that ends it; bytes around that are the same have seen to all others.
        pos = i;
        return layout[layout.length - 1].string || isEndOfValue();
    }

    private void learn() {
        if (--misses > 0) {
            return;
        }
        patience = Math.min(2 * patience, MOST_MISSES);
        misses = patience;
        Gap[] layout = Layout.of(buf, base, into);
        if (layout != null) {
            if (oldest == bet && known == LAYOUTS) {
                oldest = (oldest + 1) % LAYOUTS;
            }
            layouts[oldest] = layout;
            oldest = (oldest + 1) % LAYOUTS;
            known = Math.min(known + 1, LAYOUTS);
        }
    }

    /** Where the closing quote of a string is, or -1 where it is not all plain ASCII or near the end of the record. */
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

    /** Walks over a number of few digits and gives its value; where it is another one, NaN, and it is not walked over. */
    private double shortNumber() {
        byte[] b = buf;
        int i = pos;
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
        pos = i;
        double value = decimals == 0 ? digits : digits / JsonNumbers.EXACT_POWERS[decimals];
        return negative ? -value : value;
    }

    /** Walks an object that may have needed fields; true where all fields are known and the rest is of no interest. */
    private boolean object(Node node, int depth) throws MalformedRecordException {
        pos++;
        if (space() == '}') {
            pos++;
            return false;
        }
        while (true) {
            Node child = member(node);
            if (child == null || child.record == record) {
                skip(depth);
            } else if (value(child, depth)) {
                return true;
            }
            int b = space();
            pos++;
            if (b == '}') {
                return false;
            }
            if (b != ',') {
                pos--;
                throw malformed("',' or '}' must stand here");
            }
            space();
        }
    }

    /** Walks an array that may have needed fields. */
    private boolean array(Node node, int depth) throws MalformedRecordException {
        pos++;
        if (space() == ']') {
            pos++;
            return false;
        }
        for (int position = 0; true; position++) {
            Node child = node.element(position);
            if (child == null) {
                skip(depth);
            } else if (value(child, depth)) {
                return true;
            }
            int b = space();
            pos++;
            if (b == ']') {
                return false;
            }
            if (b != ',') {
                pos--;
                throw malformed("',' or ']' must stand here");
            }
            space();
        }
    }

    /** Walks over the next name of an object and its colon; returns the node of that name, if there is one. */
    private @Nullable Node member(Node object) throws MalformedRecordException {
        int from = pos + 1;
        int to = name();
        byte[] text = buf;
        if (escaped) {
            if (scratch.length < to - from) {
                scratch = new byte[2 * (to - from)];
            }
            to = Math.abs(JsonStrings.unescape(buf, from, to, scratch, 0));
            from = 0;
            text = scratch;
        }
        for (Node each : object.children) {
            if (each.position < 0 && Arrays.equals(text, from, to, each.name, 0, each.name.length)) {
                return each;
            }
        }
        return null;
    }

    private boolean value(Node node, int depth) throws MalformedRecordException {
        node.record = record;
        int before = remaining;
        int start = pos;
        int b = peek();
        if (b == '"') {
            pos = string(start + 1) + 1;
            if (node.field >= 0) {
                into.set(node.field, FieldType.STRING, start + 1, pos - 1, escaped);
            }
        } else if (b == '{' || b == '[') {
            if (node.field >= 0) {
                into.set(node.field, b == '{' ? FieldType.OBJECT : FieldType.ARRAY, start, start, false);
                if (--remaining == 0) {
                    return true;
                }
            }
            if (node.children.length == 0) {
                skip(depth);
            } else if (depth == MAX_DEPTH) {
                throw tooDeep();
            } else if (b == '{' ? object(node, depth + 1) : array(node, depth + 1)) {
                return true;
            }
        } else {
            FieldType type = scalar(b);
            if (node.field >= 0) {
                into.set(node.field, type, start, pos, false);
            }
        }
        // Whatever this value did not have below it is known to be missing.
        remaining = before - node.fields;
        return remaining == 0;
    }

    /** Walks over a value that nobody needs. */
    private void skip(int outerDepth) throws MalformedRecordException {
        int depth = 0;
        while (true) {
            int b = peek();
            if (b == '"') {
                pos = string(pos + 1) + 1;
            } else if (b == '{' || b == '[') {
                if (outerDepth + depth == MAX_DEPTH) {
                    throw tooDeep();
                }
                isObject[depth++] = b == '{';
                pos++;
                int next = space();
                if (next == (b == '{' ? '}' : ']')) {
                    pos++;
                    depth--;
                } else {
                    if (b == '{') {
                        name();
                    }
                    continue;
                }
            } else {
                scalar(b);
            }
            while (true) {
                if (depth == 0) {
                    return;
                }
                int next = space();
                boolean inObject = isObject[depth - 1];
                if (next == ',') {
                    pos++;
                    space();
                    if (inObject) {
                        name();
                    }
                    break;
                }
                if (next != (inObject ? '}' : ']')) {
                    throw malformed(inObject ? "',' or '}' must stand here" : "',' or ']' must stand here");
                }
                pos++;
                depth--;
            }
        }
    }

    /** Walks over a name and its colon, up to the value; returns the end of the name. */
    private int name() throws MalformedRecordException {
        if (peek() != '"') {
            throw malformed("a name in quotes must stand here");
        }
        int close = string(pos + 1);
        pos = close + 1;
        if (space() != ':') {
            throw malformed("':' must stand here");
        }
        pos++;
        space();
        return close;
    }

    /** Walks over a literal or number. */
    private FieldType scalar(int first) throws MalformedRecordException {
        FieldType type = switch (first) {
            case 't' -> literal("true", FieldType.TRUE);
            case 'f' -> literal("false", FieldType.FALSE);
            case 'n' -> literal("null", FieldType.NULL);
            default -> number(first);
        };
        if (!isEndOfValue()) {
            throw malformed(pos == end ? "it ends in the middle" : "a value does not end where it should");
        }
        return type;
    }

    /** Whether here is what may follow a literal or number. */
    private boolean isEndOfValue() {
        int b = peek();
        return b == ',' || b == '}' || b == ']' || b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    private FieldType literal(String text, FieldType type) throws MalformedRecordException {
        for (int i = 0; i < text.length(); i++) {
            if (peek() != text.charAt(i)) {
                throw malformed("true, false or null is misspelled");
            }
            pos++;
        }
        return type;
    }

    private FieldType number(int first) throws MalformedRecordException {
        if (first == '-') {
            pos++;
        }
        if (peek() == '0') {
            pos++;
        } else {
            digits();
        }
        int b = peek();
        if (b == '.') {
            pos++;
            digits();
            b = peek();
        }
        if (b == 'e' || b == 'E') {
            pos++;
            int sign = peek();
            if (sign == '+' || sign == '-') {
                pos++;
            }
            digits();
        }
        return FieldType.NUMBER;
    }

    private void digits() throws MalformedRecordException {
        byte[] b = buf;
        int i = pos;
        while (i < end && b[i] >= '0' && b[i] <= '9') {
            i++;
        }
        if (i == pos) {
            throw malformed("a value or a digit must stand here");
        }
        pos = i;
    }

    /** Walks over a string from behind its opening quote; returns where the closing one is. */
    private int string(int from) throws MalformedRecordException {
        escaped = false;
        byte[] b = buf;
        int i = from;
        while (i < end) {
            byte c = b[i];
            if (c == '"') {
                return i;
            } else if (c == '\\') {
                escaped = true;
                i = escape(i + 1);
            } else if (c >= ' ') {
                i++;
            } else if (c < 0) {
                i = multibyte(i);
            } else {
                pos = i;
                throw malformed("a control character must be escaped");
            }
        }
        pos = end;
        throw malformed("it ends in the middle of a string");
    }

    private int escape(int at) throws MalformedRecordException {
        int c = at < end ? buf[at] : -1;
        if (c == 'u') {
            int i = at + 1;
            while (i < end && i < at + 5 && JsonStrings.hex(buf[i]) >= 0) {
                i++;
            }
            if (i == at + 5) {
                return i;
            }
        } else if ("\"\\/bfnrt".indexOf(c) >= 0) {
            return at + 1;
        }
        pos = at;
        throw malformed("this is not an escape of JSON");
    }

    /** Walks over a character of two to four bytes: the table of RFC 3629, section 4. */
    private int multibyte(int at) throws MalformedRecordException {
        int lead = buf[at] & 0xFF;
        int length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        boolean valid = lead >= 0xC2 && lead <= 0xF4 && at + length <= end;
        if (valid) {
            int second = buf[at + 1] & 0xFF;
            int lowest = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
            int highest = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
            valid = second >= lowest && second <= highest;
            for (int i = at + 2; i < at + length; i++) {
                valid &= (buf[i] & 0xC0) == 0x80;
            }
        }
        if (!valid) {
            pos = at;
            throw malformed("this is not UTF-8");
        }
        return at + length;
    }

    /** Walks over white space; returns the byte after it, or -1 at the end. */
    private int space() {
        byte[] b = buf;
        int i = pos;
        while (i < end && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t')) {
            i++;
        }
        pos = i;
        return i < end ? b[i] & 0xFF : -1;
    }

    private int peek() {
        return pos < end ? buf[pos] & 0xFF : -1;
    }

    private MalformedRecordException malformed(String problem) {
        return new MalformedRecordException(
                Reason.NOT_JSON,
                "",
                "not JSON at byte " + (pos - base) + ": " + (pos >= end && pos > base ? "it ends too early" : problem));
    }

    private MalformedRecordException tooDeep() {
        return malformed("it is nested deeper than " + MAX_DEPTH);
    }

    /** A name or position on the way to one or more fields. */
    private static final class Node {
        final byte[] name;
        final int position;
        int field = -1;
        /** How many fields this is, or leads to. */
        int fields;

        Node[] children = new Node[0];
        /** The number of the last record that had it. */
        long record;

        Node(byte[] name, int position) {
            this.name = name;
            this.position = position;
        }

        void add(List<FieldPath.Step> steps, int depth, int number) {
            fields++;
            if (depth == steps.size()) {
                field = number;
                return;
            }
            FieldPath.Step step = steps.get(depth);
            byte[] wanted = step.name().getBytes(StandardCharsets.UTF_8);
            Node next = null;
            for (Node each : children) {
                if (each.position == step.position() && Arrays.equals(each.name, wanted)) {
                    next = each;
                }
            }
            if (next == null) {
                next = new Node(wanted, step.position());
                children = Arrays.copyOf(children, children.length + 1);
                children[children.length - 1] = next;
            }
            next.add(steps, depth + 1, number);
        }

        @Nullable
        Node element(int wanted) {
            for (Node each : children) {
                if (each.position == wanted) {
                    return each;
                }
            }
            return null;
        }
    }
}
