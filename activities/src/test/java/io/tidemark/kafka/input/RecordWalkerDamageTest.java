package io.tidemark.kafka.input;

import static io.tidemark.kafka.input.WalkedBatches.ATTRIBUTES;
import static io.tidemark.kafka.input.WalkedBatches.TIME;
import static io.tidemark.kafka.input.WalkedBatches.bytes;
import static io.tidemark.kafka.input.WalkedBatches.handmade;
import static io.tidemark.kafka.input.WalkedBatches.readByClient;
import static io.tidemark.kafka.input.WalkedBatches.twice;
import static io.tidemark.kafka.input.WalkedBatches.walked;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.kafka.input.WalkedBatches.Handed;
import io.tidemark.kafka.input.WalkedBatches.Outcome;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.utils.internals.ByteUtils;
import org.apache.kafka.common.utils.internals.Crc32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Batches that no broker may send, with one kind of damage each. The bytes of a record: length, attributes, time, offset,
 * key, value, headers.
 */
class RecordWalkerDamageTest {
    private static void assertCorrupt(byte[] batch, String why) {
        assertThat(readByClient(batch, 0, 100).failure())
                .as("the client refuses it too")
                .isNotNull();
        Outcome outcome = walked(batch, 0, 100);
        assertThat(outcome.failure()).isInstanceOf(CorruptRecordException.class).hasMessageContainingAll("t-3", why);
    }

    @Test
    void theHandmadeRecordIsWhatTheClientReads() {
        byte[] batch = handmade(1, 16, 0, 2, 4, 2, 'k', 2, 'v', 0);
        assertThat(walked(batch, 0, 100)).isEqualTo(readByClient(batch, 0, 100));
        assertThat(walked(batch, 0, 100).records()).containsExactly(new Handed(2, TIME + 1, "6b", "76", List.of()));
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
