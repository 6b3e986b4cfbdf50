package io.tidemark.plan;

import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.Right;
import io.tidemark.kafka.cluster.ActiveProducers;
import io.tidemark.kafka.cluster.ActiveProducers.Producer;
import io.tidemark.kafka.cluster.TopicCatalog.Topic;
import io.tidemark.run.TidemarkException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Warns about other producers that write to a job's output, such as another job. Only ACLs can prevent that, and rows
 * with other keys do no harm. Finds producers with a transactional id that the worker may see and that wrote within the
 * last day. Producers without one are ignored: an earlier attempt of this job could look the same.
 */
final class OtherWriters {
    /** Partitions that are checked: a producer usually writes to many partitions of a topic. */
    private static final int MAX_PARTITIONS = 16;

    private final ActiveProducers producers;

    OtherWriters(KafkaClients clients) {
        this.producers = new ActiveProducers(clients);
    }

    /** Returns a warning if there are other producers. */
    List<String> warnings(JobSpec job, Topic output) {
        if (job.output().shared() || !output.rights().contains(Right.READ)) {
            return List.of();
        }
        int step = Math.max(1, output.partitions() / MAX_PARTITIONS);
        List<Integer> some = IntStream.iterate(0, each -> each < output.partitions(), each -> each + step)
                .limit(MAX_PARTITIONS)
                .boxed()
                .toList();
        Map<String, Producer> others = new HashMap<>();
        try {
            for (Producer each : producers.find(output.name(), some)) {
                String id = each.transactionalId();
                if (id != null && !id.startsWith(JobNames.transactionalIdPrefix(job))) {
                    others.merge(id, each, (a, b) -> a.lastTimestamp() >= b.lastTimestamp() ? a : b);
                }
            }
        } catch (TidemarkException e) {
            // The run does not depend on the warning.
            return List.of();
        }
        return others.values().stream()
                .max((a, b) -> Long.compare(a.lastTimestamp(), b.lastTimestamp()))
                .map(last -> "output topic " + output.name() + " is also written to by " + last.transactionalId()
                        + (others.size() == 1 ? "" : " and " + (others.size() - 1) + " others") + ", last to partition "
                        + last.partition() + " at " + Instant.ofEpochMilli(last.lastTimestamp())
                        + ": their rows replace this job's rows with the same keys. Give each job an output topic of its"
                        + " own, or set output.shared: true if they never write the same keys")
                .stream()
                .toList();
    }
}
