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
 * Tells a job that waits for its own state from one that would wait for ever. Whoever reads the state after a fence knows
 * that no attempt is at work there; if a transaction is open all the same, and no coordinator knows of it, it hangs: Kafka
 * has forgotten to end it (docs/lifecycle.md), and another attempt could only wait again.
 */
public final class HangingState {
    /** Transactions that are named; one of a slice spans all of its partitions. */
    private static final int MOST_NAMED = 5;

    private final TopicCatalog catalog;
    private final ActiveProducers producers;

    /** Looks at the clients' cluster. */
    public HangingState(KafkaClients clients) {
        this.catalog = new TopicCatalog(clients);
        this.producers = new ActiveProducers(clients);
    }

    /** The failure of a step, or {@code TRANSACTION_HANGS} where Kafka was said not to answer, and that is why. */
    public TidemarkException explain(JobSpec job, TidemarkException failure) {
        if (failure.kind() != FailureKind.KAFKA_UNAVAILABLE) {
            return failure;
        }
        String topic = JobNames.stateTopic(job.name());
        try {
            List<Producer> hanging = hanging(topic);
            return hanging.isEmpty() ? failure : named(topic, hanging, failure);
        } catch (TidemarkException e) {
            // It may be as the failure says.
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
        // A coordinator forgets a partition when its marker is written: what has ended meanwhile is not open any more.
        unknown.retainAll(producers.find(topic, open));
        unknown.sort(Comparator.comparingInt(Producer::partition));
        return unknown;
    }

    private static TidemarkException named(String topic, List<Producer> hanging, TidemarkException failure) {
        String which = hanging.stream()
                .limit(MOST_NAMED)
                .map(each -> topic + "[" + each.partition() + "] from offset "
                        + each.openFrom().orElseThrow() + " (producer id " + each.producerId() + ", epoch "
                        + each.epoch() + (each.transactionalId() == null ? "" : ", " + each.transactionalId()) + ")")
                .collect(Collectors.joining("; "));
        Producer first = hanging.get(0);
        return new TidemarkException(
                FailureKind.TRANSACTION_HANGS,
                "transactions hang in the job's state, " + hanging.size() + " of them: " + which
                        + ". No coordinator knows of them, so nothing ends them, and the job cannot read behind them."
                        + " Read docs/lifecycle.md on transactions that hang, then end each of them and run again:"
                        + " kafka-transactions.sh abort --topic " + topic + " --partition " + first.partition()
                        + " --start-offset " + first.openFrom().orElseThrow(),
                failure);
    }
}
