package io.tidemark.json;

import io.tidemark.job.InputSpec.Check;
import io.tidemark.json.FieldValues.FieldType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds fields in the bytes of a JSON object, in place, without a tree and without garbage. The bytes up to the last field
 * that it needs are checked against RFC 8259 and for valid UTF-8. After that it only looks for the end of the object,
 * where the record must end too ({@link ObjectEnd}), or for nothing ({@link Check#NEEDED}). If an object has the same name
 * twice, the first occurrence counts.
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
    private final boolean needsEnd;
    private final JsonCursor cursor = new JsonCursor();
    private final ValueSkipper skipper = new ValueSkipper(cursor);
    private final KnownLayouts layouts = new KnownLayouts(cursor);

    /** Names with escapes are resolved here. */
    private byte[] scratch = new byte[64];
    /** How many fields may still be found in the record. */
    private int remaining;
    /** How many objects are open at the cursor. */
    private int open;
    /** The number of the record; see {@link FieldNode#record}. */
    private long record;

    private FieldValues into = new FieldValues(List.of());

    /** A scanner for these fields that checks whole records. */
    public FieldScanner(List<FieldPath> fields) {
        this(fields, Check.WHOLE);
    }

    /**
     * A scanner for these fields.
     *
     * @throws IllegalArgumentException if a path is given twice
     */
    public FieldScanner(List<FieldPath> fields, Check check) {
        root = FieldNode.tree(fields);
        needsEnd = check == Check.WHOLE;
    }

    /** The layouts that it has learned. */
    KnownLayouts layouts() {
        return layouts;
    }

    /**
     * Scans one record.
     *
     * @param into gets type and place of each field, in the order of the constructor
     * @throws MalformedRecordException if the record is not one JSON object, as far as it was checked
     */
    public void scan(byte[] buf, int off, int len, FieldValues into) throws MalformedRecordException {
        into.begin(buf, off);
        int end = off + len;
        if (layouts.fit(buf, off, end, into)) {
            requireEnd(buf, off, layouts.endOfLayout(), end, layouts.depth());
            return;
        }
        JsonCursor at = cursor;
        at.begin(buf, off, end);
        into.clear();
        this.into = into;
        remaining = root.fields;
        record++;
        open = 0;
        if (at.space() != '{') {
            throw at.noObject();
        }
        if (root.fields == 0) {
            requireEnd(buf, off, at.pos + 1, end, 1);
            return;
        }
        object(root, 1);
        int to = at.pos;
        requireEnd(buf, off, to, end, open);
        layouts.learn(buf, off, to, into);
    }

    /** Refuses a record with more than its object, which the scanner has read up to {@code from}. */
    private void requireEnd(byte[] buf, int off, int from, int end, int depth) throws MalformedRecordException {
        // If the object was read wholly, a field is missing, and what follows may tell why.
        if (needsEnd || depth == 0) {
            int next = ObjectEnd.next(buf, from, end, depth);
            if (next != end) {
                cursor.begin(buf, off, end);
                cursor.pos = next == ObjectEnd.OPEN ? end : next;
                throw cursor.afterObject();
            }
        }
    }

    /** Walks an object that may have needed fields; true if all fields are known, so that the rest is not read. */
    private boolean object(FieldNode node, int depth) throws MalformedRecordException {
        JsonCursor at = cursor;
        at.pos++;
        open++;
        if (at.space() == '}') {
            at.pos++;
            open--;
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
                open--;
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
