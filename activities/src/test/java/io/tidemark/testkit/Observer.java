package io.tidemark.testkit;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A {@code read_committed} reader of an output topic that polls continuously, from before the topic exists, on its own
 * thread.
 *
 * <p>It cuts what it reads at last stable offsets. Below such an offset all transactions are complete, whatever part of
 * them a single poll returns; so if a cut contains a row of a batch without the batch's other rows of the partition,
 * any reader could see that. Markers are written partition by partition, so cuts of different partitions are not
 * compared.
 */
public final class Observer implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(20);
    private static final long TIMEOUT_SECONDS = 30;

    private final String topic;
    private final Properties settings = new Properties();
    private final List<Cut> cuts = new ArrayList<>();
    private final CompletableFuture<List<Cut>> end = new CompletableFuture<>();
    private final Thread thread;
    private volatile boolean ending;

    /** A committed row. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Row(String key, byte[] value) {}

    /** The rows of a partition since the cut before, in the log's order. */
    record Cut(int partition, List<Row> rows) {}

    private Observer(Properties client, String topic) {
        this.topic = topic;
        settings.putAll(client);
        settings.put("isolation.level", "read_committed");
        settings.put("auto.offset.reset", "none");
        settings.put("allow.auto.create.topics", "false");
        settings.put("fetch.max.wait.ms", String.valueOf(POLL.toMillis()));
        thread = new Thread(this::watch, "observer-" + topic);
        thread.setDaemon(true);
    }

    /** Begins to read a rig's output. */
    public static Observer of(Rig rig) {
        Observer observer = new Observer(rig.clientSettings(), rig.output());
        observer.thread.start();
        return observer;
    }

    private void watch() {
        try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = partitions(consumer);
            if (partitions.isEmpty()) {
                end.complete(cuts);
                return;
            }
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            List<ConsumerRecord<byte[], byte[]>> read = new ArrayList<>();
            boolean last;
            do {
                last = ending;
                try {
                    Map<TopicPartition, Long> stable = consumer.endOffsets(partitions);
                    while (!stable.entrySet().stream()
                            .allMatch(each -> consumer.position(each.getKey()) >= each.getValue())) {
                        consumer.poll(POLL).forEach(read::add);
                    }
                    cut(stable, read);
                    if (!last) {
                        consumer.poll(POLL).forEach(read::add);
                    }
                } catch (RetriableException e) {
                    // The broker is unavailable; only the last read must be complete.
                    last = false;
                }
            } while (!last);
            end.complete(cuts);
        } catch (Throwable e) {
            end.completeExceptionally(e);
        }
    }

    private List<TopicPartition> partitions(KafkaConsumer<byte[], byte[]> consumer) {
        while (true) {
            try {
                List<PartitionInfo> found = consumer.partitionsFor(topic);
                if (found != null && !found.isEmpty()) {
                    return found.stream()
                            .map(each -> new TopicPartition(topic, each.partition()))
                            .toList();
                }
                if (ending) {
                    return List.of();
                }
                Thread.sleep(POLL.toMillis());
            } catch (RetriableException e) {
                // The topic does not exist yet.
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Takes the rows below the last stable offsets; rows above may belong to an incomplete transaction. */
    private void cut(Map<TopicPartition, Long> stable, List<ConsumerRecord<byte[], byte[]>> read) {
        Map<Integer, List<Row>> rows = new TreeMap<>();
        read.removeIf(each -> {
            boolean whole = each.offset() < stable.get(new TopicPartition(topic, each.partition()));
            if (whole) {
                rows.computeIfAbsent(each.partition(), unused -> new ArrayList<>())
                        .add(new Row(new String(each.key(), StandardCharsets.UTF_8), each.value()));
            }
            return whole;
        });
        rows.forEach((partition, all) -> cuts.add(new Cut(partition, all)));
    }

    /** Reads once more, ends, and returns the cuts in order. */
    List<Cut> end() {
        ending = true;
        try {
            return end.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | TimeoutException e) {
            throw new IllegalStateException("the observer of " + topic + " did not end", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the observer of " + topic + " failed", e.getCause());
        }
    }

    /** Ends without a check: the cuts were returned before, or the trial has already failed. */
    @Override
    public void close() {
        ending = true;
    }
}
