package io.tidemark.json;

/**
 * Finds the end of an object of which only the beginning was read. It looks at braces and strings only, so it does not
 * tell JSON from other text: it tells where the object ends, and what comes next.
 */
final class ObjectEnd {
    /** The result if the record ends before the object does. */
    static final int OPEN = -1;

    private static final long OPENING_BRACES = '{' * Words.ONES;
    private static final long CLOSING_BRACES = '}' * Words.ONES;
    /** Added to ASCII, sets the high bit of the bytes from '{' on, and of no other byte. */
    private static final long FROM_BRACE = (0x80 - '{') * Words.ONES;

    /** So many bytes are looked at together. */
    private static final int BLOCK = 4 * Long.BYTES;

    private ObjectEnd() {}

    /**
     * The position of the first byte after the object that is not white space: {@code end} if there is none. {@link
     * #OPEN} if the object has no end.
     *
     * @param from a position outside strings
     * @param depth how many objects are open there: 0 if the object ends before {@code from}
     */
    static int next(byte[] b, int from, int end, int depth) {
        // The record of a job that needs its last field.
        if (depth == 1 && from == end - 1 && b[from] == '}') {
            return end;
        }
        if (depth == 0) {
            return space(b, from, end);
        }
        int last = end - 1;
        while (last > from && isSpace(b[last])) {
            last--;
        }
        // The open objects need as many braces as there are. If there are no other braces, none of these is in a
        // string, and the last of them ends the object. So most records are decided without looking for strings.
        if (last >= from && b[last] == '}' && closingBraces(b, from, last, depth) == depth - 1) {
            return end;
        }
        return walk(b, from, end, depth);
    }

    /** The number of closing braces, in strings or not; at least {@code enough} if there are as many, or opening ones. */
    private static int closingBraces(byte[] b, int from, int to, int enough) {
        int count = 0;
        int i = withoutBraces(b, from, to);
        while (i < to && count < enough) {
            int stop = Math.min(i + BLOCK, to);
            for (; i <= stop - Long.BYTES; i += Long.BYTES) {
                count += closingBraces(Words.at(b, i), enough);
            }
            for (; i < stop; i++) {
                count += b[i] == '}' ? 1 : b[i] == '{' ? enough : 0;
            }
            i = withoutBraces(b, i, to);
        }
        return count;
    }

    /** Passes over blocks of ASCII without braces; returns where the next one begins, {@code to} if all are such blocks. */
    private static int withoutBraces(byte[] b, int from, int to) {
        int i = from;
        int last = to - BLOCK;
        if (i > last) {
            return i;
        }
        for (; i < last; i += BLOCK) {
            if (mayHaveBrace(b, i)) {
                return i;
            }
        }
        // The last block overlaps the one before it.
        return mayHaveBrace(b, last) ? i : to;
    }

    /** Two operations for a word tell that a block of ASCII has no braces. */
    private static boolean mayHaveBrace(byte[] b, int at) {
        long some = (Words.at(b, at) + FROM_BRACE)
                | (Words.at(b, at + 8) + FROM_BRACE)
                | (Words.at(b, at + 16) + FROM_BRACE)
                | (Words.at(b, at + 24) + FROM_BRACE);
        return (some & Words.HIGH_BITS) != 0;
    }

    private static int closingBraces(long word, int enough) {
        return Long.bitCount(equal(word, CLOSING_BRACES)) + (equal(word, OPENING_BRACES) == 0 ? 0 : enough);
    }

    /** Walks from brace to brace outside strings. */
    private static int walk(byte[] b, int from, int end, int depth) {
        int open = depth;
        boolean inString = false;
        int i = from;
        while (i < end) {
            if (i <= end - Long.BYTES) {
                long word = Words.at(b, i);
                long quotes = equal(word, Words.QUOTES);
                long other = word ^ Words.BACKSLASHES;
                // Most words have neither a brace nor a backslash: cheaper to tell than where they are.
                long some = ((word + FROM_BRACE) & ~word) | ((other - Words.ONES) & ~other);
                if ((some & Words.HIGH_BITS) == 0) {
                    inString ^= isOdd(quotes);
                    i += Long.BYTES;
                    continue;
                }
                if (equal(word, Words.BACKSLASHES) == 0) {
                    long braces = equal(word, OPENING_BRACES) | equal(word, CLOSING_BRACES);
                    for (; braces != 0; braces &= braces - 1) {
                        // In a string if the number of quotes before it is odd.
                        long before = Long.lowestOneBit(braces) - 1;
                        if (inString == isOdd(quotes & before)) {
                            int at = i + (Long.numberOfTrailingZeros(braces) >>> 3);
                            open += b[at] == '{' ? 1 : -1;
                            if (open == 0) {
                                return space(b, at + 1, end);
                            }
                        }
                    }
                    inString ^= isOdd(quotes);
                    i += Long.BYTES;
                    continue;
                }
            }
            int stop = Math.min(i + Long.BYTES, end);
            while (i < stop) {
                byte c = b[i++];
                if (c == '"') {
                    inString = !inString;
                } else if (inString) {
                    i += c == '\\' ? 1 : 0;
                } else if (c == '{') {
                    open++;
                } else if (c == '}' && --open == 0) {
                    return space(b, i, end);
                }
            }
        }
        return OPEN;
    }

    private static boolean isOdd(long bits) {
        return (Long.bitCount(bits) & 1) != 0;
    }

    /** The high bit of each byte of {@code word} that is the same in {@code bytes}, and no other bit. */
    private static long equal(long word, long bytes) {
        long other = word ^ bytes;
        return ~(((other & Words.LOW_BITS) + Words.LOW_BITS) | other) & Words.HIGH_BITS;
    }

    private static int space(byte[] b, int from, int end) {
        int i = from;
        while (i < end && isSpace(b[i])) {
            i++;
        }
        return i;
    }

    private static boolean isSpace(byte c) {
        return c == ' ' || c == '\n' || c == '\r' || c == '\t';
    }
}
