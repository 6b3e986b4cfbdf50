package io.tidemark.part;

/** Upper bounds of the heap that objects take, with references of eight bytes. */
final class HeapBytes {
    /** An object with up to ten fields. */
    static final int OBJECT = 96;

    private static final int ARRAY = 24;

    private HeapBytes() {}

    static int ofBytes(int length) {
        return ARRAY + length;
    }

    static int ofInts(int length) {
        return ARRAY + Integer.BYTES * length;
    }

    static int ofLongs(int length) {
        return ARRAY + Long.BYTES * length;
    }
}
