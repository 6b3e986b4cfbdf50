package io.tidemark.json;

import org.jspecify.annotations.Nullable;

/** A field that is a number, with each of its characters at a fixed place of the record. */
final class PlacedNumber {
    /** The next one of the shape; they are linked for the reason that {@link ByteRanges} gives. */
    final @Nullable PlacedNumber next;

    private final int field;
    private final int start;
    private final int end;
    private final boolean negative;
    private final int first;
    private final int decimals;
    /** Whether its digits and its point are in one word. */
    private final boolean isShort;
    /** The bits of the bytes before the point in that word. */
    private final long whole;
    /** Shifts the digits to the end of the word, so that it begins with zeros. */
    private final int shift;

    /** @param text has the number from {@code start} to {@code end}, with any digits */
    PlacedNumber(int field, byte[] text, int start, int end, @Nullable PlacedNumber next) {
        this.next = next;
        this.field = field;
        this.start = start;
        this.end = end;
        negative = text[start] == '-';
        first = negative ? start + 1 : start;
        int point = -1;
        boolean plain = true;
        for (int i = first; i < end; i++) {
            point = text[i] == '.' ? i : point;
            plain &= text[i] == '.' || (text[i] >= '0' && text[i] <= '9');
        }
        isShort = plain && end - first <= Long.BYTES;
        decimals = point < 0 ? 0 : end - point - 1;
        whole = point < 0 ? -1 : Words.lowest(point - first);
        shift = Long.SIZE - Byte.SIZE * (point < 0 ? end - first : end - first - 1);
    }

    /** Sets the digits of the number in the record from {@code off}. */
    void set(byte[] buf, int off, NumberScanner scanner, FieldValues into) {
        if (!isShort) {
            boolean read = scanner.read(buf, off + start, off + end) >= 0;
            into.setDigits(field, scanner.digits, read ? scanner.decimals : FieldValues.NOT_READ);
            return;
        }
        long word = Words.orZeros(buf, off + first) ^ NumberScanner.ZEROS;
        long all = (word & whole) | ((word >>> Byte.SIZE) & ~whole);
        long digits = NumberScanner.eight(all << shift);
        // There is no -0 among whole numbers.
        boolean read = !negative || digits != 0;
        into.setDigits(field, negative ? -digits : digits, read ? decimals : FieldValues.NOT_READ);
    }
}
