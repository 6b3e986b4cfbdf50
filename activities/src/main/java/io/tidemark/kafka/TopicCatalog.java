package io.tidemark.kafka;

import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;

/** Topics and their offsets, for many partitions in few calls. */
public final class TopicCatalog {
    private final KafkaClients clients;

    /** A catalog of the clients' cluster. */
    public TopicCatalog(KafkaClients clients) {
        this.clients = clients;
    }

    /**
     * A topic as it is now.
     *
     * @param id Kafka's own id; a topic that is deleted and created again gets another
     */
    public record Topic(String name, String id, int partitions) {}

    /** The topic, or empty where it does not exist. */
    public Optional<Topic> find(String topic) {
        try {
            TopicDescription found = KafkaCalls.get(
                            "topic " + topic,
                            clients.admin().describeTopics(List.of(topic)).allTopicNames())
                    .get(topic);
            return found == null
                    ? Optional.empty()
                    : Optional.of(new Topic(
                            topic,
                            found.topicId().toString(),
                            found.partitions().size()));
        } catch (TidemarkException e) {
            if (e.kind() == FailureKind.TOPIC_MISSING) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * Creates a topic, unless it exists by now.
     *
     * @param settings topic settings such as {@code cleanup.policy}
     */
    public Topic create(String topic, int partitions, Map<String, String> settings) {
        NewTopic wanted = new NewTopic(topic, Optional.of(partitions), Optional.empty()).configs(settings);
        try {
            KafkaCalls.get(
                    "creating topic " + topic,
                    clients.admin().createTopics(List.of(wanted)).all());
        } catch (TidemarkException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
        return await(topic, partitions);
    }

    /** Gives a topic more partitions. */
    public Topic grow(String topic, int partitions) {
        KafkaCalls.get(
                "growing topic " + topic,
                clients.admin()
                        .createPartitions(Map.of(topic, NewPartitions.increaseTo(partitions)))
                        .all());
        return await(topic, partitions);
    }

    /** A broker may answer for a moment as if the topic were not there, or had fewer partitions. */
    private Topic await(String topic, int partitions) {
        long deadline = System.nanoTime() + 15_000_000_000L;
        while (true) {
            Optional<Topic> found = find(topic);
            if (found.isPresent() && found.get().partitions() >= partitions) {
                // Answered by the leaders: they are ready for the first record as well.
                firstOffsets(topic, IntStream.range(0, partitions).boxed().toList());
                return found.get();
            }
            if (System.nanoTime() > deadline) {
                throw new TidemarkException(
                        FailureKind.KAFKA_UNAVAILABLE,
                        "topic " + topic + " was created with " + partitions
                                + " partitions and the cluster does not show them yet");
            }
            Pause.millis(20);
        }
    }

    /** A setting of a topic, such as {@code cleanup.policy}; empty where the worker may not see it. */
    public Optional<String> setting(String topic, String name) {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        try {
            Config config = KafkaCalls.get(
                            "settings of topic " + topic,
                            clients.admin().describeConfigs(List.of(resource)).all())
                    .get(resource);
            return config == null || config.get(name) == null
                    ? Optional.empty()
                    : Optional.ofNullable(config.get(name).value());
        } catch (TidemarkException e) {
            if (e.kind() == FailureKind.NOT_AUTHORIZED) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** The first offset that each partition still has. */
    public Map<Integer, Long> firstOffsets(String topic, Collection<Integer> partitions) {
        return offsets(topic, partitions, OffsetSpec.earliest(), IsolationLevel.READ_UNCOMMITTED);
    }

    /**
     * The last stable offset of each partition: what a {@code read_committed} reader can reach. Never plan with the high
     * watermark: an open transaction would keep the reader waiting.
     */
    public Map<Integer, Long> lastStableOffsets(String topic, Collection<Integer> partitions) {
        return offsets(topic, partitions, OffsetSpec.latest(), IsolationLevel.READ_COMMITTED);
    }

    /** The high watermark of each partition, open transactions included. */
    public Map<Integer, Long> highWatermarks(String topic, Collection<Integer> partitions) {
        return offsets(topic, partitions, OffsetSpec.latest(), IsolationLevel.READ_UNCOMMITTED);
    }

    /** The first offset whose record is not older than {@code time}; partitions that have none are left out. */
    public Map<Integer, Long> offsetsAt(String topic, Collection<Integer> partitions, Instant time) {
        Map<Integer, Long> offsets =
                offsets(topic, partitions, OffsetSpec.forTimestamp(time.toEpochMilli()), IsolationLevel.READ_COMMITTED);
        offsets.values().removeIf(offset -> offset < 0);
        return offsets;
    }

    private Map<Integer, Long> offsets(
            String topic, Collection<Integer> partitions, OffsetSpec spec, IsolationLevel isolation) {
        Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
        for (int partition : partitions) {
            wanted.put(new TopicPartition(topic, partition), spec);
        }
        Map<TopicPartition, ListOffsetsResultInfo> found = KafkaCalls.get(
                "offsets of topic " + topic,
                clients.admin()
                        .listOffsets(wanted, new ListOffsetsOptions(isolation))
                        .all());
        Map<Integer, Long> offsets = new TreeMap<>();
        found.forEach((partition, info) -> offsets.put(partition.partition(), info.offset()));
        return offsets;
    }
}
