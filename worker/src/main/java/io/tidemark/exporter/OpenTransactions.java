package io.tidemark.exporter;

import io.tidemark.exporter.Problems.Source;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.cluster.ActiveProducers;
import io.tidemark.kafka.cluster.ActiveProducers.Producer;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The age of the oldest transaction that holds back offsets of a topic. */
final class OpenTransactions {
    /** Partitions of a topic that are asked about, those with most offsets held back first: a transaction often spans all. */
    private static final int MOST = 20;

    private final ActiveProducers producers;

    OpenTransactions(KafkaClients clients) {
        producers = new ActiveProducers(clients);
    }

    /**
     * Returns the ages by topic. A topic is left out if its transactions have ended meanwhile.
     *
     * @param held offsets held back by topic and partition
     */
    Map<String, Duration> ages(Map<String, Map<Integer, Long>> held, Instant now, Problems problems) {
        Map<String, Duration> ages = new HashMap<>();
        held.forEach((topic, offsets) -> {
            List<Integer> most = offsets.entrySet().stream()
                    .sorted(Map.Entry.<Integer, Long>comparingByValue().reversed())
                    .limit(MOST)
                    .map(Map.Entry::getKey)
                    .toList();
            problems.ask(Source.TRANSACTIONS, () -> oldest(topic, most))
                    .flatMap(since -> since)
                    .map(since -> Duration.between(since, now))
                    .ifPresent(age -> ages.put(topic, age.isNegative() ? Duration.ZERO : age));
        });
        return ages;
    }

    private Optional<Instant> oldest(String topic, List<Integer> partitions) {
        return producers.find(topic, partitions).stream()
                .filter(each -> each.openFrom().isPresent())
                .map(each -> since(topic, each))
                .min(Comparator.naturalOrder());
    }

    /** If the coordinator does not show the transaction, its producer's last record is the best sign of its age. */
    private Instant since(String topic, Producer producer) {
        return producers
                .transaction(topic, producer)
                .map(ActiveProducers.Transaction::since)
                .orElse(Instant.ofEpochMilli(producer.lastTimestamp()));
    }
}
