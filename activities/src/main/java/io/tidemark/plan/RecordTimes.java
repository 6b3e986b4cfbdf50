package io.tidemark.plan;

import io.tidemark.check.Retention;
import io.tidemark.fold.InputRecord;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.kafka.input.InputReader;
import io.tidemark.kafka.input.RecordHandler;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.TidemarkException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** Reads the timestamps of the first and the last record of ranges, for a preview. */
final class RecordTimes {
    /** Offsets that are read at each end of a range: markers have no timestamp, and compaction leaves gaps. */
    private static final long LOOK = 100;

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final KafkaClients clients;
    private final JobSpec job;

    RecordTimes(KafkaClients clients, JobSpec job) {
        this.clients = clients;
        this.job = job;
    }

    /**
     * The Kafka timestamps of the first and the last record of a range, in milliseconds since the epoch. The first can be
     * the later one: producers may set timestamps in any order.
     */
    record Span(long first, long last) {}

    /**
     * Returns the times of the {@code most} longest ranges. A partition is left out if its records have no timestamps, if
     * there is no record among the first or the last {@value #LOOK} offsets, or if it could not be read within 10 s.
     */
    Map<Integer, Span> of(List<PartitionRange> ranges, int most) {
        List<PartitionRange> longest = ranges.stream()
                .filter(each -> each.length() > 0)
                .sorted(Comparator.comparingLong(PartitionRange::length).reversed())
                .limit(most)
                .toList();
        Map<Integer, Long> first = new TreeMap<>();
        Map<Integer, Long> last = new TreeMap<>();
        try {
            // Retention may have removed the first offsets of a range.
            List<PartitionRange> present = Retention.present(new TopicCatalog(clients), job, longest);
            read(present, each -> each.part(each.from(), Math.min(each.to(), each.from() + LOOK)), first::putIfAbsent);
            read(present, each -> each.part(Math.max(each.from(), each.to() - LOOK), each.to()), last::put);
        } catch (TidemarkException e) {
            // The preview does not depend on the times. A run reports the problem when it reads the records.
            return Map.of();
        }
        Map<Integer, Span> spans = new TreeMap<>();
        first.forEach((partition, time) -> {
            Long end = last.get(partition);
            if (end != null) {
                spans.put(partition, new Span(time, end));
            }
        });
        return spans;
    }

    private void read(List<PartitionRange> ranges, UnaryOperator<PartitionRange> part, Times times) {
        InputReader.of(clients)
                .read(job.input().topic(), ranges.stream().map(part).toList(), TIMEOUT, times(times), remaining -> {});
    }

    /** Receives the timestamp of a record of a partition, in the order of the offsets. */
    @FunctionalInterface
    private interface Times {
        void of(int partition, long timestamp);
    }

    private RecordHandler times(Times times) {
        return new RecordHandler() {
            @Override
            public void record(InputRecord record) {
                if (record.timestamp() >= 0) {
                    times.of(record.partition(), record.timestamp());
                }
            }

            @Override
            public int maxBytes() {
                return job.input().maxRecordBytes();
            }

            @Override
            public void tooLarge(int partition, long offset, long timestamp, long size) {
                if (timestamp >= 0) {
                    times.of(partition, timestamp);
                }
            }
        };
    }
}
