package io.tidemark.kafka;

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
        Map<TopicPartition, OffsetAndMetadata> open = new HashMap<>();
        read.forEach((partition, each) -> {
            if (each.leaderEpoch() >= 0) {
                open.put(
                        new TopicPartition(topic, partition),
                        new OffsetAndMetadata(each.through(), Optional.of(each.leaderEpoch()), ""));
            }
        });
        Map<Integer, TidemarkException> problems = new TreeMap<>();
        if (open.isEmpty()) {
            return problems;
        }
        try (ConsumerPool.Loan<ByteBuffer> loan = clients.inputConsumer(topic, open.size())) {
            // An offset is only compared where the leader is known.
            loan.consumer().beginningOffsets(open.keySet());
            while (!open.isEmpty()) {
                check(loan.consumer(), open, problems);
            }
            loan.done();
        } catch (KafkaException e) {
            throw KafkaCalls.named("input " + topic, e, Access.topic(topic, Right.READ));
        }
        return problems;
    }

    /** Takes out those that are looked at: all, or a broker's that are truncated. */
    private static void check(
            Consumer<?, ?> consumer,
            Map<TopicPartition, OffsetAndMetadata> open,
            Map<Integer, TidemarkException> problems) {
        consumer.assign(open.keySet());
        open.forEach(consumer::seek);
        try {
            open.keySet().forEach(consumer::position);
            open.clear();
        } catch (LogTruncationException e) {
            e.offsetOutOfRangePartitions().forEach((partition, through) -> {
                open.remove(partition);
                OffsetAndMetadata branch = e.divergentOffsets().get(partition);
                problems.put(
                        partition.partition(),
                        InputProblems.diverged(
                                partition.topic(),
                                partition.partition(),
                                through,
                                // Where the leader has nothing in common with what was read.
                                branch == null ? 0 : branch.offset()));
            });
        }
    }
}
