package io.tidemark.json;

import org.jspecify.annotations.Nullable;

/**
 * What 32 bytes of a record may be. They are four words in fields of their own, linked to the next ones, because the
 * compiler makes much better code of that than of arrays: it neither splits a loop nor checks bounds.
 */
final class ByteRanges {
    /** How many bytes one has. */
    static final int BYTES = 4 * Long.BYTES;

    final @Nullable ByteRanges next;
    private final int at;
    // Added to a word: sets the high bits of the bytes that are large enough.
    private final long least0;
    private final long least1;
    private final long least2;
    private final long least3;
    // Added to a word: sets the high bits of the bytes that are too large.
    private final long most0;
    private final long most1;
    private final long most2;
    private final long most3;

    private final boolean hasText;
    // The high bits of the bytes that may be quotes or backslashes.
    private final long other0;
    private final long other1;
    private final long other2;
    private final long other3;

    /**
     * @param at where they begin in a record
     * @param least the smallest that each may be
     * @param most the largest
     * @param text the high bit of each that must be neither quote nor backslash
     */
    ByteRanges(int at, byte[] least, byte[] most, byte[] text, @Nullable ByteRanges next) {
        this.at = at;
        this.next = next;
        least0 = Words.HIGH_BITS - Words.at(least, 0);
        least1 = Words.HIGH_BITS - Words.at(least, 8);
        least2 = Words.HIGH_BITS - Words.at(least, 16);
        least3 = Words.HIGH_BITS - Words.at(least, 24);
        most0 = Words.LOW_BITS - Words.at(most, 0);
        most1 = Words.LOW_BITS - Words.at(most, 8);
        most2 = Words.LOW_BITS - Words.at(most, 16);
        most3 = Words.LOW_BITS - Words.at(most, 24);
        other0 = ~Words.at(text, 0);
        other1 = ~Words.at(text, 8);
        other2 = ~Words.at(text, 16);
        other3 = ~Words.at(text, 24);
        hasText = (other0 & other1 & other2 & other3) != -1;
    }

    /** Whether the bytes of the record from {@code off} are in their ranges. */
    boolean hold(byte[] buf, int off) {
        int from = off + at;
        long w0 = Words.at(buf, from);
        long w1 = Words.at(buf, from + 8);
        long w2 = Words.at(buf, from + 16);
        long w3 = Words.at(buf, from + 24);
        // A byte that is not ASCII spoils its neighbour in the sums, but has its own high bit here.
        long tooLarge = (w0 + most0) | (w1 + most1) | (w2 + most2) | (w3 + most3) | w0 | w1 | w2 | w3;
        long largeEnough = (w0 + least0) & (w1 + least1) & (w2 + least2) & (w3 + least3);
        return (largeEnough & ~tooLarge & Words.HIGH_BITS) == Words.HIGH_BITS && (!hasText || isText(w0, w1, w2, w3));
    }

    private boolean isText(long w0, long w1, long w2, long w3) {
        long text = (neither(w0) | other0) & (neither(w1) | other1) & (neither(w2) | other2) & (neither(w3) | other3);
        return (text & Words.HIGH_BITS) == Words.HIGH_BITS;
    }

    /** The high bits of the ASCII bytes that are neither a quote nor a backslash. */
    private static long neither(long word) {
        return ((word ^ Words.QUOTES) + Words.LOW_BITS) & ((word ^ Words.BACKSLASHES) + Words.LOW_BITS);
    }
}
