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
 * Who else writes to a job's output, such as another job. Kafka cannot keep them out but by ACLs, and rows with keys of
 * their own do no harm; so this only warns. It sees who wrote in the last day under a transactional id that the worker may
 * see. A producer without one is passed over: it could not be told from an earlier one of this job.
 */
final class OtherWriters {
    /** Who writes to a topic writes to many of its partitions. */
    private static final int MOST_ASKED = 16;

    private final ActiveProducers producers;

    OtherWriters(KafkaClients clients) {
        this.producers = new ActiveProducers(clients);
    }

    /** A sentence where there are others. */
    List<String> warnings(JobSpec job, Topic output) {
        if (!output.rights().contains(Right.READ)) {
            return List.of();
        }
        int step = Math.max(1, output.partitions() / MOST_ASKED);
        List<Integer> some = IntStream.iterate(0, each -> each < output.partitions(), each -> each + step)
                .limit(MOST_ASKED)
                .boxed()
                .toList();
        Map<String, Producer> others = new HashMap<>();
        try {
            for (Producer each : producers.find(output.name(), some)) {
                String id = each.transactionalId();
                if (id != null && !id.startsWith(JobNames.transactionalIdPrefix(job.name()))) {
                    others.merge(id, each, (a, b) -> a.lastTimestamp() >= b.lastTimestamp() ? a : b);
                }
            }
        } catch (TidemarkException e) {
            // The run does not depend on it.
            return List.of();
        }
        return others.values().stream()
                .max((a, b) -> Long.compare(a.lastTimestamp(), b.lastTimestamp()))
                .map(last -> "output topic " + output.name() + " is also written to by " + last.transactionalId()
                        + (others.size() == 1 ? "" : " and " + (others.size() - 1) + " others") + ", last to partition "
                        + last.partition() + " at " + Instant.ofEpochMilli(last.lastTimestamp())
                        + ": a row of theirs with a key of ours would replace it. Give each job an output topic of its"
                        + " own")
                .stream()
                .toList();
    }
}
