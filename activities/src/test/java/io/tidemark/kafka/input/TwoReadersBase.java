package io.tidemark.kafka.input;

import io.tidemark.embedded.Producers;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.run.PartitionRange;
import io.tidemark.testkit.SharedBroker;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Both readers of the shared broker, and topics for them: what the tests that compare the readers have in common. */
abstract class TwoReadersBase {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    static Admin admin;
    static TwoReaders readers;

    @BeforeAll
    static void connect() {
        admin = Admin.create(Map.of("bootstrap.servers", servers()));
        readers = new TwoReaders(servers(), Map.of());
    }

    @AfterAll
    static void disconnect() {
        admin.close();
        readers.close();
    }

    static String servers() {
        return SharedBroker.get().bootstrapServers();
    }

    /** Creates a topic with a name of its own. */
    static String topic(int partitions, Map<String, String> settings) throws Exception {
        String topic = "readers-" + NUMBER.incrementAndGet();
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(settings)))
                .all()
                .get();
        return topic;
    }

    private static List<Integer> partitions(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    /** Returns the first offset of each partition. */
    static Map<Integer, Long> first(String topic, int partitions) {
        return new TopicCatalog(readers.clients()).firstOffsets(topic, partitions(partitions));
    }

    /** Returns the last stable offset of each partition. */
    static Map<Integer, Long> stable(String topic, int partitions) {
        return new TopicCatalog(readers.clients())
                .stableBounds(topic, partitions(partitions))
                .ends();
    }

    /** Returns all that can be read: each partition from its first offset to its last stable one. */
    static List<PartitionRange> whole(String topic, int partitions) {
        Map<Integer, Long> first = first(topic, partitions);
        List<PartitionRange> ranges = new ArrayList<>();
        stable(topic, partitions)
                .forEach((partition, end) -> ranges.add(new PartitionRange(partition, first.get(partition), end)));
        return ranges;
    }

    /** Sends plain records in batches of ten. */
    static void send(String topic, int partition, int from, int to) {
        try (var producer =
                Producers.ofBytes(Map.of("bootstrap.servers", servers(), "linger.ms", 1_000, "batch.size", 1 << 20))) {
            for (int n = from; n < to; n++) {
                byte[] value = ("value-" + n).getBytes(StandardCharsets.UTF_8);
                var unused = producer.send(new ProducerRecord<>(topic, partition, 1_000L + n, null, value));
                if (n % 10 == 9) {
                    producer.flush();
                }
            }
        }
    }
}
