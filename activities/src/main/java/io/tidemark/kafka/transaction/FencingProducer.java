package io.tidemark.kafka.transaction;

import io.tidemark.kafka.client.Access;
import io.tidemark.kafka.client.KafkaCalls;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.KafkaObserver;
import io.tidemark.kafka.client.KafkaObserver.Ending;
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
 * The transactional producer of one attempt: it fences once, runs one transaction and closes. It never retries and
 * never initialises again. After a failure it closes without waiting, and the next attempt begins with its own fence.
 * Not safe for use by several threads.
 */
public class FencingProducer implements AutoCloseable {
    /** Keeps a request for offsets well below 1 MiB. */
    private static final int OFFSETS_PER_REQUEST = 2_000;

    /** Partitions with an unsent batch at once. Such a batch needs its own buffer and compressor, at least 160 KB. */
    private static final int PARTITIONS_AT_ONCE = 128;

    /**
     * Bytes of keys and values that are sent before the producer waits for the broker. A record that waits for longer
     * than delivery.timeout.ms fails the transaction, and a producer quota can make the broker accept little at a time.
     */
    static final int UNSENT = 8 * 1024 * 1024;

    private final String transactionalId;
    private final Producer<byte[], byte[]> producer;
    private final @Nullable TopicCatalog catalog;
    private final TransactionTimer timer;
    private final KafkaObserver observer;
    private final List<Sent> sent = new ArrayList<>();
    /** Partitions that may have an unsent batch. */
    private final Set<TopicPartition> filling = new HashSet<>();

    private long unsent;
    private boolean open;
    private @Nullable TopicPartition last;
    /** The offset that the next record to a partition must get. */
    private final Map<TopicPartition, Long> expected = new HashMap<>();

    /**
     * A record that was sent.
     *
     * @param bytes size of key and value
     */
    private record Sent(Future<RecordMetadata> answer, String topic, int partition, int bytes) {}

    /**
     * Creates a producer with the given transactional id; the caller must call {@link #fence} first.
     *
     * @param partitions how many partitions it writes to at once, over all topics
     */
    public FencingProducer(KafkaClients clients, String transactionalId, int partitions) {
        this(
                transactionalId,
                clients.producer(transactionalId, partitions),
                new TopicCatalog(clients),
                TransactionTimer.of(clients, transactionalId),
                clients.observer());
    }

    FencingProducer(String transactionalId, Producer<byte[], byte[]> producer, TransactionTimer timer) {
        this(transactionalId, producer, timer, KafkaObserver.NONE);
    }

    FencingProducer(
            String transactionalId, Producer<byte[], byte[]> producer, TransactionTimer timer, KafkaObserver observer) {
        this(transactionalId, producer, null, timer, observer);
    }

    private FencingProducer(
            String transactionalId,
            Producer<byte[], byte[]> producer,
            @Nullable TopicCatalog catalog,
            TransactionTimer timer,
            KafkaObserver observer) {
        this.transactionalId = transactionalId;
        this.producer = producer;
        this.catalog = catalog;
        this.timer = timer;
        this.observer = observer;
    }

    /**
     * Fences older attempts: after this no older producer with this id can write or commit, and none of its
     * transactions is open.
     *
     * @throws io.tidemark.run.TidemarkException as all methods here, with the kind of failure
     */
    public void fence() {
        run("fencing older attempts", own(), producer::initTransactions);
    }

    /**
     * Defines the offsets that the next records to partitions of a topic must get. If one gets another offset, {@link
     * #flush} aborts the transaction and fails: then {@code ends} came from a broker that was not the leader any more,
     * and the partition was longer.
     */
    public void expectNext(String topic, Map<Integer, Long> ends) {
        ends.forEach((partition, end) -> expected.put(new TopicPartition(topic, partition), end));
    }

    /** What a transaction sends. */
    @FunctionalInterface
    public interface Sends<E extends Exception> {
        void run() throws E;
    }

    /**
     * Runs one transaction: begins it, sends, and commits. If the sends fail, whatever the reason, the transaction is
     * aborted: if no other attempt follows, readers would otherwise wait until the broker aborts it after its timeout.
     *
     * @throws E if the sends fail with it
     */
    public <E extends Exception> void transaction(Sends<E> sends) throws E {
        begin();
        try {
            sends.run();
        } catch (Exception | VirtualMachineError | LinkageError e) {
            if (open && isPointless(e)) {
                observer.transaction(unconfirmed(e));
            } else if (open) {
                abortAfter(e);
            }
            throw e;
        }
        commit();
    }

    /**
     * Returns whether an abort would be refused, because of a newer attempt, or would wait for a broker that does not
     * answer.
     */
    private static boolean isPointless(Throwable why) {
        return why instanceof TidemarkException known
                && (known.kind() == FailureKind.FENCED || known.kind() == FailureKind.KAFKA_UNAVAILABLE);
    }

    void begin() {
        run("beginning it", own(), producer::beginTransaction);
        timer.begin();
        open = true;
    }

    /** Sends a record; errors may only be thrown by {@link #flush}. */
    public void send(
            String topic, int partition, byte @Nullable [] key, byte @Nullable [] value, Map<String, byte[]> headers) {
        List<Header> all = new ArrayList<>(headers.size());
        headers.forEach((name, bytes) -> all.add(new RecordHeader(name, bytes)));
        run("sending to " + topic + "[" + partition + "]", Access.topic(topic, Right.WRITE), () -> {
            makeRoom(topic, partition);
            int bytes = (key == null ? 0 : key.length) + (value == null ? 0 : value.length);
            unsent += bytes;
            sent.add(new Sent(
                    producer.send(new ProducerRecord<>(topic, partition, null, key, value, all)),
                    topic,
                    partition,
                    bytes));
        });
    }

    private void makeRoom(String topic, int partition) {
        if (unsent >= UNSENT) {
            producer.flush();
            filling.clear();
            last = null;
            unsent = 0;
        }
        if (last == null || last.partition() != partition || !last.topic().equals(topic)) {
            last = new TopicPartition(topic, partition);
            if (filling.size() == PARTITIONS_AT_ONCE && !filling.contains(last)) {
                producer.flush();
                filling.clear();
            }
            filling.add(last);
        }
    }

    /**
     * Returns how many records were sent since the last {@link #flush}: the index of the next record's offset in its
     * result.
     */
    public int sent() {
        return sent.size();
    }

    /**
     * Waits for all sent records, and returns their offsets in the order of sending. Only one batch is in flight at a
     * time: with several, the broker's answer to a duplicate batch may lack the offsets. If an answer lacks one anyway,
     * the transaction is aborted, because chunks are found by their offsets.
     */
    public List<Long> flush() {
        List<Long> offsets = new ArrayList<>(sent.size());
        run("sending", own(), () -> {
            producer.flush();
            for (Sent each : sent) {
                long offset = offset(each.answer());
                requireKnown(each, offset);
                requireExpected(each, offset);
                offsets.add(offset);
            }
        });
        sent.clear();
        filling.clear();
        last = null;
        unsent = 0;
        return offsets;
    }

    private void requireKnown(Sent record, long offset) {
        if (offset < 0) {
            throw afterAbort(record.topic() + "[" + record.partition()
                    + "]: the broker accepted a record, but its answer has the offset " + offset
                    + ". Nothing was committed; the next attempt sends it again");
        }
    }

    private void requireExpected(Sent record, long offset) {
        Long end = expected.isEmpty() ? null : expected.remove(new TopicPartition(record.topic(), record.partition()));
        if (end != null && end != offset) {
            throw afterAbort(record.topic() + "[" + record.partition() + "] was read to offset " + end
                    + ", but this attempt's first record got offset " + offset
                    + ": the end came from a broker that is no longer the leader of the partition. Nothing was"
                    + " committed; the next attempt reads again");
        }
    }

    /** Aborts the transaction of a broker that answers, and returns a failure that is retried. */
    private TidemarkException afterAbort(String why) {
        TidemarkException failure = new TidemarkException(FailureKind.KAFKA_UNAVAILABLE, why);
        abortAfter(failure);
        return failure;
    }

    /** Aborts the open transaction. */
    void abort() {
        open = false;
        run("aborting", own(), producer::abortTransaction);
        observer.transaction(Ending.ABORTED);
    }

    private void abortAfter(Throwable why) {
        // Kafka's client does nothing in a thread that is interrupted, as that of an activity is when its worker stops.
        boolean interrupted = Thread.interrupted();
        try {
            abort();
        } catch (RuntimeException e) {
            // For example, a newer attempt may have fenced this one; that has aborted the transaction already.
            why.addSuppressed(e);
            observer.transaction(unconfirmed(e));
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
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

    /** Adds offsets of a consumer group to the transaction. */
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

    /** After a failure the outcome is unknown; the next attempt fences and then reads what was committed. */
    void commit() {
        // After a failure, an abort could be too late.
        open = false;
        try {
            run("committing", own(), producer::commitTransaction);
        } catch (RuntimeException e) {
            observer.transaction(unconfirmed(e));
            throw e;
        }
        observer.transaction(Ending.COMMITTED);
    }

    /** Returns how a transaction ended whose commit or abort the broker did not confirm. */
    private static Ending unconfirmed(Throwable why) {
        return why instanceof TidemarkException known && known.kind() == FailureKind.FENCED
                ? Ending.FENCED
                : Ending.UNKNOWN;
    }

    private Access own() {
        return Access.transactionalId(transactionalId, Right.WRITE);
    }

    private void run(String what, Access needed, Runnable call) {
        try {
            call.run();
        } catch (KafkaException e) {
            TidemarkException named = KafkaCalls.named("transaction " + transactionalId + ", " + what, e, needed);
            throw named.kind() == FailureKind.RECORD_TOO_LARGE
                    ? tooLarge(named)
                    : timer.explain(named, throttleMillis());
        }
    }

    /** Returns how long the brokers delayed a request of this producer because of a quota, in milliseconds, at most. */
    private long throttleMillis() {
        return producer.metrics().entrySet().stream()
                .filter(each -> each.getKey().name().equals("produce-throttle-time-max"))
                .map(each -> each.getValue().metricValue())
                .mapToLong(each -> each instanceof Double millis && millis > 0 ? Math.round(millis) : 0)
                .max()
                .orElse(0);
    }

    /**
     * Returns the failure with the name of the record that is too large. One such record aborts the transaction, so all
     * records of it fail with the same error; the culprit is the one that exceeds its topic's limit most.
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
                ? "max.request.size of the worker's producers is lower; raise it with --kafka-producer-config"
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

    /** Returns the topic's max.message.bytes, or the broker's default if the worker may not see it. */
    private long limit(String topic) {
        try {
            return Optional.ofNullable(catalog)
                    .flatMap(each -> each.setting(topic, "max.message.bytes"))
                    .map(Long::parseLong)
                    .orElse(TopicCatalog.DEFAULT_MESSAGE_BYTES);
        } catch (TidemarkException e) {
            // The limit only makes the message better.
            return TopicCatalog.DEFAULT_MESSAGE_BYTES;
        }
    }

    /** Closes without waiting. An open transaction is aborted by the next fence or by the broker's timeout. */
    @Override
    public void close() {
        producer.close(Duration.ZERO);
    }
}
