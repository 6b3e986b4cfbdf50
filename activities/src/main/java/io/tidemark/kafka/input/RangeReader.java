package io.tidemark.kafka.input;

import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.TidemarkException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** What both readers share: the state of the ranges, the time limit, and the names of Kafka's failures. */
abstract class RangeReader implements InputReader {
    final KafkaClients clients;
    private final LongSupplier nanoTime;

    RangeReader(KafkaClients clients, LongSupplier nanoTime) {
        this.clients = clients;
        this.nanoTime = nanoTime;
    }

    @Override
    public final List<Read> read(
            String topic,
            List<PartitionRange> asked,
            Duration timeLimit,
            RecordHandler handler,
            Consumer<List<PartitionRange>> between) {
        ReadRanges ranges = new ReadRanges(topic, asked);
        long start = nanoTime.getAsLong();
        BooleanSupplier more = () -> ranges.anyOpen() && nanoTime.getAsLong() - start < timeLimit.toNanos();
        try {
            if (ranges.anyOpen()) {
                read(ranges, more, handler, between);
            }
        } catch (OffsetOutOfRangeException e) {
            throw outOfRange(topic, e);
        } catch (KafkaException e) {
            throw InputProblems.named(topic, e);
        }
        return ranges.end(timeLimit);
    }

    /** Reads while {@code more} says that a range is open and time is left. */
    abstract void read(
            ReadRanges ranges, BooleanSupplier more, RecordHandler handler, Consumer<List<PartitionRange>> between);

    /**
     * Returns the failure for a log that changed after the plan. Asks for the log's bounds to tell which change it was.
     */
    private TidemarkException outOfRange(String topic, OffsetOutOfRangeException e) {
        Map.Entry<TopicPartition, Long> first =
                e.offsetOutOfRangePartitions().entrySet().iterator().next();
        int partition = first.getKey().partition();
        TopicCatalog catalog = new TopicCatalog(clients);
        if (e instanceof LogTruncationException truncation) {
            OffsetAndMetadata branch = truncation.divergentOffsets().get(first.getKey());
            if (branch != null) {
                return InputProblems.diverged(topic, partition, first.getValue(), branch.offset());
            }
        }
        long offset = first.getValue();
        long begin = catalog.firstOffsets(topic, List.of(partition)).getOrDefault(partition, 0L);
        long end = catalog.highWatermarks(topic, List.of(partition)).getOrDefault(partition, 0L);
        if (begin > offset && !(e instanceof LogTruncationException)) {
            return InputProblems.retentionGap(topic, partition, offset, begin);
        }
        return offset <= end && !(e instanceof LogTruncationException)
                ? InputProblems.behind(topic, partition, offset, end)
                : InputProblems.truncated(topic, partition, offset, end);
    }
}
