package io.tidemark.kafka.input;

import io.tidemark.fold.InputRecord;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.utils.internals.ByteUtils;
import org.jspecify.annotations.Nullable;

/** The headers of records as texts, to compare those of a reader with those of a client. */
final class SeenHeaders {
    private SeenHeaders() {}

    /** The headers that a reader gave a record; none if it gave none. */
    static List<String> of(InputRecord record) {
        List<String> seen = new ArrayList<>();
        if (record.headers() != InputRecord.NULL) {
            ByteBuffer rest = ByteBuffer.wrap(record.headerBytes()).position(record.headers());
            for (int count = ByteUtils.readVarint(rest); count > 0; count--) {
                seen.add(new String(Objects.requireNonNull(next(rest)), StandardCharsets.UTF_8) + ": "
                        + hex(next(rest)));
            }
        }
        return seen;
    }

    static List<String> of(Iterable<Header> headers) {
        List<String> all = new ArrayList<>();
        headers.forEach(each -> all.add(each.key() + ": " + hex(each.value())));
        return all;
    }

    private static byte @Nullable [] next(ByteBuffer rest) {
        int length = ByteUtils.readVarint(rest);
        byte[] bytes = new byte[Math.max(length, 0)];
        rest.get(bytes);
        return length < 0 ? null : bytes;
    }

    private static String hex(byte @Nullable [] value) {
        return value == null ? "null" : HexFormat.of().formatHex(value);
    }
}
