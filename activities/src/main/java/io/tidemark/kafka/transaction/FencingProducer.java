package io.tidemark.kafka.transaction;

import io.tidemark.kafka.client.Access;
import io.tidemark.kafka.client.KafkaCalls;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.Right;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/**
 * One attempt's transactional producer: fence once, one transaction, close. It never retries and never initialises
 * again; after any failure it is closed without waiting, and the next attempt begins with the fence.
 */
public class FencingProducer implements AutoCloseable {
    /** A request for offsets must stay well below 1 MiB. */
    private static final int OFFSETS_PER_REQUEST = 2_000;

    /**
     * A batch that is being filled takes its own buffer and its own compressor, 160 KB and more: of thousands of
     * partitions only so many are filled at once.
     */
    private static final int PARTITIONS_AT_ONCE = 128;

    private final String transactionalId;
    private final Producer<byte[], byte[]> producer;
    private final @Nullable TopicCatalog catalog;
    private final List<Sent> sent = new ArrayList<>();
    /** Partitions whose batches may not be on their way. */
    private final Set<TopicPartition> filling = new HashSet<>();

    private @Nullable TopicPartition last;
    private @Nullable String expectedTopic;
    /** By partition of that topic, the offset that the next record must get. */
    private final Map<Integer, Long> expected = new HashMap<>();

    /** A record under way; {@code bytes} are those of key and value. */
    private record Sent(Future<RecordMetadata> answer, String topic, int partition, int bytes) {}

    /**
     * A producer under that id; {@link #fence} is the first call.
     *
     * @param partitions how many it will write to at once, over all topics
     */
    public FencingProducer(KafkaClients clients, String transactionalId, int partitions) {
        this(transactionalId, clients.producer(transactionalId, partitions), new TopicCatalog(clients));
    }

    FencingProducer(String transactionalId, Producer<byte[], byte[]> producer) {
        this(transactionalId, producer, null);
    }

    private FencingProducer(String transactionalId, Producer<byte[], byte[]> producer, @Nullable TopicCatalog catalog) {
        this.transactionalId = transactionalId;
        this.producer = producer;
        this.catalog = catalog;
    }

    /**
     * Takes the id over: after this no older attempt can write or commit, and none of its transactions is open.
     *
     * @throws io.tidemark.run.TidemarkException as all methods here do, with the name of what went wrong
     */
    public void fence() {
        run("taking over", own(), producer::initTransactions);
    }

    /**
     * Says which offsets the next records to partitions of a topic must get. Where one gets another, {@link #flush} aborts
     * the transaction and fails: the partition was longer than whoever told its end.
     */
    public void expectNext(String topic, Map<Integer, Long> ends) {
        expectedTopic = topic;
        expected.putAll(ends);
    }

    /** Opens the one transaction. */
    public void begin() {
        run("beginning", own(), producer::beginTransaction);
    }

    /** Sends a record; {@link #flush} tells whether it arrived. */
    public void send(
            String topic, int partition, byte @Nullable [] key, byte @Nullable [] value, Map<String, byte[]> headers) {
        List<Header> all = new ArrayList<>(headers.size());
        headers.forEach((name, bytes) -> all.add(new RecordHeader(name, bytes)));
        run("sending to " + topic + "[" + partition + "]", Access.topic(topic, Right.WRITE), () -> {
            makeRoom(topic, partition);
            int bytes = (key == null ? 0 : key.length) + (value == null ? 0 : value.length);
            sent.add(new Sent(
                    producer.send(new ProducerRecord<>(topic, partition, null, key, value, all)),
                    topic,
                    partition,
                    bytes));
        });
    }

    private void makeRoom(String topic, int partition) {
        if (last == null || last.partition() != partition || !last.topic().equals(topic)) {
            last = new TopicPartition(topic, partition);
            if (filling.size() == PARTITIONS_AT_ONCE && !filling.contains(last)) {
                producer.flush();
                filling.clear();
            }
            filling.add(last);
        }
    }

    /** How many records were sent since the last {@link #flush}: the index that the next one's offset will have. */
    public int sent() {
        return sent.size();
    }

    /**
     * Waits for everything that was sent, and returns the offsets it got, in the order of sending. They are certain
     * because one batch is in flight at a time: the answer to a duplicate of several would not know them.
     */
    public List<Long> flush() {
        List<Long> offsets = new ArrayList<>(sent.size());
        run("sending", own(), () -> {
            producer.flush();
            for (Sent each : sent) {
                long offset = offset(each.answer());
                requireExpected(each, offset);
                offsets.add(offset);
            }
        });
        sent.clear();
        filling.clear();
        last = null;
        return offsets;
    }

    private void requireExpected(Sent record, long offset) {
        Long end = record.topic().equals(expectedTopic) ? expected.remove(record.partition()) : null;
        if (end != null && end != offset) {
            throw abortAfter(new TidemarkException(
                    FailureKind.KAFKA_UNAVAILABLE,
                    record.topic() + "[" + record.partition() + "] was read to offset " + end
                            + ", and what this attempt wrote begins at " + offset
                            + ": a broker that does not lead the partition any more told an old end. Nothing was"
                            + " committed; the next attempt reads again"));
        }
    }

    /** Ends the open transaction without a trace. */
    void abort() {
        run("aborting", own(), producer::abortTransaction);
    }

    /**
     * Aborts for an attempt that stops before its commit: perhaps nobody makes it again, and readers would wait for the broker
     * to end what is open.
     *
     * @return why it stops
     */
    public RuntimeException abortAfter(RuntimeException why) {
        try {
            abort();
        } catch (TidemarkException e) {
            // As when a newer attempt has taken over; its fence has ended the transaction.
            why.addSuppressed(e);
        }
        return why;
    }

    private static long offset(Future<RecordMetadata> sent) {
        try {
            return sent.get().offset();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof KafkaException known ? known : new KafkaException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptException(e);
        }
    }

    /** Puts offsets of a consumer group into the transaction. */
    public void sendOffsets(Map<TopicPartition, OffsetAndMetadata> offsets, ConsumerGroupMetadata group) {
        List<Map.Entry<TopicPartition, OffsetAndMetadata>> all = new ArrayList<>(offsets.entrySet());
        for (int from = 0; from < all.size(); from += OFFSETS_PER_REQUEST) {
            Map<TopicPartition, OffsetAndMetadata> some = new HashMap<>();
            for (var each : all.subList(from, Math.min(all.size(), from + OFFSETS_PER_REQUEST))) {
                some.put(each.getKey(), each.getValue());
            }
            run(
                    "sending offsets",
                    Access.group(group.groupId(), Right.READ),
                    () -> producer.sendOffsetsToTransaction(some, group));
        }
    }

    /** Commits. After a failure nobody knows whether it happened; the next attempt's fence and read tell. */
    public void commit() {
        run("committing", own(), producer::commitTransaction);
    }

    private Access own() {
        return Access.transactionalId(transactionalId, Right.WRITE);
    }

    private void run(String what, Access needed, Runnable call) {
        try {
            call.run();
        } catch (KafkaException e) {
            TidemarkException named = KafkaCalls.named("transaction " + transactionalId + ", " + what, e, needed);
            throw named.kind() == FailureKind.RECORD_TOO_LARGE ? tooLarge(named) : named;
        }
    }

    /**
     * One record that is too large ends the transaction, and so fails all that were sent with it, with the same error:
     * the one that exceeds its topic's limit most is it.
     */
    private TidemarkException tooLarge(TidemarkException named) {
        Map<String, Sent> largest = new HashMap<>();
        for (Sent each : sent) {
            if (failed(each.answer())) {
                largest.merge(each.topic(), each, (a, b) -> a.bytes() >= b.bytes() ? a : b);
            }
        }
        Map<String, Long> limits = new HashMap<>();
        largest.keySet().forEach(topic -> limits.put(topic, limit(topic)));
        Sent culprit = largest.values().stream()
                .max(Comparator.comparingDouble(each -> (double) each.bytes() / limits.getOrDefault(each.topic(), 1L)))
                .orElse(null);
        if (culprit == null) {
            return named;
        }
        String where = culprit.topic() + "[" + culprit.partition() + "]: a record of " + culprit.bytes()
                + " bytes (key and value, uncompressed) is too large: ";
        String what = String.valueOf(named.getMessage()).contains(ProducerConfig.MAX_REQUEST_SIZE_CONFIG)
                ? "max.request.size of the worker's producers is less; raise it with --kafka-producer-config"
                : "max.message.bytes of topic " + culprit.topic() + " is " + limits.get(culprit.topic())
                        + "; raise it: kafka-configs.sh --alter --entity-type topics --entity-name " + culprit.topic()
                        + " --add-config max.message.bytes=…";
        return new TidemarkException(FailureKind.RECORD_TOO_LARGE, where + what, named);
    }

    private static boolean failed(Future<RecordMetadata> answer) {
        try {
            offset(answer);
            return false;
        } catch (KafkaException e) {
            return true;
        }
    }

    /** The broker's default where the worker may not see the topic's own. */
    private long limit(String topic) {
        try {
            return Optional.ofNullable(catalog)
                    .flatMap(each -> each.setting(topic, "max.message.bytes"))
                    .map(Long::parseLong)
                    .orElse(TopicCatalog.DEFAULT_MESSAGE_BYTES);
        } catch (TidemarkException e) {
            // It only makes the message better.
            return TopicCatalog.DEFAULT_MESSAGE_BYTES;
        }
    }

    /** Lets go at once; what was not committed is aborted by the next fence, or by the broker's timeout. */
    @Override
    public void close() {
        producer.close(Duration.ZERO);
    }
}
