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
import io.tidemark.state.ChunkRef.Page;
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
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Reads a job's state topic: the last progress records of many partitions at once, and single chunks by offset. */
public final class StateTopic {
    /** The last two offsets are usually a progress record and the commit marker of its transaction. */
    private static final long FIRST_LOOK_BACK = 2;

    /**
     * Partitions whose ends are read at once. A consumer needs about 10 KB of meters and buffers for each assigned
     * partition.
     */
    private static final int PARTITIONS_AT_ONCE = 500;

    /** With more records than this before the next chunk, a seek is cheaper than reading them. */
    private static final long SEEK_DISTANCE = 2_000;

    /** The same in bytes, if the records are about as long as the chunk that is looked for. */
    private static final long SEEK_BYTES = 1024 * 1024;

    private static final Duration POLL = Duration.ofMillis(200);

    private final KafkaClients clients;
    private final TopicCatalog catalog;
    private final String topic;

    /** Creates a reader of the state topic with the given name. */
    public StateTopic(KafkaClients clients, String topic) {
        this.clients = clients;
        this.catalog = new TopicCatalog(clients);
        this.topic = topic;
    }

    /** Returns the name of the topic. */
    public String name() {
        return topic;
    }

    /**
     * Returns the progress of partitions up to the last stable offset, without its chunks; partitions without a record
     * are left out.
     */
    public Map<Integer, PartitionProgress> readStable(Collection<Integer> partitions) {
        return read(catalog.stableBounds(topic, partitions), ProgressCodec::decodeWithoutChunks);
    }

    /** The same for the first partitions of the topic, which are all if it has this many. */
    public Map<Integer, PartitionProgress> readStable(int partitions) {
        return readStable(IntStream.range(0, partitions).boxed().toList());
    }

    /** The same with the chunks, for tests. */
    public Map<Integer, PartitionProgress> readStableWithChunks(Collection<Integer> partitions) {
        return read(catalog.stableBounds(topic, partitions), ProgressCodec::decode);
    }

    /**
     * Returns the progress of partitions up to the current high watermark, for an attempt that has fenced its
     * transactional id. All commits of the id are below the high watermark, and none of its transactions is open, if
     * the answer comes from the partition's leader. A former leader that was frozen and replaced answers with an old
     * high watermark. Therefore {@code producer} checks that its records follow directly after the ends that were read
     * here, and otherwise aborts.
     */
    public Map<Integer, PartitionProgress> readAfterFence(FencingProducer producer, Collection<Integer> partitions) {
        TopicCatalog.Bounds bounds = catalog.bounds(topic, partitions);
        producer.expectNext(topic, bounds.ends());
        return read(bounds, ProgressCodec::decode);
    }

    /** Decodes progress records. */
    @FunctionalInterface
    private interface Decoder {
        PartitionProgress decode(byte[] bytes) throws UnreadableProgressException;
    }

    private Map<Integer, PartitionProgress> read(TopicCatalog.Bounds bounds, Decoder decoder) {
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
                for (int i = 0; i < all.size(); i += PARTITIONS_AT_ONCE) {
                    List<Integer> some = all.subList(i, Math.min(all.size(), i + PARTITIONS_AT_ONCE));
                    readTails(loan, some, from, pending, found, decoder);
                }
                // The whole log was read without finding a record: the partition has no progress.
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
            ConsumerPool.Loan<byte[]> loan,
            List<Integer> partitions,
            Map<Integer, Long> from,
            Map<Integer, Long> ends,
            Map<Integer, PartitionProgress> found,
            Decoder decoder) {
        Set<TopicPartition> unread = new HashSet<>();
        partitions.forEach(partition -> unread.add(new TopicPartition(topic, partition)));
        loan.assign(unread);
        Consumer<byte[], byte[]> consumer = loan.consumer();
        // A partition may still be paused from an earlier assignment.
        consumer.resume(unread);
        unread.forEach(each -> consumer.seek(each, from.getOrDefault(each.partition(), 0L)));
        // Only the last record of a partition must be readable.
        Map<Integer, TidemarkException> unreadable = new TreeMap<>();
        long deadline = System.nanoTime() + clients.retryTimes().state().toNanos();
        while (!unread.isEmpty()) {
            for (ConsumerRecord<byte[], byte[]> each : consumer.poll(POLL)) {
                if (each.offset() < ends.getOrDefault(each.partition(), 0L) && isProgress(each)) {
                    // At once: the records of hundreds of partitions are larger than what they are decoded to.
                    decode(each, decoder, found, unreadable);
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
                        "state topic " + stuck + ": read to offset " + consumer.position(stuck) + " of "
                                + ends.get(stuck.partition())
                                + " within 30 s; a transaction of another client may be open there, find it with"
                                + " kafka-transactions.sh find-hanging");
            }
        }
        for (TidemarkException each : unreadable.values()) {
            throw each;
        }
    }

    private static void decode(
            ConsumerRecord<byte[], byte[]> each,
            Decoder decoder,
            Map<Integer, PartitionProgress> found,
            Map<Integer, TidemarkException> unreadable) {
        try {
            found.put(each.partition(), decoder.decode(each.value()));
            unreadable.remove(each.partition());
        } catch (UnreadableProgressException e) {
            unreadable.put(
                    each.partition(),
                    new TidemarkException(
                            FailureKind.STATE_UNREADABLE,
                            "the progress record in " + where(each) + " " + e.getMessage(),
                            e));
        }
    }

    private boolean isProgress(ConsumerRecord<byte[], byte[]> each) {
        byte[] key = each.key();
        if (key != null) {
            if (StateKeys.isProgress(key) && each.value() != null) {
                return true;
            }
            // Without a value if its window is closed, or needs fewer chunks than before.
            if (StateKeys.isChunk(key)) {
                return false;
            }
        }
        throw new TidemarkException(
                FailureKind.STATE_UNREADABLE,
                where(each) + ": the record was not written by Tidemark. The topic is private to its job: find the"
                        + " other producer and stop it");
    }

    private static String where(ConsumerRecord<byte[], byte[]> each) {
        return each.topic() + "[" + each.partition() + "] at offset " + each.offset();
    }

    /** Receives chunks. */
    @FunctionalInterface
    public interface ChunkHandler {
        /** Receives one of the requested chunks. */
        void chunk(int partition, ChunkRef ref, byte[] bytes);
    }

    /**
     * Reads chunks of several partitions at once. Those of one partition arrive in the order of their offsets.
     *
     * @throws TidemarkException STATE_UNREADABLE if a chunk does not match its reference; KAFKA_UNAVAILABLE if no chunk
     *     arrives for 30 s
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
            read(loan, missing, handler);
            loan.done();
        } catch (OffsetOutOfRangeException e) {
            TopicPartition source = e.partitions().iterator().next();
            Deque<ChunkRef> chunks = missing.getOrDefault(source, new ArrayDeque<>());
            throw chunks.isEmpty()
                    ? KafkaCalls.named("state topic " + topic, e)
                    : missing(source, chunks.getFirst(), "is no longer in the log");
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
            ConsumerPool.Loan<byte[]> loan, Map<TopicPartition, Deque<ChunkRef>> missing, ChunkHandler handler) {
        loan.assign(missing.keySet());
        Consumer<byte[], byte[]> consumer = loan.consumer();
        missing.forEach(
                (source, chunks) -> consumer.seek(source, chunks.getFirst().offset()));
        long deadline = System.nanoTime() + clients.retryTimes().state().toNanos();
        while (!missing.isEmpty()) {
            for (ConsumerRecord<byte[], byte[]> each : consumer.poll(POLL)) {
                TopicPartition source = new TopicPartition(each.topic(), each.partition());
                Deque<ChunkRef> chunks = missing.get(source);
                if (chunks != null && !chunks.isEmpty() && chunks.getFirst().offset() == each.offset()) {
                    ChunkRef ref = chunks.removeFirst();
                    handler.chunk(source.partition(), ref, checked(ref, each));
                    deadline = System.nanoTime() + clients.retryTimes().state().toNanos();
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
                        "state topic " + stuck.getKey() + ": the chunk at offset "
                                + stuck.getValue().getFirst().offset() + " was not received within "
                                + clients.retryTimes().state().toSeconds() + " s");
            }
        }
    }

    private static void towards(Consumer<byte[], byte[]> consumer, TopicPartition source, ChunkRef next) {
        long position = consumer.position(source);
        if (position > next.offset()) {
            throw missing(source, next, "does not exist");
        }
        if (next.offset() - position > seekDistance(next)) {
            consumer.seek(source, next.offset());
        }
    }

    private static long seekDistance(ChunkRef next) {
        Page page = next.page();
        return page == null ? SEEK_DISTANCE : Math.min(SEEK_DISTANCE, SEEK_BYTES / page.bytes());
    }

    private static byte[] checked(ChunkRef ref, ConsumerRecord<byte[], byte[]> found) {
        TopicPartition source = new TopicPartition(found.topic(), found.partition());
        if (found.value() == null || !Arrays.equals(found.key(), StateKeys.chunk(ref.window(), ref.number()))) {
            throw missing(source, ref, "has been replaced by another record");
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

    /** Returns the failure for a chunk of a state topic that cannot be read. */
    public static TidemarkException unreadable(String topic, int partition, ChunkRef ref, Exception why) {
        return new TidemarkException(
                FailureKind.STATE_UNREADABLE,
                "state topic " + topic + "[" + partition + "], chunk " + ref.window() + "/" + ref.number()
                        + " at offset " + ref.offset() + ": " + why.getMessage(),
                why);
    }

    private static TidemarkException missing(TopicPartition source, ChunkRef ref, String problem) {
        return new TidemarkException(
                FailureKind.STATE_UNREADABLE,
                "state topic " + source + " at offset " + ref.offset() + ": the chunk " + ref.window() + "/"
                        + ref.number()
                        + " " + problem + "; did another producer write to the topic, or was its cleanup.policy changed"
                        + " from compact?");
    }

    /** Returns the CRC-32C of a chunk. */
    public static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
