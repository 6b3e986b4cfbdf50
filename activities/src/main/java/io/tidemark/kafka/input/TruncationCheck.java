package io.tidemark.kafka.input;

import io.tidemark.kafka.client.Access;
import io.tidemark.kafka.client.ConsumerPool;
import io.tidemark.kafka.client.KafkaCalls;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.Right;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.PartitionProgress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Finds logs that lost records which were read before, even if the log has grown past that offset again. A leader
 * writes its epoch into each batch and knows the end offset of each epoch (KIP-320). A consumer that seeks to an offset
 * with an epoch asks the leader for the end of that epoch. Only the ends are compared, so a log with another history
 * and no later epoch before the offset is not detected.
 *
 * <p>A leader only appends to its log, and every leader has an epoch of its own. So a log whose leader is still the one
 * that appended the last record that was read has lost nothing before that record, and is not asked for.
 */
public final class TruncationCheck {
    private final KafkaClients clients;

    /** Creates a check for the clients' cluster. */
    public TruncationCheck(KafkaClients clients) {
        this.clients = clients;
    }

    /**
     * Returns the problem of each log that lost records, by partition. Partitions whose epoch is unknown pass.
     *
     * @param now the epochs of the present leaders, as far as they are known
     */
    public Map<Integer, TidemarkException> problems(
            String topic, Map<Integer, PartitionProgress> read, Map<Integer, Integer> now) {
        Map<TopicPartition, OffsetAndMetadata> asked = new HashMap<>();
        read.forEach((partition, each) -> {
            if (each.leaderEpoch() >= 0 && !Objects.equals(now.get(partition), each.leaderEpoch())) {
                asked.put(
                        new TopicPartition(topic, partition),
                        new OffsetAndMetadata(each.through(), Optional.of(each.leaderEpoch()), ""));
            }
        });
        Map<Integer, TidemarkException> problems = new TreeMap<>();
        if (asked.isEmpty()) {
            return problems;
        }
        // The loan is not marked as done, so the consumer is closed: after a seek with an epoch it rejects leaders with
        // an older epoch.
        try (ConsumerPool.Loan<ByteBuffer> loan = clients.inputConsumer(topic, asked.size())) {
            Consumer<?, ?> consumer = loan.consumer();
            // The consumer only checks an offset if it knows the partition's leader.
            consumer.beginningOffsets(asked.keySet());
            loan.assign(asked.keySet());
            asked.forEach(consumer::seek);
            for (TopicPartition each : asked.keySet()) {
                while (!problems.containsKey(each.partition())) {
                    try {
                        consumer.position(each);
                        break;
                    } catch (LogTruncationException e) {
                        // The exception may name other partitions of the same broker.
                        e.offsetOutOfRangePartitions()
                                .forEach((partition, through) -> problems.put(
                                        partition.partition(),
                                        problem(
                                                partition,
                                                through,
                                                e.divergentOffsets().get(partition))));
                    }
                }
            }
        } catch (KafkaException e) {
            throw KafkaCalls.named("input " + topic, e, Access.topic(topic, Right.READ));
        }
        return problems;
    }

    private static TidemarkException problem(
            TopicPartition partition, long through, @Nullable OffsetAndMetadata branch) {
        return branch == null
                ? InputProblems.unknownEpoch(partition.topic(), partition.partition(), through)
                : InputProblems.diverged(partition.topic(), partition.partition(), through, branch.offset());
    }
}
