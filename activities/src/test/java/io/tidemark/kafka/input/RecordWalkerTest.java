package io.tidemark.kafka.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.kafka.input.ReadRanges.Range;
import io.tidemark.run.PartitionRange;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
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
import org.apache.kafka.common.utils.internals.ByteUtils;
import org.apache.kafka.common.utils.internals.CloseableIterator;
import org.apache.kafka.common.utils.internals.Crc32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Compares the walker with the client's own iterators, on valid batches and on batches that no broker may send. */
class RecordWalkerTest {
    private static final int EPOCH = 7;
    private static final int PARTITION = 3;
    private static final long TIME = 1_700_000_000_000L;
    /** Where the checksum of a batch begins. */
    private static final int ATTRIBUTES = 21;

    private static final List<Compression> COMPRESSIONS = List.of(
            Compression.NONE,
            Compression.gzip().build(),
            Compression.snappy().build(),
            Compression.lz4().build(),
            Compression.zstd().build());

    /** A record as it was passed to the handler; bytes in hexadecimal. */
    private record Handed(
            long offset,
            long timestamp,
            @Nullable String key,
            @Nullable String value) {}

    /** The result for some batches: records, or a failure. */
    private record Outcome(List<Handed> records, @Nullable Throwable failure) {}

    // Walking, and reading as the client does.

    private static Outcome walked(byte[] batches, long from, long to) {
        // In the middle of an array, so that a read beyond the batches does not fail by itself.
        byte[] surrounded = new byte[batches.length + 64];
        Arrays.fill(surrounded, (byte) 1);
        System.arraycopy(batches, 0, surrounded, 32, batches.length);
        ByteBuffer buffer = ByteBuffer.wrap(surrounded, 32, batches.length).slice();
        List<Handed> records = new ArrayList<>();
        Range range = range(from, to);
        RecordHandler handler = (partition, offset, timestamp, bytes, key, keyLength, value, valueLength) -> {
            assertThat(partition).isEqualTo(PARTITION);
            if (bytes == surrounded) {
                assertInside(key, keyLength, batches.length);
                assertInside(value, valueLength, batches.length);
            }
            records.add(new Handed(offset, timestamp, hex(bytes, key, keyLength), hex(bytes, value, valueLength)));
        };
        try (RecordWalker walker = new RecordWalker(handler)) {
            walker.walk(range, new PartitionData().setRecords(MemoryRecords.readableRecords(buffer)));
            return new Outcome(records, null);
        } catch (CorruptRecordException | OutOfMemoryError e) {
            // Snappy accepts any length below a gigabyte; the client's reader then fails in the same way.
            return new Outcome(records, e);
        }
    }

    private static void assertInside(int at, int length, int size) {
        if (length > 0) {
            assertThat(at).isBetween(32, 32 + size - length);
        }
    }

    private static Range range(long from, long to) {
        return new ReadRanges("t", List.of(new PartitionRange(PARTITION, from, to)))
                .all()
                .get(0);
    }

    private static @Nullable String hex(byte[] bytes, int from, int length) {
        return length == RecordHandler.NULL ? null : HexFormat.of().formatHex(bytes, from, from + length);
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
    private static Outcome readByClient(byte[] batches, long from, long to) {
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
                                        record.offset(), record.timestamp(), hex(record.key()), hex(record.value())));
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

    private static byte[] bytes(MemoryRecords records) {
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
    private static byte[] batch(Random random, long baseOffset, byte magic) {
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

    private static long nextOffset(byte[] batch) {
        return MemoryRecords.readableRecords(ByteBuffer.wrap(batch))
                .lastBatch()
                .map(RecordBatch::nextOffset)
                .orElseThrow();
    }

    /** Returns a batch with a valid header and checksum and any content. */
    private static byte[] handmade(int count, CompressionType compression, int... body) {
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

    private static byte[] handmade(int count, int... body) {
        return handmade(count, CompressionType.NONE, body);
    }

    private static int[] twice(int... record) {
        int[] both = Arrays.copyOf(record, 2 * record.length);
        System.arraycopy(record, 0, both, record.length, record.length);
        return both;
    }

    private static void assertCorrupt(byte[] batch, String why) {
        assertThat(readByClient(batch, 0, 100).failure())
                .as("the client refuses it too")
                .isNotNull();
        Outcome outcome = walked(batch, 0, 100);
        assertThat(outcome.failure()).isInstanceOf(CorruptRecordException.class).hasMessageContainingAll("t-3", why);
    }

    // Any log.

    @Property(tries = 200)
    void anyBatchesGiveWhatTheClientReads(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        ByteArrayOutputStream batches = new ByteArrayOutputStream();
        long first = random.nextInt(1_000);
        long next = first;
        for (int i = random.nextInt(6); i >= 0; i--) {
            byte magic = (byte) (random.nextInt(4) == 0 ? random.nextInt(2) : 2);
            byte[] batch = batch(random, next, magic);
            batches.write(batch);
            next = nextOffset(batch) + random.nextInt(3);
        }
        // The last batch of a response is rarely complete.
        byte[] last = batch(random, next, RecordBatch.MAGIC_VALUE_V2);
        batches.write(last, 0, random.nextInt(last.length));
        long from = first + random.nextInt((int) (next - first));
        long to = from + random.nextInt((int) (next - first) + 10);

        Outcome expected = readByClient(batches.toByteArray(), from, to);
        assertThat(expected.failure()).isNull();
        assertThat(walked(batches.toByteArray(), from, to)).isEqualTo(expected);
    }

    @Property(tries = 1_500)
    void anyDamageIsFoundOrHarmless(@ForAll long seed) {
        Random random = new Random(seed);
        byte[] batch = batch(random, 0, RecordBatch.MAGIC_VALUE_V2);
        for (int i = random.nextInt(3); i >= 0; i--) {
            // Only the first bytes: in large values, damage would rarely hit a byte that matters.
            int at = ATTRIBUTES + random.nextInt(Math.min(batch.length - ATTRIBUTES, 150));
            batch[at] = (byte) random.nextInt(256);
        }
        ByteUtils.writeUnsignedInt(
                ByteBuffer.wrap(batch),
                DefaultRecordBatch.CRC_OFFSET,
                Crc32C.compute(ByteBuffer.wrap(batch), ATTRIBUTES, batch.length - ATTRIBUTES));

        Outcome walked = walked(batch, 0, Long.MAX_VALUE);
        if (walked.failure() == null) {
            assertThat(walked).isEqualTo(readByClient(batch, 0, Long.MAX_VALUE));
        }
    }

    @Property(tries = 300)
    void anyDamageOfOldFormatsIsFoundOrHarmless(@ForAll long seed) {
        Random random = new Random(seed);
        byte[] batch = batch(random, 0, (byte) random.nextInt(2));
        // Behind offset, size, checksum and magic.
        int at = 17 + random.nextInt(Math.min(batch.length - 17, 100));
        batch[at] = (byte) random.nextInt(256);
        int size = ByteBuffer.wrap(batch).getInt(8);
        CRC32 crc = new CRC32();
        crc.update(batch, 16, size - 4);
        ByteBuffer.wrap(batch).putInt(12, (int) crc.getValue());

        Outcome walked = walked(batch, 0, Long.MAX_VALUE);
        if (walked.failure() == null) {
            assertThat(walked).isEqualTo(readByClient(batch, 0, Long.MAX_VALUE));
        }
    }

    // Formats and sizes.

    @ParameterizedTest
    @EnumSource(value = CompressionType.class)
    void aRecordLargerThanTheWindowOfTheDecompressorIsWhole(CompressionType type) {
        MemoryRecordsBuilder builder = MemoryRecords.builder(
                ByteBuffer.allocate(1024), Compression.of(type).build(), TimestampType.CREATE_TIME, 0);
        Random random = new Random(1);
        byte[] large = new byte[1_000_000];
        random.nextBytes(large);
        for (int i = 0; i < 3; i++) {
            builder.append(TIME, "before".getBytes(StandardCharsets.UTF_8), new byte[i]);
            builder.append(TIME, large, large);
        }
        byte[] batch = bytes(builder.build());

        Outcome walked = walked(batch, 0, 100);

        assertThat(walked.records()).hasSize(6);
        assertThat(walked).isEqualTo(readByClient(batch, 0, 100));
    }

    @Test
    void aPositionFollowsTheRecordsAndEndsBehindTheBatch() {
        MemoryRecordsBuilder builder = MemoryRecords.builder(
                ByteBuffer.allocate(1024),
                RecordBatch.MAGIC_VALUE_V2,
                Compression.NONE,
                TimestampType.CREATE_TIME,
                5,
                RecordBatch.NO_TIMESTAMP,
                EPOCH);
        for (int i = 0; i < 5; i++) {
            builder.append(TIME, null, new byte[i]);
        }
        byte[] batch = bytes(builder.build());
        Range range = range(5, 10_000);
        RuntimeException stop = new IllegalStateException("stop");
        List<Long> seen = new ArrayList<>();
        try (RecordWalker walker = new RecordWalker((partition, offset, time, bytes, k, kl, v, vl) -> {
            seen.add(offset);
            if (seen.size() == 3) {
                throw stop;
            }
        })) {
            PartitionData data = new PartitionData().setRecords(MemoryRecords.readableRecords(ByteBuffer.wrap(batch)));
            assertThatThrownBy(() -> walker.walk(range, data))
                    .as("the handler's own exception")
                    .isSameAs(stop);
            assertThat(range.position).isEqualTo(seen.get(1) + 1);

            walker.walk(range, data);
        }
        assertThat(seen.get(3)).as("the one that was refused").isEqualTo(seen.get(2));
        assertThat(range.position).isEqualTo(nextOffset(batch));
        assertThat(range.leaderEpoch()).isEqualTo(EPOCH);
    }

    @Test
    void aBatchBehindTheRangeDoesNotLendItsEpoch() {
        byte[] batch = batch(new Random(4), 50, RecordBatch.MAGIC_VALUE_V2);
        Range range = range(5, 40);
        try (RecordWalker walker = new RecordWalker((partition, offset, time, bytes, k, kl, v, vl) -> {
            throw new AssertionError("offset " + offset);
        })) {
            walker.walk(range, new PartitionData().setRecords(MemoryRecords.readableRecords(ByteBuffer.wrap(batch))));
        }
        assertThat(range.position)
                .as("nothing is left of a range whose end is a hole")
                .isEqualTo(40);
        assertThat(range.leaderEpoch()).isEqualTo(-1);
    }

    @Test
    void anEndThatLiesInAHoleHasNoEpoch() {
        byte[] before = batch(new Random(4), 0, RecordBatch.MAGIC_VALUE_V2);
        byte[] behind = batch(new Random(5), 500, RecordBatch.MAGIC_VALUE_V2);
        Range range = range(0, 400);
        try (RecordWalker walker = new RecordWalker((partition, offset, time, bytes, k, kl, v, vl) -> {})) {
            walker.walk(range, new PartitionData().setRecords(MemoryRecords.readableRecords(ByteBuffer.wrap(before))));
            assertThat(range.position).isEqualTo(nextOffset(before)).isLessThan(400);
            assertThat(range.leaderEpoch()).isEqualTo(EPOCH);

            walker.walk(range, new PartitionData().setRecords(MemoryRecords.readableRecords(ByteBuffer.wrap(behind))));
        }
        assertThat(range.position).isEqualTo(400);
        assertThat(range.leaderEpoch())
                .as("of whoever appended what was compacted away")
                .isEqualTo(-1);
    }

    @Test
    void anEmptyBatchOfACompactedLogMovesThePosition() {
        byte[] empty = handmade(0);
        Range range = range(0, 10);
        try (RecordWalker walker = new RecordWalker((partition, offset, time, bytes, k, kl, v, vl) -> {
            throw new AssertionError("offset " + offset);
        })) {
            walker.walk(range, new PartitionData().setRecords(MemoryRecords.readableRecords(ByteBuffer.wrap(empty))));
        }
        assertThat(range.position).isEqualTo(10);
    }

    // Damage, one kind at a time. A record: length, attributes, time, offset, key, value, headers.

    @Test
    void theHandmadeRecordIsWhatTheClientReads() {
        byte[] batch = handmade(1, 16, 0, 2, 4, 2, 'k', 2, 'v', 0);
        assertThat(walked(batch, 0, 100)).isEqualTo(readByClient(batch, 0, 100));
        assertThat(walked(batch, 0, 100).records()).containsExactly(new Handed(2, TIME + 1, "6b", "76"));
    }

    @Test
    void aWrongChecksum() {
        byte[] batch = handmade(1, 16, 0, 2, 4, 2, 'k', 2, 'v', 0);
        batch[batch.length - 2]++;
        assertCorrupt(batch, "crc");
    }

    @Test
    void aBatchShorterThanItsHeader() {
        byte[] batch = Arrays.copyOf(handmade(0), 40);
        ByteBuffer.wrap(batch).putInt(8, 40 - 12);
        assertCorrupt(batch, "size 40");
    }

    @Test
    void anUnknownCompression() {
        byte[] batch = handmade(1, 16, 0, 2, 4, 2, 'k', 2, 'v', 0);
        batch[22] = 6;
        ByteUtils.writeUnsignedInt(
                ByteBuffer.wrap(batch),
                DefaultRecordBatch.CRC_OFFSET,
                Crc32C.compute(ByteBuffer.wrap(batch), ATTRIBUTES, batch.length - ATTRIBUTES));
        assertCorrupt(batch, "cannot be read");
    }

    @Test
    void aRecordLongerThanItsBatch() {
        assertCorrupt(handmade(1, 18, 0, 2, 4, 2, 'k', 2, 'v', 0), "a record of 9 bytes where 8 are left");
    }

    @Test
    void aRecordOfNegativeLength() {
        assertCorrupt(handmade(1, 15, 0, 2, 4, 2, 'k', 2, 'v', 0), "a record of -8 bytes");
    }

    @Test
    void fewerRecordsThanItSays() {
        assertCorrupt(handmade(2, 16, 0, 2, 4, 2, 'k', 2, 'v', 0), "does not end");
    }

    @Test
    void moreRecordsThanItSays() {
        assertCorrupt(handmade(1, twice(16, 0, 2, 4, 2, 'k', 2, 'v', 0)), "9 bytes or more follow the last");
    }

    @Test
    void aNegativeNumberOfRecords() {
        assertCorrupt(handmade(-1), "-1 records");
    }

    @Test
    void aKeyLongerThanItsRecord() {
        assertCorrupt(handmade(1, 16, 0, 2, 4, 20, 'k', 2, 'v', 0), "a field of 10 bytes in the 4");
    }

    @Test
    void aValueLongerThanItsRecordThoughNotThanItsBatch() {
        assertCorrupt(handmade(2, twice(16, 0, 2, 4, 2, 'k', 20, 'v', 0)), "a field of 10 bytes in the 2");
    }

    @Test
    void aNumberThatIsTooLong() {
        assertCorrupt(handmade(1, 24, 0, 2, 0x84, 0x80, 0x80, 0x80, 0x80, 0x80, 0, 1, 1, 0), "a number of 7 bytes");
    }

    @Test
    void headersThatAreNotThere() {
        assertCorrupt(handmade(1, 16, 0, 2, 4, 2, 'k', 2, 'v', 10), "5 headers in 0 bytes");
    }

    @Test
    void bytesBehindTheHeaders() {
        assertCorrupt(handmade(1, 16, 0, 2, 4, 2, 'k', 1, 0, 0), "1 bytes follow the last header");
    }

    @Test
    void anOffsetBehindTheBatch() {
        Outcome outcome = walked(handmade(1, 16, 0, 2, 60, 2, 'k', 2, 'v', 0), 0, 100);
        assertThat(outcome.failure()).hasMessageContaining("offsets 0 to 9, and a record with offset 30");
    }

    @Test
    void anOffsetThatComesTwiceIsHandedOverOnceAsTheClientDoes() {
        byte[] batch = handmade(2, twice(16, 0, 2, 4, 2, 'k', 2, 'v', 0));
        assertThat(walked(batch, 0, 100)).isEqualTo(readByClient(batch, 0, 100));
        assertThat(walked(batch, 0, 100).records()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(value = CompressionType.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void bytesThatCannotBeDecompressed(CompressionType type) {
        assertCorrupt(handmade(1, type, 16, 0, 2, 4, 2, 'k', 2, 'v', 0), "cannot be read");
    }

    @ParameterizedTest
    @EnumSource(value = CompressionType.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void compressedBytesThatEndTooSoon(CompressionType type) {
        MemoryRecordsBuilder builder = MemoryRecords.builder(
                ByteBuffer.allocate(1024), Compression.of(type).build(), TimestampType.CREATE_TIME, 0);
        byte[] noise = new byte[100_000];
        new Random(1).nextBytes(noise);
        builder.append(TIME, noise, noise);
        byte[] whole = bytes(builder.build());
        byte[] cut = Arrays.copyOf(whole, whole.length - 30_000);
        ByteBuffer header = ByteBuffer.wrap(cut);
        header.putInt(8, cut.length - 12);
        ByteUtils.writeUnsignedInt(
                header, DefaultRecordBatch.CRC_OFFSET, Crc32C.compute(header, ATTRIBUTES, cut.length - ATTRIBUTES));
        assertCorrupt(cut, "t-3");
    }

    @Test
    void aLengthOfGigabytesInAFewCompressedBytesTakesNoMemory() throws Exception {
        ByteBuffer body = ByteBuffer.allocate(16);
        ByteUtils.writeVarint(Integer.MAX_VALUE, body);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream compressing = new GZIPOutputStream(out)) {
            compressing.write(body.array(), 0, body.position());
        }
        byte[] gzip = out.toByteArray();
        int[] unsigned = new int[gzip.length];
        Arrays.setAll(unsigned, i -> gzip[i] & 0xFF);

        Outcome outcome = walked(handmade(1, CompressionType.GZIP, unsigned), 0, 100);

        assertThat(outcome.failure()).hasMessageContaining("2147483647 bytes");
    }
}
