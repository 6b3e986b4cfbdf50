package io.tidemark.kafka.input;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.embedded.Producers;
import io.tidemark.fold.InputRecord;
import io.tidemark.kafka.client.ReaderKind;
import io.tidemark.run.PartitionRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both readers agree, to the byte, which records are larger than a handler accepts. */
@Timeout(120)
class InputReadersLimitIT extends TwoReadersBase {
    private static final int LIMIT = 1_000;

    /** Sizes of length fields: one byte for a length that is null or below 64, else two; one for the number of headers. */
    private static final int SHORT = 1;

    private static final int LONG = 2;
    private static final int COUNT = 1;

    private static RecordHandler limited(List<String> seen) {
        return new RecordHandler() {
            @Override
            public void record(InputRecord record) {
                seen.add(record.offset() + " at " + record.timestamp() + ": " + record.keyLength() + " and "
                        + record.valueLength());
            }

            @Override
            public int maxBytes() {
                return LIMIT;
            }

            @Override
            public void tooLarge(int partition, long offset, long timestamp, long bytes) {
                seen.add(offset + " at " + timestamp + ": too large, " + bytes);
            }
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"uncompressed", "gzip", "snappy", "lz4", "zstd"})
    void aRecordIsMeasuredAlike(String compression) throws Exception {
        String topic = topic(1, Map.of("compression.type", compression));
        List<String> expected = new ArrayList<>();
        // One batch of many records with times far apart: the sizes of offset and timestamp in the batch do not count.
        try (var producer =
                Producers.ofBytes(Map.of("bootstrap.servers", servers(), "linger.ms", 1_000, "batch.size", 1 << 20))) {
            for (int i = 0; i < 300; i++) {
                int size = LIMIT + i % 3 - 1;
                long time = i * 100_000L;
                byte[] key = i % 2 == 0 ? null : new byte[5];
                boolean headers = i % 5 == 0;
                byte[] value = new byte
                        [size
                                - (SHORT + (key == null ? 0 : 5))
                                - LONG
                                - COUNT
                                - (headers ? SHORT + "größe".length() + 2 + SHORT + SHORT + 1 + LONG + 100 : 0)];
                ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, 0, time, key, value);
                if (headers) {
                    // Two characters of the name have two bytes each.
                    record.headers()
                            .add(new RecordHeader("größe", (byte[]) null))
                            .add(new RecordHeader("b", new byte[100]));
                }
                var unused = producer.send(record);
                expected.add(i + " at " + time + ": "
                        + (size > LIMIT ? "too large, " + size : (key == null ? -1 : 5) + " and " + value.length));
            }
        }

        for (ReaderKind kind : ReaderKind.values()) {
            List<String> seen = new ArrayList<>();
            InputReader.of(readers.clients(), kind, System::nanoTime)
                    .read(
                            topic,
                            List.of(new PartitionRange(0, 0, 300)),
                            TwoReaders.ENOUGH,
                            limited(seen),
                            remaining -> {});
            assertThat(seen).as("%s", kind).containsExactlyElementsOf(expected);
        }
    }
}
