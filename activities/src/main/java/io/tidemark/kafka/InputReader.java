package io.tidemark.kafka;

import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.TidemarkException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Reads ranges of an input topic, committed records only. A range ends when the consumer's position has reached its end,
 * looked at after each poll: the last offsets of a range may be control records, aborted or compacted away, and never be
 * seen as records (docs/kafka-facts.md, 1 and 2).
 */
public final class InputReader {
    private static final Duration POLL = Duration.ofMillis(500);

    private final KafkaClients clients;
    private final LongSupplier nanoTime;

    /** A reader; {@code nanoTime} is {@link System#nanoTime} outside tests. */
    public InputReader(KafkaClients clients, LongSupplier nanoTime) {
        this.clients = clients;
        this.nanoTime = nanoTime;
    }

    /**
     * What was read.
     *
     * @param range begins where it was asked to and ends where the reading did
     * @param leaderEpoch of its last record, or -1
     */
    public record Read(PartitionRange range, int leaderEpoch) {}

    /**
     * Reads ranges, at most one for each partition, until all are done or the time is over.
     *
     * @param most how long to go on starting new polls
     * @param handler takes each record
     * @param between hears between polls what is left of each range; may throw to stop
     * @throws TidemarkException KAFKA_UNAVAILABLE where the time is over and not one offset was gained: an empty result
     *     would be asked for again without anybody being told
     */
    public List<Read> read(
            String topic,
            List<PartitionRange> ranges,
            Duration most,
            RecordHandler handler,
            Consumer<List<PartitionRange>> between) {
        Map<TopicPartition, PartitionRange> open = new HashMap<>();
        for (PartitionRange each : ranges) {
            open.put(new TopicPartition(topic, each.partition()), each);
        }
        Map<TopicPartition, Long> reached = new HashMap<>();
        Map<TopicPartition, Integer> epochs = new HashMap<>();
        long start = nanoTime.getAsLong();
        boolean gained = false;
        try (ConsumerPool.Loan<ByteBuffer> loan = clients.inputConsumer(ranges.size())) {
            var consumer = loan.consumer();
            consumer.assign(open.keySet());
            open.forEach((partition, range) -> consumer.seek(partition, range.from()));
            while (!open.isEmpty() && nanoTime.getAsLong() - start < most.toNanos()) {
                ConsumerRecords<ByteBuffer, ByteBuffer> records = consumer.poll(POLL);
                for (TopicPartition partition : records.partitions()) {
                    hand(records.records(partition), open.get(partition), handler);
                    OffsetAndMetadata next = records.nextOffsets().get(partition);
                    if (next != null) {
                        next.leaderEpoch().ifPresent(epoch -> epochs.put(partition, epoch));
                    }
                }
                List<TopicPartition> done = new ArrayList<>();
                for (Map.Entry<TopicPartition, PartitionRange> each : open.entrySet()) {
                    long position = Math.min(
                            consumer.position(each.getKey()), each.getValue().to());
                    reached.put(each.getKey(), position);
                    gained |= position > each.getValue().from();
                    if (position >= each.getValue().to()) {
                        done.add(each.getKey());
                    }
                }
                open.keySet().removeAll(done);
                consumer.pause(done);
                between.accept(remaining(open.values(), reached, topic));
            }
            if (!open.isEmpty() && !gained) {
                throw new TidemarkException(
                        FailureKind.KAFKA_UNAVAILABLE,
                        "input " + topic + ": not one offset gained in " + most.toSeconds()
                                + " s, with these ranges to read: " + remaining(open.values(), reached, topic));
            }
            loan.done();
        } catch (OffsetOutOfRangeException e) {
            throw outOfRange(topic, e);
        } catch (KafkaException e) {
            throw KafkaCalls.named("input " + topic, e);
        }
        List<Read> result = new ArrayList<>();
        for (PartitionRange each : ranges) {
            TopicPartition partition = new TopicPartition(topic, each.partition());
            result.add(new Read(
                    new PartitionRange(each.partition(), each.from(), reached.getOrDefault(partition, each.from())),
                    epochs.getOrDefault(partition, -1)));
        }
        return result;
    }

    private static void hand(
            List<ConsumerRecord<ByteBuffer, ByteBuffer>> records,
            @Nullable PartitionRange range,
            RecordHandler handler) {
        if (range == null) {
            return;
        }
        for (int i = 0; i < records.size(); i++) {
            ConsumerRecord<ByteBuffer, ByteBuffer> each = records.get(i);
            if (each.offset() >= range.to()) {
                return;
            }
            handler.record(range.partition(), each.offset(), each.timestamp(), each.key(), each.value());
        }
    }

    private static List<PartitionRange> remaining(
            Collection<PartitionRange> open, Map<TopicPartition, Long> reached, String topic) {
        List<PartitionRange> remaining = new ArrayList<>(open.size());
        for (PartitionRange each : open) {
            long position = reached.getOrDefault(new TopicPartition(topic, each.partition()), each.from());
            remaining.add(new PartitionRange(each.partition(), position, each.to()));
        }
        return remaining;
    }

    /** The log changed under the plan: look at it again, to say how. */
    private TidemarkException outOfRange(String topic, OffsetOutOfRangeException e) {
        Map.Entry<TopicPartition, Long> first =
                e.offsetOutOfRangePartitions().entrySet().iterator().next();
        int partition = first.getKey().partition();
        TopicCatalog catalog = new TopicCatalog(clients);
        long begin = catalog.firstOffsets(topic, List.of(partition)).getOrDefault(partition, 0L);
        return e instanceof LogTruncationException || begin <= first.getValue()
                ? InputProblems.truncated(
                        topic,
                        partition,
                        first.getValue(),
                        catalog.highWatermarks(topic, List.of(partition)).getOrDefault(partition, 0L))
                : InputProblems.retentionGap(topic, partition, first.getValue(), begin);
    }
}
