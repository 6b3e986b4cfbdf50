package io.tidemark.kafka.cluster;

import io.tidemark.kafka.client.Access;
import io.tidemark.kafka.client.KafkaCalls;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.Right;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/**
 * Asks about many topics in one request. Other than in {@link TopicCatalog}, a topic that cannot be described does not hide
 * the others. Safe for use by several threads.
 */
public final class ManyTopics {
    private final KafkaClients clients;

    /** Asks the clients' cluster. */
    public ManyTopics(KafkaClients clients) {
        this.clients = clients;
    }

    /**
     * What was answered.
     *
     * @param found by topic; topics that do not exist are left out
     * @param failed why there is no answer about a topic
     */
    public record Answers<T>(Map<String, T> found, Map<String, TidemarkException> failed) {}

    /** Returns the names of all topics that the user may describe. */
    public Set<String> names() {
        return KafkaCalls.get(
                "topics of the cluster", clients.admin().listTopics().names());
    }

    /** Returns the number of partitions of each topic. */
    public Answers<Integer> partitions(Collection<String> topics) {
        Answers<Integer> answers = new Answers<>(new TreeMap<>(), new TreeMap<>());
        clients.admin().describeTopics(topics).topicNameValues().forEach((topic, answer) -> {
            try {
                answers.found()
                        .put(
                                topic,
                                KafkaCalls.get("topic " + topic, answer, Access.topic(topic, Right.DESCRIBE))
                                        .partitions()
                                        .size());
            } catch (TidemarkException e) {
                failed(answers, topic, e);
            }
        });
        return answers;
    }

    /** Returns the first offset that each partition still has; {@code topics} are numbers of partitions by topic. */
    public Answers<Map<Integer, Long>> begins(Map<String, Integer> topics) {
        return offsets(topics, OffsetSpec.earliest(), IsolationLevel.READ_UNCOMMITTED);
    }

    /** Returns the last stable offset of each partition. */
    public Answers<Map<Integer, Long>> stableEnds(Map<String, Integer> topics) {
        return offsets(topics, OffsetSpec.latest(), IsolationLevel.READ_COMMITTED);
    }

    /** Returns the high watermark of each partition; it includes open transactions. */
    public Answers<Map<Integer, Long>> highWatermarks(Map<String, Integer> topics) {
        return offsets(topics, OffsetSpec.latest(), IsolationLevel.READ_UNCOMMITTED);
    }

    private Answers<Map<Integer, Long>> offsets(
            Map<String, Integer> topics, OffsetSpec spec, IsolationLevel isolation) {
        Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
        topics.forEach((topic, partitions) -> {
            for (int i = 0; i < partitions; i++) {
                wanted.put(new TopicPartition(topic, i), spec);
            }
        });
        Answers<Map<Integer, Long>> answers = new Answers<>(new TreeMap<>(), new TreeMap<>());
        if (wanted.isEmpty()) {
            return answers;
        }
        ListOffsetsResult asked = clients.admin().listOffsets(wanted, new ListOffsetsOptions(isolation));
        topics.forEach((topic, partitions) -> {
            Map<Integer, Long> offsets = new TreeMap<>();
            try {
                for (int i = 0; i < partitions; i++) {
                    offsets.put(
                            i,
                            KafkaCalls.get(
                                            "offsets of topic " + topic,
                                            asked.partitionResult(new TopicPartition(topic, i)),
                                            Access.topic(topic, Right.DESCRIBE))
                                    .offset());
                }
                answers.found().put(topic, offsets);
            } catch (TidemarkException e) {
                failed(answers, topic, e);
            }
        });
        return answers;
    }

    private static void failed(Answers<?> answers, String topic, TidemarkException failure) {
        if (failure.kind() != FailureKind.TOPIC_MISSING) {
            answers.failed().put(topic, failure);
        }
    }
}
