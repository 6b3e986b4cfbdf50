package io.tidemark.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
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

    private final String transactionalId;
    private final Producer<byte[], byte[]> producer;
    private final List<Future<RecordMetadata>> sent = new ArrayList<>();

    /**
     * A producer under that id; {@link #fence} is the first call.
     *
     * @param partitions how many it will write to at once, over all topics
     */
    public FencingProducer(KafkaClients clients, String transactionalId, int partitions) {
        this(transactionalId, clients.producer(transactionalId, partitions));
    }

    FencingProducer(String transactionalId, Producer<byte[], byte[]> producer) {
        this.transactionalId = transactionalId;
        this.producer = producer;
    }

    /**
     * Takes the id over: after this no older attempt can write or commit, and none of its transactions is open.
     *
     * @throws io.tidemark.run.TidemarkException as all methods here do, with the name of what went wrong
     */
    public void fence() {
        run("taking over", producer::initTransactions);
    }

    /** Opens the one transaction. */
    public void begin() {
        run("beginning", producer::beginTransaction);
    }

    /** Sends a record; {@link #flush} tells whether it arrived. */
    public void send(
            String topic, int partition, byte @Nullable [] key, byte @Nullable [] value, Map<String, byte[]> headers) {
        List<Header> all = new ArrayList<>(headers.size());
        headers.forEach((name, bytes) -> all.add(new RecordHeader(name, bytes)));
        run("sending to " + topic + "[" + partition + "]", () -> {
            sent.add(producer.send(new ProducerRecord<>(topic, partition, null, key, value, all)));
        });
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
        run("sending", () -> {
            producer.flush();
            for (Future<RecordMetadata> each : sent) {
                offsets.add(offset(each));
            }
        });
        sent.clear();
        return offsets;
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
    void sendOffsets(Map<TopicPartition, OffsetAndMetadata> offsets, ConsumerGroupMetadata group) {
        List<Map.Entry<TopicPartition, OffsetAndMetadata>> all = new ArrayList<>(offsets.entrySet());
        for (int from = 0; from < all.size(); from += OFFSETS_PER_REQUEST) {
            Map<TopicPartition, OffsetAndMetadata> some = new HashMap<>();
            for (var each : all.subList(from, Math.min(all.size(), from + OFFSETS_PER_REQUEST))) {
                some.put(each.getKey(), each.getValue());
            }
            run("sending offsets", () -> producer.sendOffsetsToTransaction(some, group));
        }
    }

    /** Commits. After a failure nobody knows whether it happened; the next attempt's fence and read tell. */
    public void commit() {
        run("committing", producer::commitTransaction);
    }

    /** Ends the open transaction without a trace: for an attempt that nobody will make again. */
    public void abort() {
        run("aborting", producer::abortTransaction);
    }

    private void run(String what, Runnable call) {
        try {
            call.run();
        } catch (KafkaException e) {
            throw KafkaCalls.named("transaction " + transactionalId + ", " + what, e);
        }
    }

    /** Lets go at once; what was not committed is aborted by the next fence, or by the broker's timeout. */
    @Override
    public void close() {
        producer.close(Duration.ZERO);
    }
}
