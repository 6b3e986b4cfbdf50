package io.tidemark.kafka.input;

import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.cluster.TopicCatalog;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;

/**
 * Looks for committed records in an output. Records of aborted transactions and the markers of transactions have offsets
 * too, but no reader gets them.
 */
public final class RecordsInOutput {
    private final KafkaClients clients;

    /** Creates a check for the clients' cluster. */
    public RecordsInOutput(KafkaClients clients) {
        this.clients = clients;
    }

    /**
     * A record, or a place where one may be.
     *
     * @param certain false if the partition could not be read to its end from this offset on: because of an open
     *     transaction, which may still be committed, or because the worker lacks the permission Read
     */
    public record Found(int partition, long offset, boolean certain) {}

    /**
     * Returns a committed record of one of the partitions; else a place where one may be, if there is such a place.
     *
     * @param ends the high watermark of each partition to look at
     */
    public Optional<Found> find(String topic, Map<Integer, Long> ends) {
        if (ends.isEmpty()) {
            return Optional.empty();
        }
        TopicCatalog.Bounds log = new TopicCatalog(clients).stableBounds(topic, ends.keySet());
        Map<TopicPartition, Long> starts = new HashMap<>();
        log.begins().forEach((partition, begin) -> starts.put(new TopicPartition(topic, partition), begin));
        RecordSearch search = new RecordSearch(clients);
        return search.find(topic, starts, log.ends())
                .map(each -> new Found(each.partition(), each.offset(), true))
                .or(() -> ends.entrySet().stream()
                        .map(each -> new Found(
                                each.getKey(),
                                search.complete(new TopicPartition(topic, each.getKey()))
                                        ? log.ends().getOrDefault(each.getKey(), 0L)
                                        : log.begins().getOrDefault(each.getKey(), 0L),
                                false))
                        .filter(each -> each.offset() < ends.getOrDefault(each.partition(), 0L))
                        .findFirst());
    }
}
