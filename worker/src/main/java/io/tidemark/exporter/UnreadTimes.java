package io.tidemark.exporter;

import io.tidemark.exporter.Problems.Source;
import io.tidemark.exporter.StateFacts.Progress;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.input.FirstTimes;
import io.tidemark.run.PartitionRange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The timestamp of the first unread record of each partition. It is read once for each batch of a partition and kept, because
 * it changes only when a run advances.
 */
final class UnreadTimes {
    /** Offsets that are read: the first ones may be transaction markers or records of an aborted transaction. */
    private static final long LOOK = 100;

    /** Partitions that one refresh reads. A run of a topic with 5,000 is known after five refreshes. */
    private static final int MOST = 1_000;

    /** Partitions that are read at once. */
    private static final int AT_ONCE = 200;

    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    /** Time for all topics of a refresh. */
    private static final Duration ALL = Duration.ofSeconds(20);

    private final KafkaClients clients;
    private final Map<String, Map<Integer, Known>> jobs = new HashMap<>();
    private int left;
    private long begun;

    /**
     * What was read from an offset on.
     *
     * @param time the timestamp, or -1 if the first {@value #LOOK} offsets have none
     */
    private record Known(long from, long time) {}

    UnreadTimes(KafkaClients clients) {
        this.clients = clients;
    }

    /** Begins a refresh. */
    void begin() {
        left = MOST;
        begun = System.nanoTime();
    }

    /** Returns the timestamps of a job's partitions, as far as they are known. */
    Map<Integer, Long> of(
            WatchedJob job,
            String topic,
            Map<Integer, InputFacts.Log> logs,
            Map<Integer, Progress> progress,
            Problems problems) {
        Map<Integer, Known> known = jobs.computeIfAbsent(job.name(), name -> new TreeMap<>());
        known.keySet().retainAll(progress.keySet());
        List<PartitionRange> unknown = new ArrayList<>();
        progress.forEach((partition, each) -> {
            InputFacts.Log log = logs.get(partition);
            if (log != null && log.unread(each) > 0) {
                long from = log.unreadFrom(each);
                Known old = known.get(partition);
                if (old == null || old.from() != from) {
                    known.remove(partition);
                    unknown.add(new PartitionRange(partition, from, Math.min(log.stableEnd(), from + LOOK)));
                }
            }
        });
        for (int i = 0; i < unknown.size() && left > 0 && System.nanoTime() - begun < ALL.toNanos(); i += AT_ONCE) {
            List<PartitionRange> some = unknown.subList(i, Math.min(unknown.size(), i + AT_ONCE));
            left -= some.size();
            Optional<Map<Integer, Long>> read = problems.ask(
                    Source.RECORDS, () -> FirstTimes.of(clients, topic, some, job.maxRecordBytes(), TIMEOUT));
            if (read.isEmpty()) {
                break;
            }
            for (PartitionRange each : some) {
                Long time = read.get().get(each.partition());
                // Of a short range nothing is remembered: there will be more records.
                if (time != null || each.length() >= LOOK) {
                    known.put(each.partition(), new Known(each.from(), time == null ? -1 : time));
                }
            }
        }
        Map<Integer, Long> times = new TreeMap<>();
        known.forEach((partition, each) -> {
            if (each.time() >= 0) {
                times.put(partition, each.time());
            }
        });
        return times;
    }

    /** Forgets other jobs. */
    void keepOnly(Collection<String> names) {
        jobs.keySet().retainAll(names);
    }
}
