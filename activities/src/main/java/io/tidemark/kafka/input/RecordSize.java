package io.tidemark.kafka.input;

import io.tidemark.fold.InputRecord;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Header;

/**
 * Measures records, for {@link RecordHandler#maxBytes}. The size of a record is that of its key, value and headers, with
 * their lengths, in <a href="https://kafka.apache.org/documentation/#record">message format 2</a>. It does not depend
 * on the batch, so both readers measure the same.
 */
final class RecordSize {
    private RecordSize() {}

    /**
     * Returns the size of a record, in bytes.
     *
     * @param keyLength in bytes, or {@link InputRecord#NULL}
     * @param valueLength in bytes, or {@link InputRecord#NULL}
     */
    static long of(int keyLength, int valueLength, Iterable<Header> headers) {
        long bytes = field(keyLength) + field(valueLength);
        int count = 0;
        for (Header each : headers) {
            byte[] value = each.value();
            bytes += field(each.key().getBytes(StandardCharsets.UTF_8).length)
                    + field(value == null ? InputRecord.NULL : value.length);
            count++;
        }
        return bytes + varint(count);
    }

    private static long field(int length) {
        return varint(length) + (long) Math.max(0, length);
    }

    /** Returns how many bytes a number takes: seven bits each, after zigzag encoding. */
    private static int varint(int number) {
        int bits = 32 - Integer.numberOfLeadingZeros(number << 1 ^ number >> 31);
        return Math.max(1, (bits + 6) / 7);
    }
}
