package io.tidemark.kafka.state;

import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.transaction.FencingProducer;
import io.tidemark.state.PartitionProgress;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** Adds the progress of partitions to a transaction, as offsets of the job's group. */
public final class OffsetPublisher {
    private final KafkaClients clients;

    /** Creates a publisher to the clients' cluster. */
    public OffsetPublisher(KafkaClients clients) {
        this.clients = clients;
    }

    /** Adds the offsets to the producer's open transaction; the caller commits it. */
    public void send(FencingProducer producer, JobSpec job, String runId, Map<Integer, PartitionProgress> progress) {
        Instant now = Instant.now();
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        progress.forEach((partition, each) -> offsets.put(
                new TopicPartition(job.input().topic(), partition),
                new OffsetAndMetadata(
                        each.through(),
                        each.leaderEpoch() < 0 ? Optional.empty() : Optional.of(each.leaderEpoch()),
                        GroupOffsets.mark(
                                each.identity().generation(),
                                runId,
                                each.identity().inputId(),
                                now))));
        producer.sendOffsets(offsets, clients.group(JobNames.group(job)));
    }
}
