package io.tidemark.kafka.cluster;

import io.tidemark.kafka.client.KafkaCalls;
import io.tidemark.kafka.client.KafkaClients;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.DescribeProducersOptions;
import org.apache.kafka.clients.admin.DescribeProducersResult.PartitionProducerState;
import org.apache.kafka.clients.admin.DescribeTransactionsOptions;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Finds the producers that wrote to partitions within {@code producer.id.expiration.ms} (a day by default), and their
 * open transactions. Sees idempotent and transactional producers; brokers keep no state about others.
 */
public final class ActiveProducers {
    /**
     * Timeout of each request. The answers only make a message better: a message without a name is better than a run
     * that waits.
     */
    private static final int ANSWER_MILLIS = 5_000;

    private final KafkaClients clients;

    /** Finds producers of the clients' cluster. */
    public ActiveProducers(KafkaClients clients) {
        this.clients = clients;
    }

    /**
     * A producer that wrote to a partition.
     *
     * @param producerId Kafka's number for it
     * @param transactionalId its transactional id, or null if it has none or the worker may not see it
     * @param lastTimestamp time of its last record, in milliseconds since 1970; by the broker's or the producer's
     *     clock, depending on the topic's settings
     * @param openFrom first offset of its open transaction, if it has one
     */
    public record Producer(
            int partition,
            long producerId,
            int epoch,
            @Nullable String transactionalId,
            long lastTimestamp,
            OptionalLong openFrom) {}

    /**
     * An open transaction, as its coordinator describes it.
     *
     * @param since when it began
     * @param timeout how long after {@code since} the coordinator aborts it
     */
    public record Transaction(Instant since, Duration timeout) {}

    /**
     * Returns the producers that wrote to these partitions.
     *
     * @throws io.tidemark.run.TidemarkException if the broker cannot answer, as versions before 3.0
     */
    public List<Producer> find(String topic, Collection<Integer> partitions) {
        Map<TopicPartition, PartitionProducerState> states = KafkaCalls.get(
                "producers of topic " + topic,
                clients.admin()
                        .describeProducers(
                                partitions.stream()
                                        .map(each -> new TopicPartition(topic, each))
                                        .toList(),
                                new DescribeProducersOptions().timeoutMs(ANSWER_MILLIS))
                        .all());
        Set<Long> ids = new TreeSet<>();
        states.values()
                .forEach(state -> state.activeProducers().stream()
                        .map(ProducerState::producerId)
                        .forEach(ids::add));
        Map<Long, String> names = names(ids);
        List<Producer> producers = new ArrayList<>();
        states.forEach((partition, state) -> state.activeProducers()
                .forEach(each -> producers.add(new Producer(
                        partition.partition(),
                        each.producerId(),
                        each.producerEpoch(),
                        names.get(each.producerId()),
                        each.lastTimestamp(),
                        each.currentTransactionStartOffset()))));
        return producers;
    }

    private Map<Long, String> names(Set<Long> producerIds) {
        Map<Long, String> names = new HashMap<>();
        if (!producerIds.isEmpty()) {
            ListTransactionsOptions options = new ListTransactionsOptions().filterProducerIds(producerIds);
            options.timeoutMs(ANSWER_MILLIS);
            for (TransactionListing each : KafkaCalls.get(
                    "transactions of the cluster",
                    clients.admin().listTransactions(options).all())) {
                names.put(each.producerId(), each.transactionalId());
            }
        }
        return names;
    }

    /**
     * Returns a producer's open transaction as its coordinator describes it. Empty if the coordinator knows no open
     * transaction in that partition: it has ended meanwhile, or it is hanging and never ends by itself, or the worker
     * may not see it.
     */
    public Optional<Transaction> transaction(String topic, Producer producer) {
        if (producer.transactionalId() == null) {
            return Optional.empty();
        }
        DescribeTransactionsOptions options = new DescribeTransactionsOptions();
        options.timeoutMs(ANSWER_MILLIS);
        TransactionDescription found = KafkaCalls.get(
                "transaction " + producer.transactionalId(),
                clients.admin()
                        .describeTransactions(List.of(producer.transactionalId()), options)
                        .description(producer.transactionalId()));
        return found.transactionStartTimeMs().isPresent()
                        && found.topicPartitions().contains(new TopicPartition(topic, producer.partition()))
                ? Optional.of(new Transaction(
                        Instant.ofEpochMilli(found.transactionStartTimeMs().getAsLong()),
                        Duration.ofMillis(found.transactionTimeoutMs())))
                : Optional.empty();
    }
}
