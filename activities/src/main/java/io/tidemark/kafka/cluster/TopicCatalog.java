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
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.jspecify.annotations.Nullable;

/**
 * Describes and creates topics, and lists offsets, for many partitions in few requests. Safe for use by several
 * threads.
 */
public final class TopicCatalog {
    /** The broker's default of {@code message.max.bytes}. */
    public static final long DEFAULT_MESSAGE_BYTES = 1_048_588;

    private final KafkaClients clients;

    /** Creates a catalog of the clients' cluster. */
    public TopicCatalog(KafkaClients clients) {
        this.clients = clients;
    }

    /** Returns the cluster's bootstrap servers, for messages. */
    public String bootstrapServers() {
        return clients.bootstrapServers();
    }

    /**
     * A topic as it is now.
     *
     * @param id Kafka's topic id; a topic that is deleted and created again gets another one
     * @param replicas the number of replicas of the partition that has fewest
     * @param rights what the worker's user may do with the topic
     */
    public record Topic(String name, String id, int partitions, int replicas, Set<Right> rights) {
        /**
         * Requires that the worker's user has all these rights.
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
     * Returns the topic, or empty if it does not exist.
     *
     * @param needed the rights that the caller needs
     * @throws TidemarkException NOT_AUTHORIZED if the worker's user lacks one of them
     */
    public Optional<Topic> find(String topic, Right... needed) {
        return Optional.ofNullable(find(List.of(topic), needed).get(topic));
    }

    /** Returns the topic, as {@link #findExpected(Collection, Right...)} does. */
    public Optional<Topic> findExpected(String topic, Right... needed) {
        return Optional.ofNullable(findExpected(List.of(topic), needed).get(topic));
    }

    /**
     * The same as {@link #find(Collection, Right...)} for topics that should exist. If one is missing, the request is
     * repeated for up to 3 s, because the broker may not have the metadata of a new topic yet.
     */
    public Map<String, Topic> findExpected(Collection<String> topics, Right... needed) {
        return new SecondLook(clients.retryTimes().newTopic())
                .until(found -> found.keySet().containsAll(topics), () -> find(topics, needed));
    }

    /**
     * Returns topics by name, with one request; topics that do not exist are left out.
     *
     * @param needed the rights that the caller needs on each
     * @throws TidemarkException NOT_AUTHORIZED if the worker's user lacks one of them
     */
    public Map<String, Topic> find(Collection<String> topics, Right... needed) {
        Map<String, Topic> found = new HashMap<>();
        DescribeTopicsOptions options = new DescribeTopicsOptions().includeAuthorizedOperations(true);
        clients.admin().describeTopics(topics, options).topicNameValues().forEach((name, answer) -> {
            try {
                // A user without Describe gets an error here. Every needed right implies Describe, so the message names
                // the needed rights.
                TopicDescription topic = KafkaCalls.get("topic " + name, answer, Access.topic(name, needed));
                found.put(
                        name,
                        new Topic(
                                        name,
                                        topic.topicId().toString(),
                                        topic.partitions().size(),
                                        topic.partitions().stream()
                                                .mapToInt(
                                                        each -> each.replicas().size())
                                                .min()
                                                .orElse(0),
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

    /** If the broker does not list the operations, all rights are assumed. */
    private static Set<Right> rights(@Nullable Set<AclOperation> operations) {
        return Arrays.stream(Right.values())
                .filter(each -> operations == null || operations.isEmpty() || operations.contains(each.acl()))
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Creates a topic if it does not exist, and waits until it is usable.
     *
     * @param settings topic settings such as {@code cleanup.policy}
     * @throws TidemarkException KAFKA_UNAVAILABLE if it is not usable after 15 s
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

    /** Increases a topic's number of partitions, and waits until they are usable. */
    public Topic grow(String topic, int partitions) {
        KafkaCalls.get(
                "growing topic " + topic,
                clients.admin()
                        .createPartitions(Map.of(topic, NewPartitions.increaseTo(partitions)))
                        .all(),
                Access.topic(topic, Right.ALTER));
        return await(topic, partitions);
    }

    /**
     * Waits until the topic has all partitions and each has a leader: a broker's metadata may be older than the
     * creation.
     */
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
                        "topic " + topic + " was created or grown to " + partitions
                                + " partitions, and after 15 s the brokers do not show them all; are all brokers up?");
            }
            Pause.millis(20);
        }
    }

    /**
     * The leaders answer this request, so they also accept records. A broker that does not know the topic yet answers
     * that it is missing.
     */
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

    /** Returns a setting of a topic, such as {@code cleanup.policy}; empty if the worker may not see it. */
    public Optional<String> setting(String topic, String name) {
        return Optional.ofNullable(
                settings(List.of(topic)).getOrDefault(topic, Map.of()).get(name));
    }

    /** Returns the settings of topics, with one request; topics whose settings the worker may not see are left out. */
    public Map<String, Map<String, String>> settings(Collection<String> topics) {
        List<ConfigResource> resources = topics.stream()
                .map(each -> new ConfigResource(ConfigResource.Type.TOPIC, each))
                .toList();
        Map<String, Map<String, String>> settings = new HashMap<>();
        clients.admin().describeConfigs(resources).values().forEach((resource, answer) -> {
            try {
                Map<String, String> found = new HashMap<>();
                for (ConfigEntry each : KafkaCalls.get("settings of topic " + resource.name(), answer)
                        .entries()) {
                    if (each.value() != null) {
                        found.put(each.name(), each.value());
                    }
                }
                settings.put(resource.name(), found);
            } catch (TidemarkException e) {
                // The broker that answers may not know a new topic yet.
                if (e.kind() != FailureKind.NOT_AUTHORIZED && e.kind() != FailureKind.TOPIC_MISSING) {
                    throw e;
                }
            }
        });
        return settings;
    }

    /** Removes the records of partitions before offsets. */
    public void removeBefore(String topic, Map<Integer, Long> offsets) {
        Map<TopicPartition, RecordsToDelete> before = new HashMap<>();
        offsets.forEach((partition, offset) ->
                before.put(new TopicPartition(topic, partition), RecordsToDelete.beforeOffset(offset)));
        KafkaCalls.get(
                "removing records of topic " + topic,
                clients.admin().deleteRecords(before).all(),
                Access.topic(topic, Right.DELETE));
    }

    /** Returns the number of brokers that are up. */
    public int brokers() {
        return KafkaCalls.get(
                        "brokers of the cluster",
                        clients.admin().describeCluster().nodes())
                .size();
    }

    /** Returns the first offset that each partition still has. */
    public Map<Integer, Long> firstOffsets(String topic, Collection<Integer> partitions) {
        return offsets(topic, partitions, OffsetSpec.earliest(), IsolationLevel.READ_UNCOMMITTED);
    }

    /** Returns the high watermark of each partition; it includes open transactions. */
    public Map<Integer, Long> highWatermarks(String topic, Collection<Integer> partitions) {
        return offsets(topic, partitions, OffsetSpec.latest(), IsolationLevel.READ_UNCOMMITTED);
    }

    /**
     * Begin and end of each partition's log; the end depends on the isolation level of the request.
     *
     * @param begins the first offset that still exists
     * @param ends the offset after the last one
     * @param epochs the epoch of the leader that answered for the end; partitions whose leader does not say it are left out
     */
    public record Bounds(Map<Integer, Long> begins, Map<Integer, Long> ends, Map<Integer, Integer> epochs) {
        /**
         * Returns the number of offsets between the ends and {@code watermarks}, for partitions where it is positive.
         * If the ends are last stable offsets and were requested after the watermarks, open transactions hold these
         * offsets back.
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
     * Returns the first offsets and the last stable offsets: what a {@code read_committed} reader can read. A plan must
     * not use the high watermark: the reader would wait for an open transaction.
     */
    public Bounds stableBounds(String topic, Collection<Integer> partitions) {
        return bounds(topic, partitions, IsolationLevel.READ_COMMITTED);
    }

    /** Returns how many offsets open transactions hold back, for partitions where some do. */
    public Map<Integer, Long> heldBack(String topic, Collection<Integer> partitions) {
        // Before the stable offsets: records written between the two requests then do not count as held back.
        Map<Integer, Long> watermarks = highWatermarks(topic, partitions);
        return stableBounds(topic, partitions).heldBack(watermarks);
    }

    /** Returns the first offsets and the high watermarks; they include open transactions. */
    public Bounds bounds(String topic, Collection<Integer> partitions) {
        return bounds(topic, partitions, IsolationLevel.READ_UNCOMMITTED);
    }

    /** Sends both requests before it waits for the first answer. */
    private Bounds bounds(String topic, Collection<Integer> partitions, IsolationLevel isolation) {
        KafkaFuture<Map<TopicPartition, ListOffsetsResultInfo>> begins =
                ask(topic, partitions, OffsetSpec.earliest(), IsolationLevel.READ_UNCOMMITTED);
        KafkaFuture<Map<TopicPartition, ListOffsetsResultInfo>> ends =
                ask(topic, partitions, OffsetSpec.latest(), isolation);
        Map<Integer, Integer> epochs = new TreeMap<>();
        infos(topic, ends)
                .forEach((partition, info) ->
                        info.leaderEpoch().ifPresent(epoch -> epochs.put(partition.partition(), epoch)));
        return new Bounds(answer(topic, begins), answer(topic, ends), epochs);
    }

    /** Returns the first offset whose record is not older than {@code time}; partitions without one are left out. */
    public Map<Integer, Long> offsetsAt(String topic, Collection<Integer> partitions, Instant time) {
        Map<Integer, Long> offsets =
                offsets(topic, partitions, OffsetSpec.forTimestamp(time.toEpochMilli()), IsolationLevel.READ_COMMITTED);
        offsets.values().removeIf(offset -> offset < 0);
        return offsets;
    }

    /**
     * Where the records of before a time end.
     *
     * @param offset the first offset whose record is not older, or {@code end} if there is no such record
     * @param time the timestamp of that record, in milliseconds since the epoch, or -1 if there is none
     * @param end the high watermark
     */
    public record EndBefore(long offset, long time, long end) {
        private EndBefore later(EndBefore other) {
            EndBefore later = other.offset > offset ? other : this;
            return new EndBefore(later.offset, later.time, Math.max(end, other.end));
        }
    }

    /**
     * Returns for each partition where the records of before {@code time} end. Records of open transactions count, because
     * they are older too. Asks twice and returns the greater answers, the second time with a new client: an admin client
     * keeps the leaders that it knows, and one that was replaced may answer with an old end (docs/kafka-facts.md, 25).
     */
    public Map<Integer, EndBefore> endsBefore(Instant time, String topic, Collection<Integer> partitions) {
        Map<Integer, EndBefore> ends = endsBefore(time, topic, partitions, clients.admin());
        try (Admin fresh = clients.newAdmin(topic)) {
            endsBefore(time, topic, partitions, fresh)
                    .forEach((partition, end) -> ends.merge(partition, end, EndBefore::later));
        }
        return ends;
    }

    private static Map<Integer, EndBefore> endsBefore(
            Instant time, String topic, Collection<Integer> partitions, Admin admin) {
        // The watermarks first: all records before them are older than a record that arrives between the two requests.
        Map<Integer, Long> ends =
                answer(topic, ask(admin, topic, partitions, OffsetSpec.latest(), IsolationLevel.READ_UNCOMMITTED));
        Map<Integer, EndBefore> found = new TreeMap<>();
        ends.forEach((partition, end) -> found.put(partition, new EndBefore(end, -1, end)));
        KafkaCalls.get(
                        "offsets of topic " + topic,
                        ask(
                                admin,
                                topic,
                                partitions,
                                OffsetSpec.forTimestamp(time.toEpochMilli()),
                                IsolationLevel.READ_UNCOMMITTED),
                        Access.topic(topic, Right.DESCRIBE))
                .forEach((partition, info) -> {
                    if (info.offset() >= 0) {
                        long end = ends.getOrDefault(partition.partition(), info.offset());
                        found.put(partition.partition(), new EndBefore(info.offset(), info.timestamp(), end));
                    }
                });
        return found;
    }

    /**
     * Returns the time of the first record that a partition still has; empty if there is none or its time is unknown.
     */
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
            // The broker reads its log to answer, and this part of it may be damaged.
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
        return ask(clients.admin(), topic, partitions, spec, isolation);
    }

    private static KafkaFuture<Map<TopicPartition, ListOffsetsResultInfo>> ask(
            Admin admin, String topic, Collection<Integer> partitions, OffsetSpec spec, IsolationLevel isolation) {
        Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
        for (int partition : partitions) {
            wanted.put(new TopicPartition(topic, partition), spec);
        }
        return admin.listOffsets(wanted, new ListOffsetsOptions(isolation)).all();
    }

    private static Map<Integer, Long> answer(
            String topic, KafkaFuture<Map<TopicPartition, ListOffsetsResultInfo>> asked) {
        Map<Integer, Long> offsets = new TreeMap<>();
        infos(topic, asked).forEach((partition, info) -> offsets.put(partition.partition(), info.offset()));
        return offsets;
    }

    private static Map<TopicPartition, ListOffsetsResultInfo> infos(
            String topic, KafkaFuture<Map<TopicPartition, ListOffsetsResultInfo>> asked) {
        return KafkaCalls.get("offsets of topic " + topic, asked, Access.topic(topic, Right.DESCRIBE));
    }
}
