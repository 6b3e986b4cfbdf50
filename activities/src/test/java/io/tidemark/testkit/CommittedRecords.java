package io.tidemark.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads what a topic has, after all transactions that ended have their markers. */
public final class CommittedRecords {
    private CommittedRecords() {}

    /** All committed records of a topic of the shared broker up to its last stable offset. */
    public static List<ConsumerRecord<byte[], byte[]>> read(String topic) {
        return read(Rig.client(), topic);
    }

    /** The same for the cluster of a client with these settings, which it changes. */
    public static List<ConsumerRecord<byte[], byte[]>> read(Properties settings, String topic) {
        try (Admin admin = Admin.create(settings)) {
            awaitMarkers(admin);
        }
        settings.put("isolation.level", "read_committed");
        settings.put("auto.offset.reset", "none");
        settings.put("fetch.max.wait.ms", "10");
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(each -> new TopicPartition(topic, each.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (!ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue())) {
                consumer.poll(Duration.ofMillis(50)).forEach(records::add);
            }
        }
        return records;
    }

    /**
     * Waits until all ended transactions have their markers: the response to a commit comes before they are written,
     * and until then the last stable offset hides the transaction's records. Open transactions stay open.
     */
    public static void awaitMarkers(Admin admin) {
        Set<TransactionState> ending = Set.of(TransactionState.PREPARE_COMMIT, TransactionState.PREPARE_ABORT);
        long deadline = System.nanoTime() + Rig.PATIENCE.toNanos();
        Collection<TransactionListing> left = new ArrayList<>(Transactions.in(admin, ending));
        while (!left.isEmpty()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("these transactions were ended, and their markers are not written: " + left);
            }
            // Transactions that end meanwhile belong to other tests.
            left.retainAll(Transactions.in(admin, ending));
        }
    }
}
