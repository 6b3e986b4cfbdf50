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

    /** The sum as an int, for the parameters of a kind. */
    static int limited(long bytes, String parameters) {
        if (bytes > Integer.MAX_VALUE / 4) {
            throw new IllegalArgumentException(
                    parameters + " could take " + bytes + " bytes in one cell; at most 512 MiB are possible");
        }
        return (int) bytes;
    }
}
