package io.tidemark.kafka.input;

import static io.tidemark.kafka.input.WalkedBatches.ATTRIBUTES;
import static io.tidemark.kafka.input.WalkedBatches.EPOCH;
import static io.tidemark.kafka.input.WalkedBatches.TIME;
import static io.tidemark.kafka.input.WalkedBatches.batch;
import static io.tidemark.kafka.input.WalkedBatches.bytes;
import static io.tidemark.kafka.input.WalkedBatches.handmade;
import static io.tidemark.kafka.input.WalkedBatches.nextOffset;
import static io.tidemark.kafka.input.WalkedBatches.range;
import static io.tidemark.kafka.input.WalkedBatches.readByClient;
import static io.tidemark.kafka.input.WalkedBatches.walked;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.kafka.input.ReadRanges.Range;
import io.tidemark.kafka.input.WalkedBatches.Outcome;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.ByteUtils;
import org.apache.kafka.common.utils.internals.Crc32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares the walker with the client's own iterators, on any batches and with any damage to them. */
class RecordWalkerTest {
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
        setChecksum(batch);

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

    /** Records of the same lengths are read by their places. Each byte of the last ones is replaced by every other one. */
    @ParameterizedTest
    @ValueSource(strings = {"12345678", "", "null"})
    void anyDamageToRecordsOfTheSameLengthsIsFoundOrHarmless(String key) {
        for (int length : new int[] {50, 70}) {
            MemoryRecordsBuilder builder =
                    MemoryRecords.builder(ByteBuffer.allocate(1024), Compression.NONE, TimestampType.CREATE_TIME, 0);
            for (int i = 0; i < 6; i++) {
                builder.append(
                        TIME + i,
                        key.equals("null") ? null : key.getBytes(StandardCharsets.UTF_8),
                        "v".repeat(length).getBytes(StandardCharsets.UTF_8));
            }
            byte[] batch = bytes(builder.build());
            assertThat(walked(batch, 0, Long.MAX_VALUE)).isEqualTo(readByClient(batch, 0, Long.MAX_VALUE));
            for (int at = batch.length / 2; at < batch.length; at++) {
                for (int b = 0; b < 256; b++) {
                    byte[] damaged = batch.clone();
                    damaged[at] = (byte) b;
                    setChecksum(damaged);
                    Outcome walked = walked(damaged, 0, Long.MAX_VALUE);
                    if (walked.failure() == null) {
                        assertThat(walked).isEqualTo(readByClient(damaged, 0, Long.MAX_VALUE));
                    }
                }
            }
        }
    }

    /** Lengths that change seldom and often, whose numbers need one, two or three bytes. */
    @Property(tries = 300)
    void recordsOfFewLengthsGiveWhatTheClientReads(@ForAll long seed) {
        Random random = new Random(seed);
        MemoryRecordsBuilder builder =
                MemoryRecords.builder(ByteBuffer.allocate(1024), Compression.NONE, TimestampType.CREATE_TIME, 0);
        int often = 1 + random.nextInt(20);
        int step = 1 + random.nextInt(50);
        long offset = 0;
        long time = TIME;
        int length = 50;
        for (int i = 0; i < 300; i++) {
            offset += random.nextInt(often) == 0 ? random.nextInt(step) : 1;
            time += random.nextInt(often) == 0 ? random.nextInt(step * 100) - step : 1;
            length = random.nextInt(often) == 0 ? 40 + random.nextInt(40) : length;
            byte[] key = new byte[random.nextInt(often) == 0 ? random.nextInt(80) : 8];
            byte[] value = new byte[length];
            random.nextBytes(value);
            builder.appendWithOffset(
                    offset++,
                    time,
                    random.nextInt(4 * often) == 0 ? null : key,
                    random.nextInt(4 * often) == 0 ? null : value);
        }
        byte[] batch = bytes(builder.build());
        long from = random.nextInt(100);
        long to = from + random.nextInt(1_000);

        assertThat(walked(batch, from, to)).isEqualTo(readByClient(batch, from, to));
    }

    private static void setChecksum(byte[] batch) {
        ByteUtils.writeUnsignedInt(
                ByteBuffer.wrap(batch),
                DefaultRecordBatch.CRC_OFFSET,
                Crc32C.compute(ByteBuffer.wrap(batch), ATTRIBUTES, batch.length - ATTRIBUTES));
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
        try (RecordWalker walker = new RecordWalker(record -> {
            seen.add(record.offset());
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
        try (RecordWalker walker = new RecordWalker(record -> {
            throw new AssertionError("offset " + record.offset());
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
        try (RecordWalker walker = new RecordWalker(record -> {})) {
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
        try (RecordWalker walker = new RecordWalker(record -> {
            throw new AssertionError("offset " + record.offset());
        })) {
            walker.walk(range, new PartitionData().setRecords(MemoryRecords.readableRecords(ByteBuffer.wrap(empty))));
        }
        assertThat(range.position).isEqualTo(10);
    }
}
