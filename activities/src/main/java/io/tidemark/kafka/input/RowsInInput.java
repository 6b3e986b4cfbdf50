package io.tidemark.kafka.input;

import io.tidemark.fold.Headers;
import io.tidemark.fold.InputRecord;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.row.RowHeader;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.TidemarkException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Looks at the newest records of an input, to find rows that a Tidemark job wrote. */
public final class RowsInInput {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    /** Partitions that are read. A job writes rows to every partition of its output that gets records. */
    private static final int MAX_PARTITIONS = 4;

    /** Offsets that are read at the end of each partition: a marker is the last one, and compaction leaves gaps. */
    private static final long LOOK_BACK = 100;

    private final KafkaClients clients;
    private final int maxBytes;

    /**
     * Creates a check for the clients' cluster.
     *
     * @param maxBytes size of the largest record that is looked at
     */
    public RowsInInput(KafkaClients clients, int maxBytes) {
        this.clients = clients;
        this.maxBytes = maxBytes;
    }

    /**
     * A row in an input.
     *
     * @param job the job that wrote it
     */
    public record Row(int partition, long offset, String job) {}

    /**
     * Returns one of the newest records if it is a row of a Tidemark job. Returns empty also if the records cannot be
     * read within 5 s: the steps that read them then report the problem.
     *
     * @param from the next offset to read, by partition
     * @param ends the last stable offset, by partition
     */
    public Optional<Row> find(String topic, Map<Integer, Long> from, Map<Integer, Long> ends) {
        List<PartitionRange> newest = from.entrySet().stream()
                .filter(each -> ends.getOrDefault(each.getKey(), 0L) > each.getValue())
                .limit(MAX_PARTITIONS)
                .map(each -> {
                    long end = ends.getOrDefault(each.getKey(), 0L);
                    return new PartitionRange(each.getKey(), Math.max(each.getValue(), end - LOOK_BACK), end);
                })
                .toList();
        FirstRow first = new FirstRow(maxBytes);
        try {
            InputReader.of(clients).read(topic, newest, TIMEOUT, first, remaining -> {});
        } catch (TidemarkException e) {
            return Optional.empty();
        }
        return Optional.ofNullable(first.row);
    }

    /** Keeps the first row that it receives. */
    private static final class FirstRow implements RecordHandler {
        private final Headers header = new Headers(List.of(RowHeader.NAME));
        private final int maxBytes;
        private @Nullable Row row;

        FirstRow(int maxBytes) {
            this.maxBytes = maxBytes;
        }

        @Override
        public void record(InputRecord record) {
            if (row != null) {
                return;
            }
            header.find(record);
            // Any producer can send a header of this name, also without a value.
            if (header.start(0) != Headers.MISSING && header.length(0) != InputRecord.NULL) {
                byte[] value =
                        Arrays.copyOfRange(record.headerBytes(), header.start(0), header.start(0) + header.length(0));
                row = new Row(record.partition(), record.offset(), RowHeader.job(value));
            }
        }

        @Override
        public boolean needsHeaders() {
            return true;
        }

        @Override
        public int maxBytes() {
            return maxBytes;
        }

        @Override
        public void tooLarge(int partition, long offset, long timestamp, long bytes) {
            // No row is so large.
        }
    }
}
