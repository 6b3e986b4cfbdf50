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
 * How far topics can be read, and what lies beyond: records that are there and that no {@code read_committed} reader may
 * see, because a transaction that began before them is open. In the input they are left to the next run; in the output
 * they are rows that nobody sees.
 */
final class HeldBack {
    /** The default of transaction.timeout.ms: who has one open for longer has asked for that, or hangs. */
    private static final Duration OLD = Duration.ofMinutes(1);
    /** Partitions whose producers are asked for; one transaction often spans them all. */
    private static final int MOST_ASKED = 20;
    /** Transactions that are named. */
    private static final int MOST_NAMED = 5;

    private static final long PAUSE_MILLIS = 50;

    private final TopicCatalog catalog;
    private final ActiveProducers producers;
    private final Clock clock;
    private final Duration patience;

    /**
     * Looks at the clients' cluster.
     *
     * @param clock tells what is old; nothing else depends on it
     * @param patience how long one look waits, where the job waits
     */
    HeldBack(KafkaClients clients, Clock clock, Duration patience) {
        this.catalog = new TopicCatalog(clients);
        this.producers = new ActiveProducers(clients);
        this.clock = clock;
        this.patience = patience;
    }

    /**
     * What was found.
     *
     * @param log from the first offset to the last stable one
     * @param offsets how many there are beyond that
     * @param warnings about transactions that have been open for long
     */
    record Look(TopicCatalog.Bounds log, long offsets, List<String> warnings) {}

    /**
     * Looks, and waits where the job says so.
     *
     * @throws TidemarkException TRANSACTION_OPEN where it has waited long enough
     */
    Look look(JobSpec job, List<Integer> partitions) {
        String topic = job.input().topic();
        // Before the other: what is written in between is new, not held back.
        Map<Integer, Long> watermarks = catalog.highWatermarks(topic, partitions);
        TopicCatalog.Bounds log = catalog.stableBounds(topic, partitions);
        Map<Integer, Long> held = log.heldBack(watermarks);
        if (job.input().openTransactions() == OpenTransactions.WAIT) {
            long begun = System.nanoTime();
            while (!held.isEmpty()) {
                if (System.nanoTime() - begun > patience.toNanos()) {
                    throw new TidemarkException(
                            FailureKind.TRANSACTION_OPEN,
                            "the job waits for transactions in its input (input.openTransactions: wait). "
                                    + String.join("; ", sentences(topic, held, Duration.ZERO)));
                }
                Pause.millis(PAUSE_MILLIS);
                log = catalog.stableBounds(topic, partitions);
                held = log.heldBack(watermarks);
            }
        }
        long offsets = held.values().stream().mapToLong(Long::longValue).sum();
        return new Look(log, offsets, held.isEmpty() ? List.of() : sentences(topic, held, OLD));
    }

    /**
     * A sentence for each transaction that has been open for long in a job's output: rows behind it are written, and
     * readers do not see them.
     */
    List<String> inOutput(TopicCatalog.Topic output) {
        List<Integer> all = IntStream.range(0, output.partitions()).boxed().toList();
        try {
            Map<Integer, Long> held = catalog.heldBack(output.name(), all);
            return held.isEmpty()
                    ? List.of()
                    : sentences(output.name(), held, OLD).stream()
                            .map(each -> each + ". Until it has ended, who reads that partition with"
                                    + " isolation.level=read_committed sees none of the rows behind it. Where it is this"
                                    + " job's own, read docs/lifecycle.md on transactions that hang first")
                            .toList();
        } catch (TidemarkException e) {
            // The run does not depend on it.
            return List.of();
        }
    }

    /** A sentence for each transaction that is at least so old, the one that holds back most first. */
    private List<String> sentences(String topic, Map<Integer, Long> held, Duration age) {
        List<Integer> most = held.keySet().stream()
                .sorted(Comparator.comparing(held::get).reversed())
                .limit(MOST_ASKED)
                .toList();
        List<String> sentences = new ArrayList<>();
        try {
            Map<Integer, Producer> first = firstToEnd(producers.find(topic, most));
            Set<Long> named = new HashSet<>();
            for (int partition : most) {
                Producer producer = first.get(partition);
                if (producer != null && named.size() < MOST_NAMED && !named.contains(producer.producerId())) {
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
            // The run does not depend on it.
            sentences.add("who has transactions open in " + topic + " could not be found out: " + e.getMessage());
        }
        if (sentences.isEmpty() && age.isZero()) {
            int partition = most.get(0);
            sentences.add(topic + "[" + partition + "] has " + held.get(partition)
                    + " offsets beyond its last stable one, and no producer that the worker may see");
        }
        return sentences;
    }

    /** In each partition the transaction that began first: nothing behind its first record can be read. */
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

    private static String sentence(String topic, long offsets, Producer producer, Optional<Transaction> known) {
        long from = producer.openFrom().orElseThrow();
        String who = (producer.transactionalId() == null ? "" : producer.transactionalId() + " ") + "(producer id "
                + producer.producerId() + ", epoch " + producer.epoch() + ")";
        String what = topic + "[" + producer.partition() + "]: " + offsets
                + " offsets are held back by a transaction of " + who + ", open from offset " + from;
        if (known.isPresent()) {
            Transaction transaction = known.get();
            return what + " since " + transaction.since() + "; Kafka aborts it when it is "
                    + transaction.timeout().toSeconds()
                    + " s old (its transaction.timeout.ms). To have it sooner, commit"
                    + " or stop that producer";
        }
        return what + ", whose last record is of " + Instant.ofEpochMilli(producer.lastTimestamp())
                + ". No coordinator shows this transaction to the worker: either the worker may not see it (Describe on"
                + " the transactional id), or it hangs, and only kafka-transactions.sh abort --topic " + topic
                + " --partition " + producer.partition() + " --start-offset " + from + " ends it";
    }
}
