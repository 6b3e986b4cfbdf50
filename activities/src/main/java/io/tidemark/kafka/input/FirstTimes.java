package io.tidemark.kafka.input;

import io.tidemark.fold.InputRecord;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.run.PartitionRange;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads the timestamp of the first record of ranges: no request of Kafka returns the time of an offset. */
public final class FirstTimes implements RecordHandler {
    private final Map<Integer, Long> times = new TreeMap<>();
    private final int maxBytes;

    private FirstTimes(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * Returns the Kafka timestamp of the first record of each range, in milliseconds since the epoch. A partition is left
     * out if its range has no record with a timestamp, or if it was not read within the time.
     *
     * @param ranges at most one of each partition, and short: they are read to their end
     * @param maxBytes size of the largest record for which a buffer is allocated
     * @throws io.tidemark.run.TidemarkException if Kafka does not answer, or denies access
     */
    public static Map<Integer, Long> of(
            KafkaClients clients, String topic, List<PartitionRange> ranges, int maxBytes, Duration timeLimit) {
        FirstTimes handler = new FirstTimes(maxBytes);
        InputReader.of(clients).read(topic, ranges, timeLimit, handler, remaining -> {});
        return handler.times;
    }

    @Override
    public void record(InputRecord record) {
        time(record.partition(), record.timestamp());
    }

    @Override
    public int maxBytes() {
        return maxBytes;
    }

    @Override
    public void tooLarge(int partition, long offset, long timestamp, long bytes) {
        time(partition, timestamp);
    }

    private void time(int partition, long timestamp) {
        if (timestamp >= 0) {
            times.putIfAbsent(partition, timestamp);
        }
    }
}
