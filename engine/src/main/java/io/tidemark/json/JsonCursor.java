package io.tidemark.json;

import io.tidemark.json.FieldValues.FieldType;
import io.tidemark.json.MalformedRecordException.Reason;
import java.nio.ByteBuffer;

/**
 * A position in the bytes of one JSON record, and the walk over the token at that position. Each token that is walked
 * over is checked against RFC 8259 and for valid UTF-8.
 *
 * <p>Not safe for use by several threads.
 */
final class JsonCursor {
    /** How deep arrays and objects may be nested. Jackson's default is the same. */
    static final int MAX_DEPTH = 1_000;

    byte[] buf = new byte[0];
    /** Where the record begins. */
    int base;
    /** Where the record ends, exclusively. */
    int end;

    int pos;
    /** Whether the string that was walked over last contains escapes. */
    boolean escaped;

    /** Moves to the first byte of a record. */
    void begin(byte[] buf, int base, int end) {
        this.buf = buf;
        this.base = base;
        this.pos = base;
        this.end = end;
    }

    /** Walks over a name and its colon, up to the value; returns the end of the name. */
    int name() throws MalformedRecordException {
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

    /** Walks over a literal or number that begins with {@code first}. */
    FieldType scalar(int first) throws MalformedRecordException {
        FieldType type = switch (first) {
            case 't' -> literal("true", FieldType.TRUE);
            case 'f' -> literal("false", FieldType.FALSE);
            case 'n' -> literal("null", FieldType.NULL);
            default -> number(first);
        };
        if (!mayFollowValue(peek())) {
            throw malformed(pos == end ? "it ends in the middle" : "a value does not end where it should");
        }
        return type;
    }

    /** Whether a byte may stand directly after a literal or number. */
    static boolean mayFollowValue(int b) {
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

    /** Walks over a string whose first byte after the quote is at {@code from}; returns where the closing quote is. */
    int string(int from) throws MalformedRecordException {
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

    /** Checks the escape whose first byte after the backslash is at {@code at}; returns the position after it. */
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

    /** Walks over a character of two to four bytes; returns the position after it. */
    private int multibyte(int at) throws MalformedRecordException {
        int next = JsonStrings.multibyte(buf, at, end);
        if (next < 0) {
            pos = at;
            throw malformed("this is not UTF-8");
        }
        return next;
    }

    /** Walks over white space; returns the byte at the new position, or -1 at the end. */
    int space() {
        byte[] b = buf;
        int i = pos;
        while (i < end && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t')) {
            i++;
        }
        pos = i;
        return i < end ? b[i] & 0xFF : -1;
    }

    /** The byte at the position, or -1 at the end. */
    int peek() {
        return pos < end ? buf[pos] & 0xFF : -1;
    }

    /** The exception for a record that does not begin with a brace, which should be at the position. */
    MalformedRecordException noObject() {
        // Confluent's wire format: a zero, the schema's id in four bytes, big-endian, then mostly Avro or Protobuf.
        if (pos == base && end - pos >= 5 && buf[pos] == 0) {
            int id = ByteBuffer.wrap(buf, pos + 1, Integer.BYTES).getInt();
            return malformed("the record begins with the prefix of a schema registry (byte 0 and schema id "
                    + Integer.toUnsignedString(id) + "), so it is not JSON");
        }
        return malformed("a JSON object must begin here");
    }

    /** The exception for what stands at the position, which is after the object. */
    MalformedRecordException afterObject() {
        return malformed(
                "{[\"-0123456789tfn".indexOf(peek()) < 0
                        ? "there is something after the object"
                        : "there is more than one value in the record, and the second begins here");
    }

    /** The exception for a problem at the position. */
    MalformedRecordException malformed(String problem) {
        return new MalformedRecordException(
                Reason.NOT_JSON,
                "",
                "not JSON at byte " + (pos - base) + ": " + (pos >= end && pos > base ? "it ends too early" : problem));
    }

    MalformedRecordException tooDeep() {
        return malformed("it is nested deeper than " + MAX_DEPTH);
    }
}
