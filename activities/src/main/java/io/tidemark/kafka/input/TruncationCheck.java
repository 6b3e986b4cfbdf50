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
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Finds logs that lost what was read of them, also where they have grown again since: a leader writes its epoch into each
 * batch, and knows where the records of each epoch end (KIP-320). A consumer asks for that whenever it is put to an
 * offset with an epoch; it compares the ends alone, so a log whose other history has no younger epoch before the offset
 * looks like ours.
 */
public final class TruncationCheck {
    private final KafkaClients clients;

    /** A check over the clients' cluster. */
    public TruncationCheck(KafkaClients clients) {
        this.clients = clients;
    }

    /** What is wrong with the logs of a topic, by partition; those whose epoch is not known pass. */
    public Map<Integer, TidemarkException> problems(String topic, Map<Integer, PartitionProgress> read) {
        Map<TopicPartition, OffsetAndMetadata> asked = new HashMap<>();
        read.forEach((partition, each) -> {
            if (each.leaderEpoch() >= 0) {
                asked.put(
                        new TopicPartition(topic, partition),
                        new OffsetAndMetadata(each.through(), Optional.of(each.leaderEpoch()), ""));
            }
        });
        Map<Integer, TidemarkException> problems = new TreeMap<>();
        if (asked.isEmpty()) {
            return problems;
        }
        // Given up afterwards: whoever is put to an epoch believes in no leader of an older one any more.
        try (ConsumerPool.Loan<ByteBuffer> loan = clients.inputConsumer(topic, asked.size())) {
            Consumer<?, ?> consumer = loan.consumer();
            // An offset is only compared where the leader is known.
            consumer.beginningOffsets(asked.keySet());
            consumer.assign(asked.keySet());
            asked.forEach(consumer::seek);
            for (TopicPartition each : asked.keySet()) {
                while (!problems.containsKey(each.partition())) {
                    try {
                        consumer.position(each);
                        break;
                    } catch (LogTruncationException e) {
                        // Of any partitions of a broker.
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
