package io.tidemark.kafka.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.kafka.input.FetchConnection.Part;
import io.tidemark.kafka.input.ReadRanges.Range;
import io.tidemark.run.PartitionRange;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.junit.jupiter.api.Test;

/** How a response determines the next request; {@link InputReadersIT} tests the exchange itself. */
class FetchConnectionTest {
    private static final int MAX_BYTES = 4 << 20;

    private static Part part(long from, long to) {
        Range range = new ReadRanges("t", List.of(new PartitionRange(3, from, to)))
                .all()
                .get(0);
        return new Part(range);
    }

    private static byte[] batch(long baseOffset, int records, int bytes, int epoch) {
        MemoryRecordsBuilder builder = MemoryRecords.builder(
                ByteBuffer.allocate(1024),
                RecordBatch.MAGIC_VALUE_V2,
                Compression.NONE,
                TimestampType.CREATE_TIME,
                baseOffset,
                RecordBatch.NO_TIMESTAMP,
                epoch);
        for (int i = 0; i < records; i++) {
            builder.append(1_000, null, new byte[bytes]);
        }
        MemoryRecords built = builder.build();
        byte[] copy = new byte[built.sizeInBytes()];
        built.buffer().get(copy);
        return copy;
    }

    private static MemoryRecords records(byte[]... batches) {
        ByteBuffer all = ByteBuffer.allocate(
                Arrays.stream(batches).mapToInt(each -> each.length).sum());
        Arrays.stream(batches).forEach(all::put);
        return MemoryRecords.readableRecords(all.flip());
    }

    @Test
    void theNextRequestBeginsBehindTheLastWholeBatchAndBearsItsEpoch() {
        Part part = part(5, 1_000);
        part.got(records(batch(0, 10, 20, 2), batch(30, 10, 20, 4), Arrays.copyOf(batch(40, 10, 20, 5), 70)));
        assertThat(part.next).isEqualTo(40);
        assertThat(part.epoch).isEqualTo(4);
    }

    @Test
    void theLastRequestOfARangeAsksForNoMoreThanIsLeft() {
        Part part = part(0, 2_000);
        assertThat(part.bytes(MAX_BYTES)).as("before anything is known").isEqualTo(MAX_BYTES);
        part.got(records(batch(0, 1_000, 1_000, 0)));
        assertThat(part.bytes(MAX_BYTES)).isBetween(1_000_000, 1_300_000);
        assertThat(part.bytes(1_000)).isEqualTo(1_000);
    }

    /** A request at the end of the log would wait for fetch.max.wait.ms. */
    @Test
    void aRangeThatIsReadToItsEndAsksForNothingMore() {
        Part part = part(0, 10);
        assertThat(part.wanted(0)).isTrue();
        part.got(records(batch(0, 10, 20, 2)));
        assertThat(part.wanted(0)).isFalse();
    }

    @Test
    void aResponseWithoutAWholeBatchIsRefused() {
        assertThatThrownBy(() -> part(5, 10).got(records(Arrays.copyOf(batch(0, 10, 20, 2), 100))))
                .isInstanceOf(KafkaException.class)
                .hasMessageContainingAll("t-3", "offset 5", "100 bytes");
    }

    @Test
    void aResponseThatLeadsBackIsRefused() {
        assertThatThrownBy(() -> part(50, 100).got(records(batch(0, 10, 20, 2))))
                .as("otherwise the same request would be repeated forever")
                .isInstanceOf(KafkaException.class)
                .hasMessageContainingAll("t-3", "offset 50");
    }

    @Test
    void aBatchShorterThanItsHeaderIsRefused() {
        byte[] batch = Arrays.copyOf(batch(0, 1, 1, 0), 40);
        ByteBuffer.wrap(batch).putInt(8, 40 - 12);
        assertThatThrownBy(() -> part(0, 10).got(records(batch)))
                .isInstanceOf(CorruptRecordException.class)
                .hasMessageContainingAll("t-3", "40 bytes");
    }
}
