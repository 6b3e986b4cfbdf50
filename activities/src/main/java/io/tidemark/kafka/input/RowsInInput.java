package io.tidemark.kafka.input;

import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.row.RowHeader;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/** Looks at the newest records of an input, to find rows that a Tidemark job wrote. */
public final class RowsInInput {
    /** Partitions that are read. A job writes rows to every partition of its output that gets records. */
    private static final int MAX_PARTITIONS = 4;

    /** Offsets that are read at the end of each partition: a marker is the last one, and compaction leaves gaps. */
    private static final long LOOK_BACK = 100;

    private final KafkaClients clients;

    /** Creates a check for the clients' cluster. */
    public RowsInInput(KafkaClients clients) {
        this.clients = clients;
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
        Map<TopicPartition, Long> starts = new HashMap<>();
        from.entrySet().stream()
                .filter(each -> ends.getOrDefault(each.getKey(), 0L) > each.getValue())
                .limit(MAX_PARTITIONS)
                .forEach(each -> starts.put(
                        new TopicPartition(topic, each.getKey()),
                        Math.max(each.getValue(), ends.getOrDefault(each.getKey(), 0L) - LOOK_BACK)));
        return new RecordSearch(clients).find(topic, starts, ends, each -> {
            Header header = each.headers().lastHeader(RowHeader.NAME);
            // Any producer can send a header of this name, also without a value.
            return header == null || header.value() == null
                    ? Optional.empty()
                    : Optional.of(new Row(each.partition(), each.offset(), RowHeader.job(header.value())));
        });
    }
}
