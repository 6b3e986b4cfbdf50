package io.tidemark.json;

/** Walks over whole values that no field needs, however deep they are nested, without recursion. */
final class ValueSkipper {
    private final JsonCursor cursor;
    /** For each open container of the value: whether it is an object. */
    private final boolean[] isObject = new boolean[JsonCursor.MAX_DEPTH];

    ValueSkipper(JsonCursor cursor) {
        this.cursor = cursor;
    }

    /**
     * Walks over the value at the cursor.
     *
     * @param outerDepth how many containers the value is in
     */
    void skip(int outerDepth) throws MalformedRecordException {
        JsonCursor at = cursor;
        int depth = 0;
        while (true) {
            int b = at.peek();
            if (b == '"') {
                at.pos = at.string(at.pos + 1) + 1;
            } else if (b == '{' || b == '[') {
                if (outerDepth + depth == JsonCursor.MAX_DEPTH) {
                    throw at.tooDeep();
                }
                isObject[depth++] = b == '{';
                at.pos++;
                int next = at.space();
                if (next == (b == '{' ? '}' : ']')) {
                    at.pos++;
                    depth--;
                } else {
                    if (b == '{') {
                        at.name();
                    }
                    continue;
                }
            } else {
                at.scalar(b);
            }
            while (true) {
                if (depth == 0) {
                    return;
                }
                int next = at.space();
                boolean inObject = isObject[depth - 1];
                if (next == ',') {
                    at.pos++;
                    at.space();
                    if (inObject) {
                        at.name();
                    }
                    break;
                }
                if (next != (inObject ? '}' : ']')) {
                    throw at.malformed(inObject ? "',' or '}' must stand here" : "',' or ']' must stand here");
                }
                at.pos++;
                depth--;
            }
        }
    }
}
