package io.tidemark.plan;

import io.tidemark.job.InputSpec.OpenTransactions;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.Pause;
import io.tidemark.kafka.cluster.ActiveProducers;
import io.tidemark.kafka.cluster.ActiveProducers.Producer;
import io.tidemark.kafka.cluster.ActiveProducers.Transaction;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Finds how far topics can be read and which offsets open transactions hold back: a {@code read_committed} reader
 * cannot see records behind the first record of an open transaction. In the input these records are left to the next
 * run; in the output they are rows that no such reader sees.
 */
final class HeldBack {
    /**
     * Age of transactions that cause a warning. The producers' default of transaction.timeout.ms: an older transaction
     * has a longer timeout or is hanging.
     */
    private static final Duration OLD = Duration.ofMinutes(1);
    /** Partitions whose producers are requested. One transaction often spans all of them. */
    private static final int MAX_PARTITIONS = 20;
    /** Transactions that the messages name. */
    private static final int MAX_NAMED = 5;

    private static final long PAUSE_MILLIS = 50;

    private final TopicCatalog catalog;
    private final ActiveProducers producers;
    private final Clock clock;
    private final Duration maxWait;

    /**
     * Creates a check of the clients' cluster.
     *
     * @param clock to tell old transactions; nothing else depends on it
     * @param maxWait how long one {@link #look} waits if the job waits for open transactions
     */
    HeldBack(KafkaClients clients, Clock clock, Duration maxWait) {
        this.catalog = new TopicCatalog(clients);
        this.producers = new ActiveProducers(clients);
        this.clock = clock;
        this.maxWait = maxWait;
    }

    /**
     * The result.
     *
     * @param log from the first offset to the last stable one
     * @param held number of offsets behind the last stable one, for partitions where there are some
     * @param warnings about transactions that have been open for more than a minute
     */
    record Look(TopicCatalog.Bounds log, Map<Integer, Long> held, List<String> warnings) {
        /** Returns the number of offsets that are held back in all partitions. */
        long offsets() {
            return held.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /**
     * Finds what is held back. Waits for open transactions if the job has {@code input.openTransactions: wait}.
     *
     * @throws TidemarkException TRANSACTION_OPEN if they have not ended in time
     */
    Look look(JobSpec job, List<Integer> partitions) {
        String topic = job.input().topic();
        // Before the stable offsets: records written between the two requests then do not count as held back.
        Map<Integer, Long> watermarks = catalog.highWatermarks(topic, partitions);
        TopicCatalog.Bounds log = catalog.stableBounds(topic, partitions);
        Map<Integer, Long> held = log.heldBack(watermarks);
        if (job.input().openTransactions() == OpenTransactions.WAIT) {
            long begun = System.nanoTime();
            while (!held.isEmpty()) {
                if (System.nanoTime() - begun > maxWait.toNanos()) {
                    throw new TidemarkException(
                            FailureKind.TRANSACTION_OPEN,
                            "the job waits for open transactions in its input (input.openTransactions: wait). "
                                    + String.join("; ", sentences(topic, held, Duration.ZERO)));
                }
                Pause.millis(PAUSE_MILLIS);
                log = catalog.stableBounds(topic, partitions);
                held = log.heldBack(watermarks);
            }
        }
        return new Look(log, held, held.isEmpty() ? List.of() : sentences(topic, held, OLD));
    }

    /**
     * Returns a warning for each transaction that has been open in the output for more than a minute: it hides the rows
     * behind it from readers.
     */
    List<String> inOutput(TopicCatalog.Topic output) {
        List<Integer> all = IntStream.range(0, output.partitions()).boxed().toList();
        try {
            Map<Integer, Long> held = catalog.heldBack(output.name(), all);
            return held.isEmpty()
                    ? List.of()
                    : sentences(output.name(), held, OLD).stream()
                            .map(each -> each + ". Until it ends, consumers with"
                                    + " isolation.level=read_committed cannot see the rows behind it. If it is this job's"
                                    + " own, first read 'Transactions that hang' in docs/lifecycle.md")
                            .toList();
        } catch (TidemarkException e) {
            // The run does not depend on the warnings.
            return List.of();
        }
    }

    /**
     * Returns a message for each transaction that is at least {@code age} old; the one that holds back most offsets is
     * first.
     */
    private List<String> sentences(String topic, Map<Integer, Long> held, Duration age) {
        List<Integer> most = held.keySet().stream()
                .sorted(Comparator.comparing(held::get).reversed())
                .limit(MAX_PARTITIONS)
                .toList();
        List<String> sentences = new ArrayList<>();
        try {
            Map<Integer, Producer> first = firstToEnd(producers.find(topic, most));
            Set<Long> named = new HashSet<>();
            for (int partition : most) {
                Producer producer = first.get(partition);
                if (producer != null && named.size() < MAX_NAMED && !named.contains(producer.producerId())) {
                    Optional<Transaction> known = producers.transaction(topic, producer);
                    Instant since =
                            known.map(Transaction::since).orElse(Instant.ofEpochMilli(producer.lastTimestamp()));
                    if (!since.plus(age).isAfter(clock.instant())) {
                        named.add(producer.producerId());
                        sentences.add(sentence(topic, held.getOrDefault(partition, 0L), producer, known));
                    }
                }
            }
        } catch (TidemarkException e) {
            // The run does not depend on the warnings.
            sentences.add(
                    "the producers of the open transactions in " + topic + " could not be listed: " + e.getMessage());
        }
        if (sentences.isEmpty() && age.isZero()) {
            int partition = most.get(0);
            sentences.add(topic + "[" + partition + "] has " + held.get(partition)
                    + " offsets behind its last stable offset, but the broker lists no producer with an open"
                    + " transaction");
        }
        return sentences;
    }

    /**
     * Returns for each partition the open transaction that began first: nothing behind its first record can be read.
     */
    private static Map<Integer, Producer> firstToEnd(Collection<Producer> producers) {
        Map<Integer, Producer> first = new TreeMap<>();
        for (Producer each : producers) {
            if (each.openFrom().isPresent()) {
                first.merge(
                        each.partition(),
                        each,
                        (a, b) -> a.openFrom().getAsLong() <= b.openFrom().getAsLong() ? a : b);
            }
        }
        return first;
    }

    /** Returns the producer of the transaction that holds back offsets of a partition; empty if the brokers do not show it. */
    Optional<String> holder(String topic, int partition) {
        try {
            return Optional.ofNullable(firstToEnd(producers.find(topic, List.of(partition)))
                            .get(partition))
                    .map(HeldBack::name);
        } catch (TidemarkException e) {
            // The run does not depend on the name.
            return Optional.empty();
        }
    }

    private static String name(Producer producer) {
        return (producer.transactionalId() == null ? "" : producer.transactionalId() + " ") + "(producer id "
                + producer.producerId() + ", epoch " + producer.epoch() + ")";
    }

    private static String sentence(String topic, long offsets, Producer producer, Optional<Transaction> known) {
        long from = producer.openFrom().orElseThrow();
        String what = topic + "[" + producer.partition() + "]: " + offsets
                + " offsets are held back by a transaction of " + name(producer) + ", open from offset " + from;
        if (known.isPresent()) {
            Transaction transaction = known.get();
            return what + " since " + transaction.since() + "; Kafka aborts it "
                    + transaction.timeout().toSeconds()
                    + " s after that (its transaction.timeout.ms). To end it earlier, commit it or stop"
                    + " that producer";
        }
        return what + "; the producer's last record is from " + Instant.ofEpochMilli(producer.lastTimestamp())
                + ". No coordinator shows this transaction to the worker: either the worker's user lacks Describe on the"
                + " transactional id, or the transaction is hanging. A hanging transaction only ends with"
                + " kafka-transactions.sh abort --topic " + topic + " --partition " + producer.partition()
                + " --start-offset " + from
                + " (needs ClusterAction on the cluster; without it, ask the cluster's administrator)";
    }
}
