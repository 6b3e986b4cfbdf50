package io.tidemark.json;

/** Bytes that most records have at some place. They are compared as two words, because most have at most 16 bytes. */
final class FixedText {
    private static final int COMPARED = 2 * Long.BYTES;

    final int length;
    private final byte[] bytes;
    private final long first;
    private final long second;
    /** The bits of the bytes that the text has in the first word, and in the second. */
    private final long firstBits;

    private final long secondBits;

    FixedText(byte[] bytes) {
        this.bytes = bytes;
        length = bytes.length;
        first = Words.orZeros(bytes, 0);
        second = Words.orZeros(bytes, Long.BYTES);
        firstBits = Words.lowest(length);
        secondBits = Words.lowest(length - Long.BYTES);
    }

    /** Whether the text is at {@code at}, from where {@code buf} has as many bytes or more. */
    boolean isAt(byte[] buf, int at) {
        if (at > buf.length - COMPARED) {
            return rest(buf, at, 0);
        }
        long differs =
                ((Words.at(buf, at) ^ first) & firstBits) | ((Words.at(buf, at + Long.BYTES) ^ second) & secondBits);
        return differs == 0 && (length <= COMPARED || rest(buf, at, COMPARED));
    }

    private boolean rest(byte[] buf, int at, int from) {
        int i = from;
        for (; i <= length - Long.BYTES; i += Long.BYTES) {
            if (Words.at(buf, at + i) != Words.at(bytes, i)) {
                return false;
            }
        }
        for (; i < length; i++) {
            if (buf[at + i] != bytes[i]) {
                return false;
            }
        }
        return true;
    }
}
