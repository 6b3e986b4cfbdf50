package io.tidemark.kafka.input;

import static io.tidemark.kafka.input.WalkedBatches.TIME;
import static io.tidemark.kafka.input.WalkedBatches.bytes;
import static io.tidemark.kafka.input.WalkedBatches.handmade;
import static io.tidemark.kafka.input.WalkedBatches.range;
import static io.tidemark.kafka.input.WalkedBatches.walked;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.fold.InputRecord;
import io.tidemark.kafka.input.ReadRanges.Range;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.memory.MemoryPool;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.network.InvalidReceiveException;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lengths that come from the network: none of them alone determines how much memory is allocated. */
class LargeRecordTest {
    private static final int LIMIT = 100_000;
    private static final int LARGE = 30_000_000;

    /** What a handler with a limit is told. */
    private static final class Limited implements RecordHandler {
        private final List<String> seen = new ArrayList<>();
        private long reserved;

        @Override
        public void record(InputRecord record) {
            seen.add(record.offset() + ": " + record.valueLength());
        }

        @Override
        public int maxBytes() {
            return LIMIT;
        }

        @Override
        public void tooLarge(int partition, long offset, long timestamp, long bytes) {
            seen.add(offset + ": too large, " + bytes / 1000 + " kB at " + timestamp);
        }

        @Override
        public void reserve(long bytes) {
            reserved += bytes;
        }
    }

    private static byte[] smallLargeSmall(CompressionType type, byte magic) {
        MemoryRecordsBuilder builder = MemoryRecords.builder(
                ByteBuffer.allocate(1024), magic, Compression.of(type).build(), TimestampType.CREATE_TIME, 7L);
        builder.append(TIME, null, new byte[90_000]);
        builder.append(TIME + 5, new byte[3], new byte[LARGE]);
        builder.append(TIME, null, new byte[4]);
        return bytes(builder.build());
    }

    private static Limited walk(byte[] batch) {
        Limited handler = new Limited();
        Range range = range(0, 100);
        try (RecordWalker walker = new RecordWalker(handler)) {
            walker.walk(range, new PartitionData().setRecords(MemoryRecords.readableRecords(ByteBuffer.wrap(batch))));
        }
        assertThat(range.position).isEqualTo(10);
        assertThat(range.invisible).isEqualTo(7);
        return handler;
    }

    @ParameterizedTest
    @EnumSource(value = CompressionType.class)
    void aRecordBeyondTheLimitIsPassedOverWithoutMemoryForIt(CompressionType type) {
        Limited handler = walk(smallLargeSmall(type, RecordBatch.MAGIC_VALUE_V2));

        assertThat(handler.seen).containsExactly("7: 90000", "8: too large, 30000 kB at " + (TIME + 5), "9: 4");
        assertThat(handler.reserved).isLessThanOrEqualTo(LIMIT);
    }

    @ParameterizedTest
    @EnumSource(
            value = CompressionType.class,
            names = {"GZIP", "SNAPPY", "LZ4"})
    void aBatchOfAnOldFormatIsReservedWholeBecauseTheClientDecompressesItWhole(CompressionType type) {
        Limited handler = walk(smallLargeSmall(type, RecordBatch.MAGIC_VALUE_V1));

        assertThat(handler.seen).containsExactly("7: 90000", "8: too large, 30000 kB at " + (TIME + 5), "9: 4");
        assertThat(handler.reserved).isGreaterThan(2 * LARGE);
    }

    @ParameterizedTest
    @ValueSource(bytes = {RecordBatch.MAGIC_VALUE_V0, RecordBatch.MAGIC_VALUE_V1, RecordBatch.MAGIC_VALUE_V2})
    void aRecordOfAnyFormatIsMeasuredAlike(byte magic) {
        // One byte for a key of null, three for the length of the value, one for the number of headers.
        int fits = LIMIT - 5;
        MemoryRecordsBuilder builder = MemoryRecords.builder(
                ByteBuffer.allocate(1024),
                magic,
                Compression.NONE,
                magic == RecordBatch.MAGIC_VALUE_V0 ? TimestampType.NO_TIMESTAMP_TYPE : TimestampType.CREATE_TIME,
                7L);
        long time = magic == RecordBatch.MAGIC_VALUE_V0 ? RecordBatch.NO_TIMESTAMP : TIME;
        for (int more = -1; more <= 1; more++) {
            builder.append(time, null, new byte[fits + more]);
        }

        assertThat(walk(bytes(builder.build())).seen)
                .containsExactly("7: " + (fits - 1), "8: " + fits, "9: too large, 100 kB at " + time);
    }

    @ParameterizedTest
    @CsvSource({
        // The varint of 2,000,000,000; a block without a header.
        "128 168 214 185 7 0 0 0, 2000000000 bytes after decompression",
        // The header of a stream, and a block of 2 GB.
        "130 83 78 65 80 80 89 0 0 0 0 1 0 0 0 1 127 255 255 255 0, a Snappy block of 2147483647 bytes where 1 are",
        // The header, and a small block that declares 2 GB.
        "130 83 78 65 80 80 89 0 0 0 0 1 0 0 0 1 0 0 0 5 128 168 214 185 7, 2000000000 bytes after decompression"
    })
    void aLengthThatASnappyBlockCannotHaveIsDamage(String body, String problem) {
        int[] bytes = java.util.Arrays.stream(body.split(" "))
                .mapToInt(Integer::parseInt)
                .toArray();

        assertThat(walked(handmade(1, CompressionType.SNAPPY, bytes), 0, 100).failure())
                .isInstanceOf(CorruptRecordException.class)
                .hasMessageContaining(problem);
    }

    @Test
    void aResponseLargerThanAnyOfABrokerIsRefusedAndNamed() {
        ReceiveBuffers buffers = new ReceiveBuffers();
        buffers.requireAccepted();
        // The first bytes of an alert of TLS.
        int tls = 0x15030300;

        assertThatThrownBy(() -> ((MemoryPool) buffers).tryAllocate(tls)).isInstanceOf(InvalidReceiveException.class);

        assertThatThrownBy(buffers::requireAccepted).hasMessageContainingAll(String.valueOf(tls), "security.protocol");
    }
}
