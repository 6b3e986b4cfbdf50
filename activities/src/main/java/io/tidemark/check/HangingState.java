package io.tidemark.check;

import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.Right;
import io.tidemark.kafka.cluster.ActiveProducers;
import io.tidemark.kafka.cluster.ActiveProducers.Producer;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Detects hanging transactions in a job's state topic. After a fence no attempt has a transaction open there. If one is
 * open all the same and no coordinator knows it, it is hanging: it never ends by itself (docs/lifecycle.md), and
 * another attempt could only wait again.
 */
public final class HangingState {
    /** Transactions that the message names. One transaction of a slice spans all its partitions. */
    private static final int MAX_NAMED = 5;

    private final TopicCatalog catalog;
    private final ActiveProducers producers;

    /** Creates a check of the clients' cluster. */
    public HangingState(KafkaClients clients) {
        this.catalog = new TopicCatalog(clients);
        this.producers = new ActiveProducers(clients);
    }

    /**
     * Returns {@code TRANSACTION_HANGS} if {@code failure} is KAFKA_UNAVAILABLE and hanging transactions are the cause;
     * otherwise returns {@code failure}.
     */
    public TidemarkException explain(JobSpec job, TidemarkException failure) {
        if (failure.kind() != FailureKind.KAFKA_UNAVAILABLE) {
            return failure;
        }
        String topic = JobNames.stateTopic(job);
        try {
            List<Producer> hanging = hanging(topic);
            return hanging.isEmpty() ? failure : named(topic, hanging, failure);
        } catch (TidemarkException e) {
            // The cause is unknown, so the original failure stands.
            failure.addSuppressed(e);
            return failure;
        }
    }

    private List<Producer> hanging(String topic) {
        int partitions = catalog.find(topic, Right.READ)
                .map(TopicCatalog.Topic::partitions)
                .orElse(0);
        List<Integer> all = IntStream.range(0, partitions).boxed().toList();
        Set<Integer> open = catalog.heldBack(topic, all).keySet();
        if (open.isEmpty()) {
            return List.of();
        }
        List<Producer> unknown = producers.find(topic, open).stream()
                .filter(each -> each.openFrom().isPresent()
                        && producers.transaction(topic, each).isEmpty())
                .collect(Collectors.toCollection(ArrayList::new));
        // The coordinator forgets a partition when its marker is written. Read again, to exclude transactions that have
        // ended meanwhile.
        unknown.retainAll(producers.find(topic, open));
        unknown.sort(Comparator.comparingInt(Producer::partition));
        return unknown;
    }

    private static TidemarkException named(String topic, List<Producer> hanging, TidemarkException failure) {
        String which = hanging.stream()
                .limit(MAX_NAMED)
                .map(each -> topic + "[" + each.partition() + "] from offset "
                        + each.openFrom().orElseThrow() + " (producer id " + each.producerId() + ", epoch "
                        + each.epoch() + (each.transactionalId() == null ? "" : ", " + each.transactionalId()) + ")")
                .collect(Collectors.joining("; "));
        Producer first = hanging.get(0);
        return new TidemarkException(
                FailureKind.TRANSACTION_HANGS,
                "the job's state topic has " + hanging.size() + " hanging transactions: " + which
                        + ". No coordinator knows them, so they never end, and the job cannot read the records behind"
                        + " them. Read 'Transactions that hang' in docs/lifecycle.md, then abort each of them"
                        + " and start the run again:"
                        + " kafka-transactions.sh abort --topic " + topic + " --partition " + first.partition()
                        + " --start-offset " + first.openFrom().orElseThrow()
                        + " (needs ClusterAction on the cluster; without it, ask the cluster's administrator)",
                failure);
    }
}
