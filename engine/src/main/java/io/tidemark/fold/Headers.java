package io.tidemark.fold;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Finds headers of a record by their names. If there are several with the same name, the last one counts.
 *
 * <p>Not safe for use by several threads.
 */
public final class Headers {
    /** The start of a header that the record does not have. */
    public static final int MISSING = -1;

    private final byte[][] names;
    private final int[] starts;
    private final int[] lengths;
    private int cursor;

    /** A search for headers with these names. */
    public Headers(List<String> names) {
        this.names = names.stream()
                .map(each -> each.getBytes(StandardCharsets.UTF_8))
                .toArray(byte[][]::new);
        starts = new int[names.size()];
        lengths = new int[names.size()];
    }

    /** Finds the headers of a record. */
    public void find(InputRecord record) {
        Arrays.fill(starts, MISSING);
        if (record.headers() == InputRecord.NULL) {
            return;
        }
        byte[] bytes = record.headerBytes();
        cursor = record.headers();
        int count = number(bytes);
        for (int i = 0; i < count; i++) {
            int nameLength = number(bytes);
            int name = cursor;
            cursor += nameLength;
            int length = number(bytes);
            for (int j = 0; j < names.length; j++) {
                if (Arrays.equals(names[j], 0, names[j].length, bytes, name, name + nameLength)) {
                    starts[j] = cursor;
                    lengths[j] = Math.max(length, InputRecord.NULL);
                }
            }
            cursor += Math.max(length, 0);
        }
    }

    /** Where the value of a header begins, or {@link #MISSING}. */
    public int start(int header) {
        return starts[header];
    }

    /** How long the value is, or {@link InputRecord#NULL}. */
    public int length(int header) {
        return lengths[header];
    }

    /** Reads a number of seven bits in each byte, with zigzag encoding. */
    private int number(byte[] bytes) {
        int raw = 0;
        int shift = 0;
        byte b;
        do {
            b = bytes[cursor++];
            raw |= (b & 0x7F) << shift;
            shift += 7;
        } while (b < 0);
        return raw >>> 1 ^ -(raw & 1);
    }
}
