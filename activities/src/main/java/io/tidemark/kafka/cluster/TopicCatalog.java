package io.tidemark.kafka.cluster;

import io.tidemark.kafka.client.Access;
import io.tidemark.kafka.client.KafkaCalls;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.Pause;
import io.tidemark.kafka.client.Right;
import io.tidemark.kafka.client.SecondLook;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.jspecify.annotations.Nullable;

/** Topics and their offsets, for many partitions in few calls. */
public final class TopicCatalog {
    /** What a broker takes for a message unless it is told otherwise. */
    public static final long DEFAULT_MESSAGE_BYTES = 1_048_588;

    private final KafkaClients clients;

    /** A catalog of the clients' cluster. */
    public TopicCatalog(KafkaClients clients) {
        this.clients = clients;
    }

    /**
     * A topic as it is now.
     *
     * @param id Kafka's own id; a topic that is deleted and created again gets another
     * @param rights what the worker's user may do with it
     */
    public record Topic(String name, String id, int partitions, Set<Right> rights) {
        /**
         * Makes sure that the worker's user may do all this.
         *
         * @throws TidemarkException NOT_AUTHORIZED
         */
        public Topic require(Right... needed) {
            List<Right> missing =
                    Arrays.stream(needed).filter(each -> !rights.contains(each)).toList();
            if (!missing.isEmpty()) {
                throw Access.topic(name, missing.toArray(new Right[0])).missing();
            }
            return this;
        }
    }

    /**
     * The topic, or empty where it does not exist.
     *
     * @param needed what the caller means to do with it
     * @throws TidemarkException NOT_AUTHORIZED where the worker's user may not
     */
    public Optional<Topic> find(String topic, Right... needed) {
        return Optional.ofNullable(find(List.of(topic), needed).get(topic));
    }

    /** The topic, as {@link #findExpected(Collection, Right...)} finds it. */
    public Optional<Topic> findExpected(String topic, Right... needed) {
        return Optional.ofNullable(findExpected(List.of(topic), needed).get(topic));
    }

    /**
     * The same as {@link #find(Collection, Right...)} for topics that are relied on: a broker may not have heard yet of one
     * that was just made, so before one counts as missing they are asked for again for some seconds.
     */
    public Map<String, Topic> findExpected(Collection<String> topics, Right... needed) {
        return new SecondLook(clients.patience().lateNews())
                .until(found -> found.keySet().containsAll(topics), () -> find(topics, needed));
    }

    /**
     * Topics by their names, in one call; those that do not exist are left out.
     *
     * @param needed what the caller means to do with each
     * @throws TidemarkException NOT_AUTHORIZED where the worker's user may not
     */
    public Map<String, Topic> find(Collection<String> topics, Right... needed) {
        Map<String, Topic> found = new HashMap<>();
        DescribeTopicsOptions options = new DescribeTopicsOptions().includeAuthorizedOperations(true);
        clients.admin().describeTopics(topics, options).topicNameValues().forEach((name, answer) -> {
            try {
                // Who may not even see a topic lacks what the job needs of it: to see it comes with that.
                TopicDescription topic = KafkaCalls.get("topic " + name, answer, Access.topic(name, needed));
                found.put(
                        name,
                        new Topic(
                                        name,
                                        topic.topicId().toString(),
                                        topic.partitions().size(),
                                        rights(topic.authorizedOperations()))
                                .require(needed));
            } catch (TidemarkException e) {
                if (e.kind() != FailureKind.TOPIC_MISSING) {
                    throw e;
                }
            }
        });
        return found;
    }

    /** All of them where the broker does not say. */
    private static Set<Right> rights(@Nullable Set<AclOperation> operations) {
        return Arrays.stream(Right.values())
                .filter(each -> operations == null || operations.isEmpty() || operations.contains(each.acl()))
                .collect(Collectors.toUnmodifiableSet());
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
                    clients.admin().createTopics(List.of(wanted)).all(),
                    Access.topic(topic, Right.CREATE));
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
                        .all(),
                Access.topic(topic, Right.ALTER));
        return await(topic, partitions);
    }

    /** A broker may answer for a moment as if the topic were not there, or had fewer partitions. */
    private Topic await(String topic, int partitions) {
        long deadline = System.nanoTime() + 15_000_000_000L;
        while (true) {
            Optional<Topic> found = find(topic, Right.DESCRIBE);
            if (found.isPresent() && found.get().partitions() >= partitions && haveLeaders(topic, partitions)) {
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

    /** Answered by the leaders: they are ready for the first record as well. One that has not heard of it says missing. */
    private boolean haveLeaders(String topic, int partitions) {
        try {
            firstOffsets(topic, IntStream.range(0, partitions).boxed().toList());
            return true;
        } catch (TidemarkException e) {
            if (e.kind() != FailureKind.TOPIC_MISSING) {
                throw e;
            }
            return false;
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

    /** The high watermark of each partition, open transactions included. */
    public Map<Integer, Long> highWatermarks(String topic, Collection<Integer> partitions) {
        return offsets(topic, partitions, OffsetSpec.latest(), IsolationLevel.READ_UNCOMMITTED);
    }

    /**
     * Where the log of each partition begins, and where it ends for whoever asked.
     *
     * @param begins the first offset that is still there
     * @param ends the next offset after the last one
     */
    public record Bounds(Map<Integer, Long> begins, Map<Integer, Long> ends) {
        /**
         * How many offsets lie between the ends and these watermarks, of partitions where some do. Where the ends are the
         * last stable offsets, and were asked for later, open transactions hold them back.
         */
        public Map<Integer, Long> heldBack(Map<Integer, Long> watermarks) {
            Map<Integer, Long> held = new TreeMap<>();
            watermarks.forEach((partition, watermark) -> {
                long offsets = watermark - ends.getOrDefault(partition, 0L);
                if (offsets > 0) {
                    held.put(partition, offsets);
                }
            });
            return held;
        }
    }

    /**
     * From the first offset to the last stable one: what a {@code read_committed} reader can reach. Never plan with the
     * high watermark: an open transaction would keep the reader waiting.
     */
    public Bounds stableBounds(String topic, Collection<Integer> partitions) {
        return bounds(topic, partitions, IsolationLevel.READ_COMMITTED);
    }

    /** How many offsets open transactions hold back, in the partitions where some are. */
    public Map<Integer, Long> heldBack(String topic, Collection<Integer> partitions) {
        // Before the other: what is written in between is new, not held back.
        Map<Integer, Long> watermarks = highWatermarks(topic, partitions);
        return stableBounds(topic, partitions).heldBack(watermarks);
    }

    /** From the first offset to the high watermark, open transactions included. */
    public Bounds bounds(String topic, Collection<Integer> partitions) {
        return bounds(topic, partitions, IsolationLevel.READ_UNCOMMITTED);
    }

    /** Both questions are on their way before the first answer is waited for. */
    private Bounds bounds(String topic, Collection<Integer> partitions, IsolationLevel isolation) {
        KafkaFuture<Map<TopicPartition, ListOffsetsResultInfo>> begins =
                ask(topic, partitions, OffsetSpec.earliest(), IsolationLevel.READ_UNCOMMITTED);
        KafkaFuture<Map<TopicPartition, ListOffsetsResultInfo>> ends =
                ask(topic, partitions, OffsetSpec.latest(), isolation);
        return new Bounds(answer(topic, begins), answer(topic, ends));
    }

    /** The first offset whose record is not older than {@code time}; partitions that have none are left out. */
    public Map<Integer, Long> offsetsAt(String topic, Collection<Integer> partitions, Instant time) {
        Map<Integer, Long> offsets =
                offsets(topic, partitions, OffsetSpec.forTimestamp(time.toEpochMilli()), IsolationLevel.READ_COMMITTED);
        offsets.values().removeIf(offset -> offset < 0);
        return offsets;
    }

    /** The time of the first record that a partition still has; empty where it has none, or none that is known. */
    public Optional<Instant> firstTime(String topic, int partition) {
        TopicPartition asked = new TopicPartition(topic, partition);
        try {
            ListOffsetsResultInfo first = KafkaCalls.get(
                            "first record of " + asked,
                            ask(topic, List.of(partition), OffsetSpec.forTimestamp(0), IsolationLevel.READ_COMMITTED))
                    .get(asked);
            return first == null || first.timestamp() < 0
                    ? Optional.empty()
                    : Optional.of(Instant.ofEpochMilli(first.timestamp()));
        } catch (TidemarkException e) {
            // The broker reads its log to answer, and it may be that which cannot be read.
            if (e.kind() != FailureKind.REFUSED_BY_KAFKA) {
                throw e;
            }
            return Optional.empty();
        }
    }

    private Map<Integer, Long> offsets(
            String topic, Collection<Integer> partitions, OffsetSpec spec, IsolationLevel isolation) {
        return answer(topic, ask(topic, partitions, spec, isolation));
    }

    private KafkaFuture<Map<TopicPartition, ListOffsetsResultInfo>> ask(
            String topic, Collection<Integer> partitions, OffsetSpec spec, IsolationLevel isolation) {
        Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
        for (int partition : partitions) {
            wanted.put(new TopicPartition(topic, partition), spec);
        }
        return clients.admin()
                .listOffsets(wanted, new ListOffsetsOptions(isolation))
                .all();
    }

    private static Map<Integer, Long> answer(
            String topic, KafkaFuture<Map<TopicPartition, ListOffsetsResultInfo>> asked) {
        Map<Integer, Long> offsets = new TreeMap<>();
        KafkaCalls.get("offsets of topic " + topic, asked, Access.topic(topic, Right.DESCRIBE))
                .forEach((partition, info) -> offsets.put(partition.partition(), info.offset()));
        return offsets;
    }
}
