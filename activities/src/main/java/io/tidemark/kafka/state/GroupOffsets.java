package io.tidemark.kafka.state;

import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.client.Access;
import io.tidemark.kafka.client.KafkaCalls;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.Pause;
import io.tidemark.kafka.client.Right;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/**
 * The offsets of consumer groups. The job's own group is the published copy of its progress, for the tools that people
 * know; a mark in the metadata of each commit tells ours from anybody else's.
 */
public final class GroupOffsets {
    private static final String MARK = "tidemark ";

    private final KafkaClients clients;

    /** Groups of the clients' cluster. */
    public GroupOffsets(KafkaClients clients) {
        this.clients = clients;
    }

    /**
     * An offset that some group committed.
     *
     * @param ours whether a job of Tidemark published it
     */
    public record Committed(long offset, boolean ours) {}

    /** The metadata of our commits; well below the broker's limit, beyond which a transaction is lost. */
    static String mark(long generation, String runId, String topicId) {
        return MARK + "generation=" + generation + " run=" + runId + " topic=" + topicId;
    }

    /**
     * What a group has committed; partitions without a commit are left out. Does not wait for a transaction that is about
     * to commit more: a dead attempt of ours may have left one open.
     */
    public Map<Integer, Committed> read(String group, String topic, int partitions) {
        return committed(read(group, partitions(topic, partitions), false, Right.READ));
    }

    /** What a group has committed, once nothing that is about to change it is open. */
    public Map<Integer, Committed> readStable(String group, String topic, int partitions) {
        List<TopicPartition> wanted = partitions(topic, partitions);
        long deadline = System.nanoTime() + 30_000_000_000L;
        while (true) {
            Map<TopicPartition, OffsetAndMetadata> found = read(group, wanted, true, Right.DESCRIBE);
            // A partition with a commit under way is not in the answer at all (docs/kafka-facts.md, 10).
            if (found.keySet().containsAll(wanted)) {
                return committed(found);
            }
            if (System.nanoTime() > deadline) {
                throw new TidemarkException(
                        FailureKind.KAFKA_UNAVAILABLE,
                        "group " + group + " has a transactional commit that does not end; see kafka-transactions.sh");
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
                        new Committed(offset.offset(), offset.metadata().startsWith(MARK)));
            }
        });
        return committed;
    }

    /**
     * Makes sure that nobody else lives in the job's group: the broker would let a transaction overwrite their offsets
     * without a word.
     *
     * @throws TidemarkException GROUP_HAS_MEMBERS
     */
    public void requireEmpty(JobSpec job) {
        String group = JobNames.group(job.name());
        ConsumerGroupDescription found;
        try {
            found = KafkaCalls.get(
                            "group " + group,
                            clients.admin()
                                    .describeConsumerGroups(List.of(group))
                                    .all(),
                            Access.group(group, Right.READ))
                    .get(group);
        } catch (TidemarkException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return;
            }
            throw e;
        }
        if (found != null && found.groupState() != GroupState.EMPTY && found.groupState() != GroupState.DEAD) {
            throw new TidemarkException(
                    FailureKind.GROUP_HAS_MEMBERS,
                    "group " + group + " belongs to job " + job.name() + " and has "
                            + found.members().size() + " live members (state " + found.groupState()
                            + "); stop those consumers, or give them a group of their own, and run again");
        }
    }
}
