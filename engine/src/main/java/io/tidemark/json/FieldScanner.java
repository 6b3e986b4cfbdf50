package io.tidemark.json;

import io.tidemark.json.FieldValues.FieldType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds fields in the bytes of a JSON object, in place, without a tree and without garbage, and stops after the last
 * field that it needs. The bytes up to there are checked against RFC 8259 and for valid UTF-8; the bytes after it are not
 * read. If an object has the same name twice, the first occurrence counts.
 *
 * <p>Most records of a topic are laid out like one of the last few. The scanner tries those layouts first ({@link
 * KnownLayouts}), and walks the whole structure only if none fits.
 *
 * <p>Not safe for use by several threads.
 */
public final class FieldScanner {
    /** How deep arrays and objects may be nested. A record with deeper ones is malformed. */
    public static final int MAX_DEPTH = JsonCursor.MAX_DEPTH;

    private final FieldNode root;
    private final JsonCursor cursor = new JsonCursor();
    private final ValueSkipper skipper = new ValueSkipper(cursor);
    private final KnownLayouts layouts = new KnownLayouts(cursor);

    /** Names with escapes are resolved here. */
    private byte[] scratch = new byte[64];
    /** How many fields may still be found in the record. */
    private int remaining;
    /** The number of the record; see {@link FieldNode#record}. */
    private long record;

    private FieldValues into = new FieldValues(List.of());

    /**
     * A scanner for these fields.
     *
     * @throws IllegalArgumentException if a path is given twice
     */
    public FieldScanner(List<FieldPath> fields) {
        root = FieldNode.tree(fields);
    }

    /**
     * Scans one record.
     *
     * @param into gets type and place of each field, in the order of the constructor
     * @throws MalformedRecordException if the record is not a JSON object, as far as it was read
     */
    public void scan(byte[] buf, int off, int len, FieldValues into) throws MalformedRecordException {
        into.begin(buf);
        if (layouts.fit(buf, off, off + len, into)) {
            return;
        }
        JsonCursor at = cursor;
        at.begin(buf, off, off + len);
        into.clear();
        this.into = into;
        remaining = root.fields;
        record++;
        if (at.space() != '{') {
            throw at.malformed("a JSON object must begin here");
        }
        if (root.fields == 0) {
            return;
        }
        if (object(root, 1)) {
            layouts.learn(buf, off, into);
            return;
        }
        // No field can follow the object. What follows tells a broken record from one that lacks a field.
        if (at.space() >= 0) {
            throw at.malformed("there is something after the object");
        }
    }

    /** Walks an object that may have needed fields; true if all fields are known, so that the rest is not read. */
    private boolean object(FieldNode node, int depth) throws MalformedRecordException {
        JsonCursor at = cursor;
        at.pos++;
        if (at.space() == '}') {
            at.pos++;
            return false;
        }
        while (true) {
            FieldNode child = member(node);
            if (child == null || child.record == record) {
                skipper.skip(depth);
            } else if (value(child, depth)) {
                return true;
            }
            int b = at.space();
            at.pos++;
            if (b == '}') {
                return false;
            }
            if (b != ',') {
                at.pos--;
                throw at.malformed("',' or '}' must stand here");
            }
            at.space();
        }
    }

    /** Walks an array that may have needed fields; true if all fields are known, so that the rest is not read. */
    private boolean array(FieldNode node, int depth) throws MalformedRecordException {
        JsonCursor at = cursor;
        at.pos++;
        if (at.space() == ']') {
            at.pos++;
            return false;
        }
        for (int position = 0; true; position++) {
            FieldNode child = node.element(position);
            if (child == null) {
                skipper.skip(depth);
            } else if (value(child, depth)) {
                return true;
            }
            int b = at.space();
            at.pos++;
            if (b == ']') {
                return false;
            }
            if (b != ',') {
                at.pos--;
                throw at.malformed("',' or ']' must stand here");
            }
            at.space();
        }
    }

    /** Walks over the next name of an object and its colon; returns the node of that name, or null. */
    private @Nullable FieldNode member(FieldNode object) throws MalformedRecordException {
        JsonCursor at = cursor;
        int from = at.pos + 1;
        int to = at.name();
        if (!at.escaped) {
            return object.member(at.buf, from, to);
        }
        if (scratch.length < to - from) {
            scratch = new byte[2 * (to - from)];
        }
        int length = Math.abs(JsonStrings.unescape(at.buf, from, to, scratch, 0));
        return object.member(scratch, 0, length);
    }

    private boolean value(FieldNode node, int depth) throws MalformedRecordException {
        JsonCursor at = cursor;
        node.record = record;
        int before = remaining;
        int start = at.pos;
        int b = at.peek();
        if (b == '"') {
            at.pos = at.string(start + 1) + 1;
            if (node.field >= 0) {
                into.set(node.field, FieldType.STRING, start + 1, at.pos - 1, at.escaped);
            }
        } else if (b == '{' || b == '[') {
            if (node.field >= 0) {
                into.set(node.field, b == '{' ? FieldType.OBJECT : FieldType.ARRAY, start, start, false);
                if (--remaining == 0) {
                    return true;
                }
            }
            if (node.children.length == 0) {
                skipper.skip(depth);
            } else if (depth == MAX_DEPTH) {
                throw at.tooDeep();
            } else if (b == '{' ? object(node, depth + 1) : array(node, depth + 1)) {
                return true;
            }
        } else {
            FieldType type = at.scalar(b);
            if (node.field >= 0) {
                into.set(node.field, type, start, at.pos, false);
            }
        }
        // Fields below this node that were not found in this value are missing.
        remaining = before - node.fields;
        return remaining == 0;
    }
}
