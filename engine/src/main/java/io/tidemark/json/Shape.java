package io.tidemark.json;

import io.tidemark.json.FieldValues.FieldType;
import io.tidemark.json.Layout.Gap;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A layout together with the length of each value and the place of each point: every character has its place, and only
 * digits and the characters of strings differ. Whether a record has this shape is found out eight bytes at a time, without
 * following what they mean, and then all places are known.
 */
final class Shape {
    /** In longer ones some value nearly always has another length. */
    private static final int MOST_BYTES = 512;
    /** So many records without the shape end its use, whatever was before. */
    private static final int MOST_WORTH = 64;

    private static final int FIRST_WORTH = 8;

    final Layout layout;
    /** The length of the records that have it. */
    final int recordLength;
    /** Where the layout ends in such a record. */
    final int endOfLayout;

    private final @Nullable ByteRanges bytes;
    private final int[] starts;
    private final int[] ends;
    /** The first of the fields that are numbers. */
    private final @Nullable PlacedNumber numbers;

    /** How many records it fitted. */
    int fitted;
    /** How many of them are in {@link #worth}, and in {@link Layout#fitted}. */
    private int weighed;

    private int counted;
    /** How many more records it fitted than not, within limits. */
    private int worth = FIRST_WORTH;

    private Shape(Layout layout, int recordLength, int endOfLayout, ByteClasses bytes, int[] starts, int[] ends) {
        this.layout = layout;
        this.recordLength = recordLength;
        this.endOfLayout = endOfLayout;
        this.bytes = bytes.ranges();
        this.starts = starts;
        this.ends = ends;
        PlacedNumber next = null;
        int i = 0;
        for (Gap gap = layout.first; gap != null; gap = gap.next) {
            if (gap.field >= 0 && !gap.string) {
                next = new PlacedNumber(gap.field, bytes.least, starts[i], ends[i], next);
            }
            i++;
        }
        numbers = next;
    }

    /** Whether the record from {@code off}, which must have {@link #recordLength} bytes, has this shape up to the last field. */
    boolean fits(byte[] buf, int off) {
        for (ByteRanges each = bytes; each != null; each = each.next) {
            if (!each.hold(buf, off)) {
                return false;
            }
        }
        return true;
    }

    /** Counts a record that it did not fit; returns whether it is worth trying again. */
    boolean isWorthIt() {
        worth = Math.min(worth + fitted - weighed, MOST_WORTH) - 1;
        weighed = fitted;
        return worth > 0;
    }

    /** Adds the records that it fitted to those of its layout. */
    void count() {
        layout.fitted += fitted - counted;
        counted = fitted;
    }

    /** Sets the fields of a record that {@link #fits}. */
    void set(byte[] buf, int off, NumberScanner scanner, FieldValues into) {
        if (!into.isPlacedBy(this)) {
            place(into);
        }
        for (PlacedNumber each = numbers; each != null; each = each.next) {
            each.set(buf, off, scanner, into);
        }
    }

    private void place(FieldValues into) {
        int i = 0;
        for (Gap gap = layout.first; gap != null; gap = gap.next) {
            if (gap.field >= 0) {
                into.setPlace(gap.field, gap.string ? FieldType.STRING : FieldType.NUMBER, starts[i], ends[i]);
            }
            i++;
        }
        for (int f = 0; f < layout.fixed.length; f++) {
            into.setPlace(layout.fixed[f], layout.types[f], 0, 0);
        }
        into.placedBy(this);
    }

    /**
     * The shape of a record.
     *
     * @param layout its layout
     * @param off where it begins
     * @param to where the layout ends in it
     * @param end where it ends
     * @return null if it is too short or too long, or if a string has something else than printable ASCII without escapes
     */
    static @Nullable Shape of(Layout layout, byte[] record, int off, int to, int end) {
        // What follows a number at the end must be something that can follow it.
        int length = to - off + (layout.endsInScalar ? 1 : 0);
        if (length < ByteRanges.BYTES || length > MOST_BYTES) {
            return null;
        }
        ByteClasses bytes = new ByteClasses(Arrays.copyOfRange(record, off, off + length));
        int[] starts = new int[layout.gaps];
        int[] ends = new int[layout.gaps];
        int at = 0;
        int i = 0;
        for (Gap gap = layout.first; gap != null; gap = gap.next) {
            starts[i] = at + gap.before.length;
            at = gap.string
                    ? bytes.string(starts[i])
                    : gap.literal ? starts[i] + literal(record[off + starts[i]]) : bytes.number(starts[i], to - off);
            if (at < 0) {
                return null;
            }
            ends[i++] = at;
        }
        return new Shape(layout, end - off, to - off, bytes, starts, ends);
    }

    /** The length of a literal, which is the same in all records of a shape. */
    private static int literal(byte first) {
        return first == 'f' ? "false".length() : "true".length();
    }
}
