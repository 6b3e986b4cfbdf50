package io.tidemark.json;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The shapes of recent records, by the length of the record. Most topics have few of them, because times, identifiers and
 * measurements have as many characters in most records.
 *
 * <p>Not safe for use by several threads.
 */
final class KnownShapes {
    private static final int SLOTS = 64;
    private static final int FIRST_PATIENCE = 2;
    private static final int MOST_PATIENCE = 1 << 30;
    /** After so many records a shape has saved more time than it took to learn. */
    private static final int RECORDS_THAT_PAY = 256;

    private final NumberScanner scanner;
    private final Shape[] byLength = new Shape[SLOTS];
    /** Records without a known shape since the last one was learned, or was to be learned. */
    private final int[] misses = new int[SLOTS];
    /** How many of them there must be before the next one is learned. */
    private final int[] patience = new int[SLOTS];

    KnownShapes(NumberScanner scanner) {
        this.scanner = scanner;
        Arrays.fill(patience, FIRST_PATIENCE);
    }

    private static int slot(int length) {
        return length & (SLOTS - 1);
    }

    /** The shape of the record from {@code off} to {@code end}, if it is known; its fields are then set. */
    @Nullable
    Shape fit(byte[] buf, int off, int end, FieldValues into) {
        Shape shape = byLength[slot(end - off)];
        if (shape == null) {
            return null;
        }
        if (shape.recordLength != end - off || !shape.fits(buf, off)) {
            missed(shape);
            return null;
        }
        shape.fitted++;
        shape.set(buf, off, scanner, into);
        return shape;
    }

    private void missed(Shape shape) {
        if (!shape.isWorthIt()) {
            int slot = slot(shape.recordLength);
            byLength[slot] = null;
            shape.count();
            if (shape.fitted >= RECORDS_THAT_PAY) {
                patience[slot] = Math.max(patience[slot] / 4, FIRST_PATIENCE);
            }
        }
    }

    /** Learns the shape of a record of a known layout that has no known shape; see {@link Shape#of}. */
    void learn(Layout layout, byte[] buf, int off, int to, int end) {
        int slot = slot(end - off);
        if (byLength[slot] != null || ++misses[slot] < patience[slot]) {
            return;
        }
        misses[slot] = 0;
        patience[slot] = Math.min(2 * patience[slot], MOST_PATIENCE);
        byLength[slot] = Shape.of(layout, buf, off, to, end);
    }

    /** Adds the records that each shape fitted to those of its layout. */
    void count() {
        for (Shape each : byLength) {
            if (each != null) {
                each.count();
            }
        }
    }
}
