package io.tidemark.kafka.state;

import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.client.Access;
import io.tidemark.kafka.client.KafkaCalls;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.Pause;
import io.tidemark.kafka.client.Right;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/**
 * Reads the offsets of consumer groups. The job's own group holds the published copy of its progress, for standard
 * tools. The metadata of each commit starts with a mark, which distinguishes Tidemark's commits from others. Safe for
 * use by several threads.
 */
public final class GroupOffsets {
    private static final String MARK = "tidemark ";

    private static final String TIME = " at=";

    /** The topic in which brokers store groups. */
    private static final String TOPIC_OF_GROUPS = "__consumer_offsets";

    private final KafkaClients clients;
    private volatile boolean groupsExist;

    /** Reads groups of the clients' cluster. */
    public GroupOffsets(KafkaClients clients) {
        this.clients = clients;
    }

    /**
     * Whether the cluster may have groups. In a new cluster the first request for a group would make the brokers create their
     * topic for groups, and a preview must not have that effect.
     */
    private boolean groupsExist() {
        if (!groupsExist) {
            try {
                groupsExist = new TopicCatalog(clients)
                        .find(TOPIC_OF_GROUPS, Right.DESCRIBE)
                        .isPresent();
            } catch (TidemarkException e) {
                if (e.kind() != FailureKind.NOT_AUTHORIZED) {
                    throw e;
                }
                groupsExist = true;
            }
        }
        return groupsExist;
    }

    /**
     * An offset that a group committed.
     *
     * @param ours true if a Tidemark job published it
     * @param at when, by the clock of its worker; the epoch if somebody else did, or a release that did not say it
     */
    public record Committed(long offset, boolean ours, Instant at) {}

    /**
     * Returns the metadata of Tidemark's commits. It must stay well below the broker's limit
     * (offset.metadata.max.bytes): the broker rejects the transaction beyond it.
     */
    static String mark(long generation, String runId, String topicId, Instant at) {
        return MARK + "generation=" + generation + " run=" + runId + " topic=" + topicId + TIME + at.getEpochSecond();
    }

    private static Instant time(String mark) {
        int begin = mark.lastIndexOf(TIME);
        try {
            return begin < 0
                    ? Instant.EPOCH
                    : Instant.ofEpochSecond(Long.parseLong(mark.substring(begin + TIME.length())));
        } catch (NumberFormatException | DateTimeException e) {
            // Somebody else wrote it.
            return Instant.EPOCH;
        }
    }

    /**
     * Returns what a group has committed; partitions without a commit are left out. Does not wait for open
     * transactional commits: a dead attempt of this job may have left one.
     */
    public Map<Integer, Committed> read(String group, String topic, int partitions) {
        return groupsExist() ? committed(read(group, partitions(topic, partitions), false, Right.READ)) : Map.of();
    }

    /**
     * Returns what a group has committed, after all its transactional commits have ended.
     *
     * @throws TidemarkException KAFKA_UNAVAILABLE if one is still open after 30 s
     */
    public Map<Integer, Committed> readStable(String group, String topic, int partitions) {
        if (!groupsExist()) {
            return Map.of();
        }
        List<TopicPartition> wanted = partitions(topic, partitions);
        long deadline = System.nanoTime() + 30_000_000_000L;
        while (true) {
            Map<TopicPartition, OffsetAndMetadata> found = read(group, wanted, true, Right.DESCRIBE);
            // The answer leaves out a partition with an open transactional commit (docs/kafka-facts.md, 10).
            if (found.keySet().containsAll(wanted)) {
                return committed(found);
            }
            if (System.nanoTime() > deadline) {
                throw new TidemarkException(
                        FailureKind.KAFKA_UNAVAILABLE,
                        "group " + group + " has a transactional commit that has not ended within 30 s; find it with"
                                + " kafka-transactions.sh find-hanging");
            }
            Pause.millis(20);
        }
    }

    private Map<TopicPartition, OffsetAndMetadata> read(
            String group, List<TopicPartition> wanted, boolean stable, Right needed) {
        return KafkaCalls.get(
                "offsets of group " + group,
                clients.admin()
                        .listConsumerGroupOffsets(
                                Map.of(group, new ListConsumerGroupOffsetsSpec().topicPartitions(wanted)),
                                new ListConsumerGroupOffsetsOptions().requireStable(stable))
                        .partitionsToOffsetAndMetadata(group),
                Access.group(group, needed));
    }

    private static List<TopicPartition> partitions(String topic, int count) {
        List<TopicPartition> partitions = new ArrayList<>(count);
        for (int partition = 0; partition < count; partition++) {
            partitions.add(new TopicPartition(topic, partition));
        }
        return partitions;
    }

    private static Map<Integer, Committed> committed(Map<TopicPartition, OffsetAndMetadata> found) {
        Map<Integer, Committed> committed = new TreeMap<>();
        found.forEach((partition, offset) -> {
            if (offset != null) {
                committed.put(
                        partition.partition(),
                        new Committed(offset.offset(), offset.metadata().startsWith(MARK), time(offset.metadata())));
            }
        });
        return committed;
    }

    /**
     * Requires that the job's group has no members: the broker would silently let a transaction overwrite their
     * offsets.
     *
     * @throws TidemarkException GROUP_HAS_MEMBERS
     */
    public void requireEmpty(JobSpec job) {
        if (!groupsExist()) {
            return;
        }
        String group = JobNames.group(job);
        members(group).filter(members -> !members.none()).ifPresent(members -> {
            throw new TidemarkException(
                    FailureKind.GROUP_HAS_MEMBERS,
                    "group " + group + " belongs to job " + job.name() + " and has " + members.count()
                            + " live members (state " + members.state()
                            + "); stop those consumers or give them another group, then start the run again");
        });
    }

    private record Members(int count, GroupState state) {
        boolean none() {
            return state == GroupState.EMPTY || state == GroupState.DEAD;
        }
    }

    /** Returns the members of a group, or empty if it does not exist. */
    private Optional<Members> members(String group) {
        // The group of a job is of the classic protocol unless somebody consumes with it. The other question is asked
        // of the new protocol first, and costs two requests and a wait for a classic group.
        Optional<Members> classic = described(
                group,
                () -> clients.admin()
                        .describeClassicGroups(List.of(group))
                        .describedGroups()
                        .get(group),
                found -> new Members(
                        found.members().size(), GroupState.parse(found.state().toString())));
        if (classic.isPresent() && classic.get().state() != GroupState.DEAD) {
            return classic;
        }
        return described(
                group,
                () -> clients.admin()
                        .describeConsumerGroups(List.of(group))
                        .describedGroups()
                        .get(group),
                found -> new Members(found.members().size(), found.groupState()));
    }

    private static <T> Optional<Members> described(
            String group, Supplier<KafkaFuture<T>> question, Function<T, Members> members) {
        try {
            return Optional.of(
                    members.apply(KafkaCalls.get("group " + group, question.get(), Access.group(group, Right.READ))));
        } catch (TidemarkException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
