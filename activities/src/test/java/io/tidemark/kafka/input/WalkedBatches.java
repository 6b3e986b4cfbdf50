package io.tidemark.kafka.input;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.fold.InputRecord;
import io.tidemark.kafka.input.ReadRanges.Range;
import io.tidemark.run.PartitionRange;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.CloseableIterator;
import org.jspecify.annotations.Nullable;

/** Makes batches, and reads them with the walker and with the client's own iterators. */
final class WalkedBatches {
    static final int EPOCH = 7;
    private static final int PARTITION = 3;
    static final long TIME = 1_700_000_000_000L;
    /** Where the checksum of a batch begins. */
    static final int ATTRIBUTES = 21;

    private static final List<Compression> COMPRESSIONS = List.of(
            Compression.NONE,
            Compression.gzip().build(),
            Compression.snappy().build(),
            Compression.lz4().build(),
            Compression.zstd().build());

    /** A record as it was passed to the handler; bytes in hexadecimal. */
    record Handed(
            long offset,
            long timestamp,
            @Nullable String key,
            @Nullable String value,
            List<String> headers) {}

    /** The result for some batches: records, or a failure. */
    record Outcome(List<Handed> records, @Nullable Throwable failure) {}

    private WalkedBatches() {}

    // Walking, and reading as the client does.

    /** Returns what the walker makes of the batches between two offsets. */
    static Outcome walked(byte[] batches, long from, long to) {
        // In the middle of an array, so that a read beyond the batches does not fail by itself.
        byte[] surrounded = new byte[batches.length + 64];
        Arrays.fill(surrounded, (byte) 1);
        System.arraycopy(batches, 0, surrounded, 32, batches.length);
        ByteBuffer buffer = ByteBuffer.wrap(surrounded, 32, batches.length).slice();
        List<Handed> records = new ArrayList<>();
        Range range = range(from, to);
        RecordHandler handler = record -> {
            assertThat(record.partition()).isEqualTo(PARTITION);
            if (record.bytes() == surrounded) {
                assertInside(record.key(), record.keyLength(), batches.length);
                assertInside(record.value(), record.valueLength(), batches.length);
            }
            records.add(new Handed(
                    record.offset(),
                    record.timestamp(),
                    hex(record.bytes(), record.key(), record.keyLength()),
                    hex(record.bytes(), record.value(), record.valueLength()),
                    SeenHeaders.of(record)));
        };
        try (RecordWalker walker = new RecordWalker(handler)) {
            walker.walk(range, new PartitionData().setRecords(MemoryRecords.readableRecords(buffer)));
            return new Outcome(records, null);
        } catch (CorruptRecordException e) {
            return new Outcome(records, e);
        }
    }

    private static void assertInside(int at, int length, int size) {
        if (length > 0) {
            assertThat(at).isBetween(32, 32 + size - length);
        }
    }

    /** Returns a range that nothing was read of. */
    static Range range(long from, long to) {
        return new ReadRanges("t", List.of(new PartitionRange(PARTITION, from, to)))
                .all()
                .get(0);
    }

    private static @Nullable String hex(byte[] bytes, int from, int length) {
        return length == InputRecord.NULL ? null : HexFormat.of().formatHex(bytes, from, from + length);
    }

    private static @Nullable String hex(@Nullable ByteBuffer bytes) {
        if (bytes == null) {
            return null;
        }
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return HexFormat.of().formatHex(copy);
    }

    /** The consumer's loop, without its transactions. */
    static Outcome readByClient(byte[] batches, long from, long to) {
        List<Handed> records = new ArrayList<>();
        long next = from;
        try {
            for (RecordBatch batch :
                    MemoryRecords.readableRecords(ByteBuffer.wrap(batches)).batches()) {
                if (next >= to) {
                    break;
                }
                batch.ensureValid();
                if (batch.isControlBatch()) {
                    // Its records are not passed to the handler.
                    next = batch.nextOffset();
                    continue;
                }
                try (CloseableIterator<Record> each = batch.streamingIterator(BufferSupplier.NO_CACHING)) {
                    while (each.hasNext()) {
                        Record record = each.next();
                        if (record.offset() >= next) {
                            record.ensureValid();
                            next = record.offset() + 1;
                            if (record.offset() < to) {
                                records.add(new Handed(
                                        record.offset(),
                                        record.timestamp(),
                                        hex(record.key()),
                                        hex(record.value()),
                                        SeenHeaders.of(List.of(record.headers()))));
                            }
                        }
                    }
                }
                next = Math.max(next, batch.nextOffset());
            }
            return new Outcome(records, null);
        } catch (RuntimeException | Error e) {
            return new Outcome(records, e);
        }
    }

    // Making batches.

    /** Returns the bytes of the records. */
    static byte[] bytes(MemoryRecords records) {
        byte[] bytes = new byte[records.sizeInBytes()];
        records.buffer().get(bytes);
        return bytes;
    }

    private static byte @Nullable [] field(Random random) {
        int kind = random.nextInt(20);
        int length = kind == 1 ? 0 : kind == 2 ? random.nextInt(200_000) : random.nextInt(40);
        byte[] field = new byte[length];
        if (random.nextBoolean()) {
            random.nextBytes(field);
        }
        return kind == 0 ? null : field;
    }

    private static Header[] headers(Random random) {
        Header[] headers = new Header[random.nextInt(4) == 0 ? random.nextInt(4) : 0];
        for (int i = 0; i < headers.length; i++) {
            headers[i] = new RecordHeader("h" + i, random.nextBoolean() ? null : new byte[random.nextInt(20)]);
        }
        return headers;
    }

    /** A batch of up to ten records, with gaps between their offsets as compaction leaves them. */
    static byte[] batch(Random random, long baseOffset, byte magic) {
        boolean appendTime = magic > RecordBatch.MAGIC_VALUE_V0 && random.nextInt(3) == 0;
        TimestampType type = magic == RecordBatch.MAGIC_VALUE_V0
                ? TimestampType.NO_TIMESTAMP_TYPE
                : appendTime ? TimestampType.LOG_APPEND_TIME : TimestampType.CREATE_TIME;
        Compression compression = COMPRESSIONS.get(random.nextInt(magic == RecordBatch.MAGIC_VALUE_V2 ? 5 : 4));
        MemoryRecordsBuilder builder = MemoryRecords.builder(
                ByteBuffer.allocate(1024),
                magic,
                compression,
                type,
                baseOffset,
                appendTime ? TIME + 5_000 : RecordBatch.NO_TIMESTAMP,
                RecordBatch.NO_PRODUCER_ID,
                RecordBatch.NO_PRODUCER_EPOCH,
                RecordBatch.NO_SEQUENCE,
                false,
                magic < RecordBatch.MAGIC_VALUE_V2 ? RecordBatch.NO_PARTITION_LEADER_EPOCH : EPOCH);
        long offset = baseOffset;
        for (int i = 1 + random.nextInt(10); i > 0; i--) {
            offset += random.nextInt(4) == 0 ? random.nextInt(300) : 0;
            long time = magic == RecordBatch.MAGIC_VALUE_V0
                    ? RecordBatch.NO_TIMESTAMP
                    : TIME + random.nextInt(2_000_000) - 1_000_000;
            builder.appendWithOffset(
                    offset++,
                    time,
                    field(random),
                    field(random),
                    magic < RecordBatch.MAGIC_VALUE_V2 ? Record.EMPTY_HEADERS : headers(random));
        }
        return bytes(builder.build());
    }

    /** Returns the offset behind the last batch. */
    static long nextOffset(byte[] batch) {
        return MemoryRecords.readableRecords(ByteBuffer.wrap(batch))
                .lastBatch()
                .map(RecordBatch::nextOffset)
                .orElseThrow();
    }

    /** Returns a batch with a valid header and checksum and any content. */
    static byte[] handmade(int count, CompressionType compression, int... body) {
        ByteBuffer buffer = ByteBuffer.allocate(DefaultRecordBatch.RECORD_BATCH_OVERHEAD + body.length);
        for (int i = 0; i < body.length; i++) {
            buffer.put(DefaultRecordBatch.RECORD_BATCH_OVERHEAD + i, (byte) body[i]);
        }
        DefaultRecordBatch.writeHeader(
                buffer,
                0,
                9,
                buffer.capacity(),
                RecordBatch.MAGIC_VALUE_V2,
                compression,
                TimestampType.CREATE_TIME,
                TIME,
                TIME,
                RecordBatch.NO_PRODUCER_ID,
                RecordBatch.NO_PRODUCER_EPOCH,
                RecordBatch.NO_SEQUENCE,
                false,
                false,
                false,
                EPOCH,
                count);
        return buffer.array();
    }

    static byte[] handmade(int count, int... body) {
        return handmade(count, CompressionType.NONE, body);
    }

    static int[] twice(int... record) {
        int[] both = Arrays.copyOf(record, 2 * record.length);
        System.arraycopy(record, 0, both, record.length, record.length);
        return both;
    }
}
