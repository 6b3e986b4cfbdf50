package io.tidemark.cli;

import io.tidemark.settings.ClusterProbe;
import io.tidemark.settings.KafkaSettings;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Looks topics up and creates them. */
final class Topics implements AutoCloseable {
    /** Shorter than the client's default of one minute, because a person waits. */
    private static final String TIMEOUT_MS = "15000";

    private final KafkaSettings settings;
    private final Admin admin;

    Topics(KafkaSettings settings) {
        this.settings = settings;
        admin = admin(settings);
    }

    /** Returns an admin client, which the caller closes. */
    static Admin admin(KafkaSettings settings) {
        Map<String, Object> adminSettings = settings.common();
        adminSettings.putIfAbsent(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, "10000");
        // Producers do not know it, so it is not among the settings of all clients.
        adminSettings.put(
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                settings.consumer().getOrDefault(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MS));
        return settings.client(() -> Admin.create(adminSettings));
    }

    /**
     * Connects to the cluster once.
     *
     * @throws CliException if it cannot be used; the message says why
     */
    static void requireCluster(KafkaSettings settings) {
        ClusterProbe.Answer answer = ClusterProbe.ask(settings);
        if (answer.finding() != ClusterProbe.Finding.REACHED) {
            throw answer.finding() == ClusterProbe.Finding.DOWN
                    ? CliException.away(answer.sentence() + ". ./tidemark demo --keep starts a broker for trying out")
                    : CliException.failed(answer.sentence());
        }
    }

    /** Returns the number of partitions of a topic; empty if the topic does not exist. */
    Optional<Integer> partitions(String topic) {
        try {
            TopicDescription description =
                    admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
            return Optional.ofNullable(description)
                    .map(each -> each.partitions().size());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return Optional.empty();
            }
            throw failure(e);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    /** Returns the names of all topics that the user may see. */
    Set<String> names() {
        try {
            return admin.listTopics().names().get();
        } catch (ExecutionException e) {
            throw failure(e);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    /** Creates a topic with the broker's default replication factor. */
    void create(String topic, int partitions) {
        try {
            admin.createTopics(List.of(new NewTopic(topic, Optional.of(partitions), Optional.empty())))
                    .all()
                    .get();
        } catch (ExecutionException e) {
            throw failure(e);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    /** Returns the sum of the end offsets of a topic's partitions; 0 if nothing was ever written to it. */
    long written(String topic, int partitions) {
        return offsets(topic, partitions, OffsetSpec.latest()).values().stream()
                .mapToLong(each -> each)
                .sum();
    }

    /** Returns the offset of each partition of a topic that a specification names. */
    Map<Integer, Long> offsets(String topic, int partitions, OffsetSpec which) {
        Map<TopicPartition, OffsetSpec> asked = IntStream.range(0, partitions)
                .boxed()
                .collect(Collectors.toMap(each -> new TopicPartition(topic, each), each -> which));
        try {
            return admin.listOffsets(asked).all().get().entrySet().stream()
                    .collect(Collectors.toMap(
                            each -> each.getKey().partition(),
                            each -> each.getValue().offset()));
        } catch (ExecutionException e) {
            throw failure(e);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    /** Returns the offsets of a group in a topic by partition; partitions without one are left out. */
    Map<Integer, Long> groupOffsets(String group, String topic) {
        try {
            Map<TopicPartition, OffsetAndMetadata> all = admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get();
            Map<Integer, Long> offsets = new TreeMap<>();
            all.forEach((place, offset) -> {
                if (place.topic().equals(topic) && offset != null) {
                    offsets.put(place.partition(), offset.offset());
                }
            });
            return offsets;
        } catch (ExecutionException e) {
            throw failure(e);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    @Override
    public void close() {
        admin.close();
    }

    private RuntimeException failure(ExecutionException e) {
        if (e.getCause() instanceof TimeoutException) {
            requireCluster(settings);
            return CliException.away("Kafka at " + settings.bootstrapServers() + " (from " + settings.source()
                    + ") does not answer in time (" + e.getCause().getMessage() + ")");
        }
        return e.getCause() instanceof KafkaException kafka ? kafka : new KafkaException(e.getCause());
    }

    private static CliException interrupted() {
        return CliException.interrupted("interrupted");
    }
}
