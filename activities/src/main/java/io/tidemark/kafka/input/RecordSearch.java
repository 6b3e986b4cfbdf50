package io.tidemark.kafka.input;

import io.tidemark.kafka.client.ConsumerPool;
import io.tidemark.kafka.client.KafkaClients;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Reads committed records of some partitions, for 5 s at most, until there is one. */
final class RecordSearch {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final KafkaClients clients;
    private final Set<TopicPartition> unread = new HashSet<>();

    RecordSearch(KafkaClients clients) {
        this.clients = clients;
    }

    /**
     * Returns a record. Returns empty also if the partitions cannot be read, or not within the time; {@link #complete} then
     * returns false.
     *
     * @param starts the first offset to read
     * @param ends the last stable offset, by partition
     */
    Optional<ConsumerRecord<ByteBuffer, ByteBuffer>> find(
            String topic, Map<TopicPartition, Long> starts, Map<Integer, Long> ends) {
        unread.addAll(starts.keySet());
        if (unread.isEmpty()) {
            return Optional.empty();
        }
        // The loan is not marked as done, so the consumer is closed: its next fetch may wait at the broker, and what
        // the
        // next user asks would wait behind it.
        try (ConsumerPool.Loan<ByteBuffer> loan = clients.inputConsumer(topic, starts.size())) {
            loan.assign(starts.keySet());
            return find(loan.consumer(), starts, ends);
        } catch (KafkaException e) {
            return Optional.empty();
        }
    }

    private Optional<ConsumerRecord<ByteBuffer, ByteBuffer>> find(
            Consumer<ByteBuffer, ByteBuffer> consumer, Map<TopicPartition, Long> starts, Map<Integer, Long> ends) {
        // A partition may still be paused from an earlier assignment.
        consumer.resume(starts.keySet());
        starts.forEach(consumer::seek);
        long begun = System.nanoTime();
        while (!unread.isEmpty() && System.nanoTime() - begun < TIMEOUT.toNanos()) {
            Iterator<ConsumerRecord<ByteBuffer, ByteBuffer>> records =
                    consumer.poll(POLL).iterator();
            if (records.hasNext()) {
                return Optional.of(records.next());
            }
            List<TopicPartition> read = unread.stream()
                    .filter(each -> consumer.position(each) >= ends.getOrDefault(each.partition(), 0L))
                    .toList();
            read.forEach(unread::remove);
            consumer.pause(read);
        }
        return Optional.empty();
    }

    /** Returns whether the partition was read to its end. */
    boolean complete(TopicPartition partition) {
        return !unread.contains(partition);
    }
}
