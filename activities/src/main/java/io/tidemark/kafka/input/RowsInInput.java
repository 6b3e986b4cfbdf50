package io.tidemark.kafka.input;

import io.tidemark.kafka.client.ConsumerPool;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.row.RowHeader;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/** Looks at the newest records of an input, to find rows that a Tidemark job wrote. */
public final class RowsInInput {
    /** Partitions that are read. A job writes rows to every partition of its output that gets records. */
    private static final int MAX_PARTITIONS = 4;

    /** Offsets that are read at the end of each partition: a marker is the last one, and compaction leaves gaps. */
    private static final long LOOK_BACK = 100;

    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final KafkaClients clients;

    /** Creates a check for the clients' cluster. */
    public RowsInInput(KafkaClients clients) {
        this.clients = clients;
    }

    /**
     * A row in an input.
     *
     * @param job the job that wrote it
     */
    public record Row(int partition, long offset, String job) {}

    /**
     * Returns one of the newest records if it is a row of a Tidemark job. Returns empty also if the records cannot be
     * read within 5 s: the steps that read them then report the problem.
     *
     * @param from the next offset to read, by partition
     * @param ends the last stable offset, by partition
     */
    public Optional<Row> find(String topic, Map<Integer, Long> from, Map<Integer, Long> ends) {
        Map<TopicPartition, Long> starts = new HashMap<>();
        from.entrySet().stream()
                .filter(each -> ends.getOrDefault(each.getKey(), 0L) > each.getValue())
                .limit(MAX_PARTITIONS)
                .forEach(each -> starts.put(
                        new TopicPartition(topic, each.getKey()),
                        Math.max(each.getValue(), ends.getOrDefault(each.getKey(), 0L) - LOOK_BACK)));
        if (starts.isEmpty()) {
            return Optional.empty();
        }
        try (ConsumerPool.Loan<ByteBuffer> loan = clients.inputConsumer(topic, starts.size())) {
            Optional<Row> found = find(loan.consumer(), starts, ends);
            loan.done();
            return found;
        } catch (KafkaException e) {
            return Optional.empty();
        }
    }

    private static Optional<Row> find(
            Consumer<ByteBuffer, ByteBuffer> consumer, Map<TopicPartition, Long> starts, Map<Integer, Long> ends) {
        Set<TopicPartition> unread = new HashSet<>(starts.keySet());
        consumer.assign(unread);
        // A partition may still be paused from an earlier assignment.
        consumer.resume(unread);
        starts.forEach(consumer::seek);
        long begun = System.nanoTime();
        while (!unread.isEmpty() && System.nanoTime() - begun < TIMEOUT.toNanos()) {
            for (ConsumerRecord<ByteBuffer, ByteBuffer> each : consumer.poll(POLL)) {
                Header header = each.headers().lastHeader(RowHeader.NAME);
                // Any producer can send a header of this name, also without a value.
                if (header != null && header.value() != null) {
                    return Optional.of(new Row(each.partition(), each.offset(), RowHeader.job(header.value())));
                }
            }
            List<TopicPartition> read = unread.stream()
                    .filter(each -> consumer.position(each) >= ends.getOrDefault(each.partition(), 0L))
                    .toList();
            read.forEach(unread::remove);
            consumer.pause(read);
        }
        return Optional.empty();
    }
}
