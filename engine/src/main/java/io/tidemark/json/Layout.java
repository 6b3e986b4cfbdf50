package io.tidemark.json;

import io.tidemark.json.FieldValues.FieldType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The layout of a record up to the place where all its fields are known: the bytes around its strings and numbers. A
 * record with the same bytes, and with a string or a number in each gap between them, is the same JSON with other values.
 * Its fields are in the same gaps, so no name is looked up and no nesting followed.
 *
 * <p>A field that is a literal such as {@code true} belongs to the bytes around the gaps; a record with another literal there
 * has another layout. So a field that is a literal, or missing, is the same in all records of a layout. Other literals are
 * in gaps, in which there must be literals.
 */
final class Layout {
    /** Records with more strings and numbers before the last field are rare, and comparing them saves little. */
    private static final int MAX_GAPS = 64;

    /** The first of its gaps, which are linked for the reason that {@link ByteRanges} gives. */
    final @Nullable Gap first;
    /** How many there are. */
    final int gaps;
    /** The bytes after the last gap, up to the end of the layout. */
    final FixedText tail;
    /** How many objects are open at the end of the layout; 0 if it is the layout of the whole object. */
    final int depth;
    /** Whether a number or a literal stands at the end of the layout, which may be longer in another record. */
    final boolean endsInScalar;
    /** The fields that are in no gap, and what they are. */
    final int[] fixed;

    final FieldType[] types;

    /** How many records it fitted since a layout was learned, or was to be learned, last. */
    int fitted;

    private enum Kind {
        STRING,
        NUMBER,
        LITERAL
    }

    /** A value that may differ, and the bytes before it. */
    static final class Gap {
        /** The bytes from the value before (or from the beginning) to this one, including the quote of a string. */
        final FixedText before;

        final boolean string;
        /** Whether it is true, false or null. */
        final boolean literal;
        /** The number of the field that it is, or -1. */
        final int field;

        /** The gap behind it; set once. */
        @Nullable
        Gap next;

        private Gap(byte[] before, Kind kind, int field) {
            this.before = new FixedText(before);
            string = kind == Kind.STRING;
            literal = kind == Kind.LITERAL;
            this.field = field;
        }

        /** Whether the bytes before the value are at {@code at}, with at least one more byte after them. */
        boolean begins(byte[] buf, int at, int end) {
            return end - at > before.length && before.isAt(buf, at);
        }
    }

    private Layout(List<Gap> gaps, byte[] tail, int depth, boolean endsInScalar, FieldValues found) {
        this.gaps = gaps.size();
        first = gaps.isEmpty() ? null : gaps.get(0);
        for (int i = 1; i < this.gaps; i++) {
            gaps.get(i - 1).next = gaps.get(i);
        }
        this.tail = new FixedText(tail);
        this.depth = depth;
        this.endsInScalar = endsInScalar;
        fixed = IntStream.range(0, found.size())
                .filter(field -> !isInGap(found.type(field)))
                .toArray();
        types = IntStream.of(fixed).mapToObj(found::type).toArray(FieldType[]::new);
    }

    private static boolean isInGap(FieldType type) {
        return type == FieldType.STRING || type == FieldType.NUMBER;
    }

    /** Whether the bytes after the last gap are at {@code at}. */
    boolean ends(byte[] buf, int at, int end) {
        if (end - at < tail.length || !tail.isAt(buf, at)) {
            return false;
        }
        int next = at + tail.length;
        return !endsInScalar || (next < end && JsonCursor.mayFollowValue(buf[next]));
    }

    /**
     * The layout of a record.
     *
     * @param at where it begins
     * @param end where its fields are known; it must be well-formed up to there, and not in the middle of a value
     * @param found its fields
     * @return null if a field is an object or an array, or if there are too many gaps
     */
    static @Nullable Layout of(byte[] buf, int at, int end, FieldValues found) {
        for (int field = 0; field < found.size(); field++) {
            if (found.type(field) == FieldType.OBJECT || found.type(field) == FieldType.ARRAY) {
                return null;
            }
        }
        List<Gap> gaps = new ArrayList<>();
        int from = at;
        int depth = 0;
        int i = at;
        while (i < end && gaps.size() < MAX_GAPS) {
            byte b = buf[i];
            if (b >= 'a' && b <= 'z') {
                int stop = endOfLiteral(buf, i, end);
                if (!isField(found, i)) {
                    gaps.add(new Gap(Arrays.copyOfRange(buf, from, i), Kind.LITERAL, -1));
                    from = stop;
                }
                i = stop;
                continue;
            }
            boolean string = b == '"';
            if (!string && b != '-' && (b < '0' || b > '9')) {
                depth += b == '{' ? 1 : b == '}' ? -1 : 0;
                i++;
                continue;
            }
            int start = string ? i + 1 : i;
            int stop = string ? endOfString(buf, start) : endOfNumber(buf, start, end);
            i = string ? stop + 1 : stop;
            if (string && isName(buf, i, end)) {
                continue;
            }
            Kind kind = string ? Kind.STRING : Kind.NUMBER;
            gaps.add(new Gap(Arrays.copyOfRange(buf, from, start), kind, field(found, start)));
            from = stop;
        }
        boolean endsInScalar = "\"}]".indexOf(buf[end - 1]) < 0;
        return i < end ? null : new Layout(gaps, Arrays.copyOfRange(buf, from, end), depth, endsInScalar, found);
    }

    private static int endOfString(byte[] buf, int start) {
        int i = start;
        while (buf[i] != '"') {
            i += buf[i] == '\\' ? 2 : 1;
        }
        return i;
    }

    private static int endOfLiteral(byte[] buf, int start, int end) {
        int i = start;
        while (i < end && buf[i] >= 'a' && buf[i] <= 'z') {
            i++;
        }
        return i;
    }

    /** Whether a literal is a field. */
    private static boolean isField(FieldValues found, int start) {
        for (int field = 0; field < found.size(); field++) {
            if (found.type(field) != FieldType.MISSING && found.start(field) == start) {
                return true;
            }
        }
        return false;
    }

    private static int endOfNumber(byte[] buf, int start, int end) {
        int i = start;
        while (i < end && "+-.0123456789Ee".indexOf(buf[i]) >= 0) {
            i++;
        }
        return i;
    }

    private static boolean isName(byte[] buf, int at, int end) {
        int i = at;
        while (i < end && buf[i] <= ' ') {
            i++;
        }
        return i < end && buf[i] == ':';
    }

    private static int field(FieldValues found, int start) {
        for (int field = 0; field < found.size(); field++) {
            if (isInGap(found.type(field)) && found.start(field) == start) {
                return field;
            }
        }
        return -1;
    }
}
