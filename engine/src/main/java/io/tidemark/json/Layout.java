package io.tidemark.json;

import io.tidemark.json.FieldValues.FieldType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The layout of a record up to the last field that is needed: the bytes around its strings and numbers. A record with
 * the same bytes, and with a string or a number in each gap between them, is the same JSON with other values. Its
 * fields are in the same gaps, so no name is looked up and no nesting followed.
 *
 * <p>Literals such as {@code true} belong to the bytes around the gaps; a record with another literal has another
 * layout.
 */
final class Layout {
    /** Records with more strings and numbers before the last field are rare, and comparing them saves little. */
    private static final int MAX_GAPS = 64;

    /** A value that may differ, and the bytes before it. */
    static final class Gap {
        /** The bytes from the value before (or from the beginning) to this one, including the quote of a string. */
        final byte[] before;

        final boolean string;
        /** The number of the field that it is, or -1. */
        final int field;

        private Gap(byte[] before, boolean string, int field) {
            this.before = before;
            this.string = string;
            this.field = field;
        }

        /** Whether the bytes before the value are at {@code at}, with at least one more byte after them. */
        boolean begins(byte[] buf, int at, int end) {
            byte[] own = before;
            int length = own.length;
            if (end - at <= length) {
                return false;
            }
            if (length < Long.BYTES) {
                for (int i = 0; i < length; i++) {
                    if (buf[at + i] != own[i]) {
                        return false;
                    }
                }
                return true;
            }
            for (int i = 0; i < length - Long.BYTES; i += Long.BYTES) {
                if (Words.at(buf, at + i) != Words.at(own, i)) {
                    return false;
                }
            }
            // The last word overlaps the one before it.
            int last = length - Long.BYTES;
            return Words.at(buf, at + last) == Words.at(own, last);
        }
    }

    private Layout() {}

    /**
     * The gaps of a record.
     *
     * @param at where it begins; it must be well-formed up to the last of the fields
     * @param found its fields, all of them found
     * @return null if a field is not a string or a number, or if there are too many gaps
     */
    static Gap @Nullable [] of(byte[] buf, int at, FieldValues found) {
        int end = at;
        for (int field = 0; field < found.size(); field++) {
            if (found.type(field) != FieldType.STRING && found.type(field) != FieldType.NUMBER) {
                return null;
            }
            end = Math.max(end, found.end(field));
        }
        List<Gap> gaps = new ArrayList<>();
        int from = at;
        int i = at;
        while (i < end && gaps.size() < MAX_GAPS) {
            byte b = buf[i];
            boolean string = b == '"';
            if (!string && b != '-' && (b < '0' || b > '9')) {
                i++;
                continue;
            }
            int start = string ? i + 1 : i;
            int stop = string ? endOfString(buf, start) : endOfNumber(buf, start, end);
            i = string ? stop + 1 : stop;
            if (string && isName(buf, i, end)) {
                continue;
            }
            gaps.add(new Gap(Arrays.copyOfRange(buf, from, start), string, field(found, start)));
            from = stop;
        }
        return i < end ? null : gaps.toArray(new Gap[0]);
    }

    private static int endOfString(byte[] buf, int start) {
        int i = start;
        while (buf[i] != '"') {
            i += buf[i] == '\\' ? 2 : 1;
        }
        return i;
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
            if (found.start(field) == start) {
                return field;
            }
        }
        return -1;
    }
}
