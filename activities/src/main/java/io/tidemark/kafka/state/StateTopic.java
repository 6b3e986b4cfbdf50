package io.tidemark.kafka.state;

import io.tidemark.kafka.client.Access;
import io.tidemark.kafka.client.ConsumerPool;
import io.tidemark.kafka.client.KafkaCalls;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.Right;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.kafka.transaction.FencingProducer;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.ChunkRef;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.ProgressCodec;
import io.tidemark.state.StateKeys;
import io.tidemark.state.UnreadableProgressException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Reads a job's state topic: the last progress record of many partitions at once, and single chunks by offset. */
public final class StateTopic {
    /** A record and the marker of its commit lie before the end. */
    private static final long FIRST_LOOK_BACK = 2;

    /** A consumer keeps some 10 KB of meters and buffers for each partition that it is assigned to. */
    private static final int TAILS_AT_ONCE = 500;

    /** Beyond this many records in between, a seek is cheaper than reading on. */
    private static final long WORTH_A_SEEK = 2_000;

    private static final Duration POLL = Duration.ofMillis(200);

    private final KafkaClients clients;
    private final TopicCatalog catalog;
    private final String topic;

    /** The state topic of that name. */
    public StateTopic(KafkaClients clients, String topic) {
        this.clients = clients;
        this.catalog = new TopicCatalog(clients);
        this.topic = topic;
    }

    /** The progress of partitions as far as the last stable offset; partitions without a record are left out. */
    public Map<Integer, PartitionProgress> readStable(Collection<Integer> partitions) {
        return read(catalog.stableBounds(topic, partitions));
    }

    /**
     * The progress of partitions up to what the high watermark is now, for an attempt that has fenced its id. Every commit
     * that the id ever made lies below, and none is open; if it is the leader that answers. One that was frozen and replaced
     * does not know that yet, and answers from before. So the producer makes sure that what it writes to these partitions
     * follows right behind what was read here, else nothing is committed.
     */
    public Map<Integer, PartitionProgress> readAfterFence(FencingProducer producer, Collection<Integer> partitions) {
        TopicCatalog.Bounds bounds = catalog.bounds(topic, partitions);
        producer.expectNext(topic, bounds.ends());
        return read(bounds);
    }

    private Map<Integer, PartitionProgress> read(TopicCatalog.Bounds bounds) {
        Map<Integer, PartitionProgress> found = new TreeMap<>();
        Map<Integer, Long> begins = bounds.begins();
        Map<Integer, Long> pending = new HashMap<>();
        bounds.ends().forEach((partition, end) -> {
            if (end > begins.getOrDefault(partition, 0L)) {
                pending.put(partition, end);
            }
        });
        if (pending.isEmpty()) {
            return found;
        }
        try (ConsumerPool.Loan<byte[]> loan = clients.stateConsumer(topic)) {
            for (long back = FIRST_LOOK_BACK; !pending.isEmpty(); back *= 4) {
                Map<Integer, Long> from = new HashMap<>();
                for (Map.Entry<Integer, Long> each : pending.entrySet()) {
                    from.put(each.getKey(), Math.max(begins.getOrDefault(each.getKey(), 0L), each.getValue() - back));
                }
                List<Integer> all = List.copyOf(from.keySet());
                for (int i = 0; i < all.size(); i += TAILS_AT_ONCE) {
                    List<Integer> some = all.subList(i, Math.min(all.size(), i + TAILS_AT_ONCE));
                    readTails(loan.consumer(), some, from, pending, found);
                }
                // Nothing between the begin and the end: the partition has no progress record.
                pending.keySet()
                        .removeIf(partition -> found.containsKey(partition)
                                || from.getOrDefault(partition, 0L) <= begins.getOrDefault(partition, 0L));
            }
            loan.done();
        } catch (KafkaException e) {
            throw KafkaCalls.named("state topic " + topic, e, Access.topic(topic, Right.READ));
        }
        return found;
    }

    private void readTails(
            Consumer<byte[], byte[]> consumer,
            List<Integer> partitions,
            Map<Integer, Long> from,
            Map<Integer, Long> ends,
            Map<Integer, PartitionProgress> found) {
        Set<TopicPartition> unread = new HashSet<>();
        partitions.forEach(partition -> unread.add(new TopicPartition(topic, partition)));
        consumer.assign(unread);
        // A partition that was assigned before is still paused.
        consumer.resume(unread);
        unread.forEach(each -> consumer.seek(each, from.getOrDefault(each.partition(), 0L)));
        Map<TopicPartition, ConsumerRecord<byte[], byte[]>> last = new HashMap<>();
        long deadline = System.nanoTime() + clients.patience().state().toNanos();
        while (!unread.isEmpty()) {
            for (ConsumerRecord<byte[], byte[]> each : consumer.poll(POLL)) {
                TopicPartition partition = new TopicPartition(topic, each.partition());
                if (each.offset() < ends.getOrDefault(each.partition(), 0L) && isProgress(each)) {
                    last.put(partition, each);
                }
            }
            List<TopicPartition> read = new ArrayList<>();
            for (TopicPartition each : unread) {
                if (consumer.position(each) >= ends.getOrDefault(each.partition(), 0L)) {
                    read.add(each);
                }
            }
            read.forEach(unread::remove);
            consumer.pause(read);
            if (System.nanoTime() > deadline) {
                TopicPartition stuck = unread.iterator().next();
                throw new TidemarkException(
                        FailureKind.KAFKA_UNAVAILABLE,
                        "state " + stuck + " was read to offset " + consumer.position(stuck) + " of "
                                + ends.get(stuck.partition())
                                + " and no further; a transaction of another client may be open there"
                                + " (kafka-transactions.sh find-hanging)");
            }
        }
        last.forEach((partition, each) -> found.put(partition.partition(), progress(each)));
    }

    private static PartitionProgress progress(ConsumerRecord<byte[], byte[]> each) {
        try {
            return ProgressCodec.decode(each.value());
        } catch (UnreadableProgressException e) {
            throw new TidemarkException(
                    FailureKind.STATE_UNREADABLE, "the progress record in " + where(each) + " " + e.getMessage(), e);
        }
    }

    private boolean isProgress(ConsumerRecord<byte[], byte[]> each) {
        byte[] key = each.key();
        if (key != null && each.value() != null) {
            if (StateKeys.isProgress(key)) {
                return true;
            }
            if (StateKeys.isChunk(key)) {
                return false;
            }
        }
        throw new TidemarkException(
                FailureKind.STATE_UNREADABLE,
                where(each) + ": this record is not one of Tidemark's; the topic is private to its job, find out who"
                        + " writes there");
    }

    private static String where(ConsumerRecord<byte[], byte[]> each) {
        return each.topic() + "[" + each.partition() + "] at offset " + each.offset();
    }

    /** Hears of chunks. */
    @FunctionalInterface
    public interface ChunkHandler {
        /** Called for each chunk that was asked for. */
        void chunk(int partition, ChunkRef ref, byte[] bytes);
    }

    /**
     * Reads chunks of some partitions at once. Those of one partition come in the order of their offsets.
     *
     * @throws TidemarkException STATE_UNREADABLE where one is not what its reference says
     */
    public void readChunks(Map<Integer, List<ChunkRef>> wanted, ChunkHandler handler) {
        Map<TopicPartition, Deque<ChunkRef>> missing = new HashMap<>();
        wanted.forEach((partition, chunks) -> {
            if (!chunks.isEmpty()) {
                missing.put(new TopicPartition(topic, partition), inOrder(chunks));
            }
        });
        if (missing.isEmpty()) {
            return;
        }
        try (ConsumerPool.Loan<byte[]> loan = clients.stateConsumer(topic)) {
            read(loan.consumer(), missing, handler);
            loan.done();
        } catch (OffsetOutOfRangeException e) {
            TopicPartition source = e.partitions().iterator().next();
            Deque<ChunkRef> chunks = missing.getOrDefault(source, new ArrayDeque<>());
            throw chunks.isEmpty()
                    ? KafkaCalls.named("state topic " + topic, e)
                    : missing(source, chunks.getFirst(), "is not in the log any more");
        } catch (KafkaException e) {
            throw KafkaCalls.named("state topic " + topic, e, Access.topic(topic, Right.READ));
        }
    }

    private static Deque<ChunkRef> inOrder(List<ChunkRef> chunks) {
        return chunks.stream()
                .sorted(Comparator.comparingLong(ChunkRef::offset))
                .collect(Collectors.toCollection(ArrayDeque::new));
    }

    private void read(
            Consumer<byte[], byte[]> consumer, Map<TopicPartition, Deque<ChunkRef>> missing, ChunkHandler handler) {
        consumer.assign(missing.keySet());
        missing.forEach(
                (source, chunks) -> consumer.seek(source, chunks.getFirst().offset()));
        long deadline = System.nanoTime() + clients.patience().state().toNanos();
        while (!missing.isEmpty()) {
            for (ConsumerRecord<byte[], byte[]> each : consumer.poll(POLL)) {
                TopicPartition source = new TopicPartition(each.topic(), each.partition());
                Deque<ChunkRef> chunks = missing.get(source);
                if (chunks != null && !chunks.isEmpty() && chunks.getFirst().offset() == each.offset()) {
                    ChunkRef ref = chunks.removeFirst();
                    handler.chunk(source.partition(), ref, checked(ref, each));
                    deadline = System.nanoTime() + clients.patience().state().toNanos();
                }
            }
            List<TopicPartition> complete = new ArrayList<>();
            missing.forEach((source, chunks) -> {
                if (chunks.isEmpty()) {
                    complete.add(source);
                } else {
                    towards(consumer, source, chunks.getFirst());
                }
            });
            complete.forEach(missing::remove);
            consumer.pause(complete);
            if (System.nanoTime() > deadline) {
                Map.Entry<TopicPartition, Deque<ChunkRef>> stuck =
                        missing.entrySet().iterator().next();
                throw new TidemarkException(
                        FailureKind.KAFKA_UNAVAILABLE,
                        "chunk at offset " + stuck.getValue().getFirst().offset() + " of state " + stuck.getKey()
                                + " did not come within "
                                + clients.patience().state().toSeconds() + " s");
            }
        }
    }

    private static void towards(Consumer<byte[], byte[]> consumer, TopicPartition source, ChunkRef next) {
        long position = consumer.position(source);
        if (position > next.offset()) {
            throw missing(source, next, "is not there");
        }
        if (next.offset() - position > WORTH_A_SEEK) {
            consumer.seek(source, next.offset());
        }
    }

    private static byte[] checked(ChunkRef ref, ConsumerRecord<byte[], byte[]> found) {
        TopicPartition source = new TopicPartition(found.topic(), found.partition());
        if (found.value() == null || !Arrays.equals(found.key(), StateKeys.chunk(ref.window(), ref.number()))) {
            throw missing(source, ref, "is another record");
        }
        int checksum = checksum(found.value());
        if (checksum != ref.checksum()) {
            throw missing(
                    source,
                    ref,
                    "has the checksum " + Integer.toHexString(checksum) + ", not "
                            + Integer.toHexString(ref.checksum()));
        }
        return found.value();
    }

    private static TidemarkException missing(TopicPartition source, ChunkRef ref, String problem) {
        return new TidemarkException(
                FailureKind.STATE_UNREADABLE,
                "state " + source + " at offset " + ref.offset() + ": the chunk " + ref.window() + "/" + ref.number()
                        + " " + problem + "; was the topic written to, or its cleanup.policy changed from compact?");
    }

    /** CRC-32C of a chunk. */
    public static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
