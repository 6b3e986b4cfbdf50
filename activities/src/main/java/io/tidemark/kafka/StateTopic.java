package io.tidemark.kafka;

import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.ChunkRef;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.ProgressCodec;
import io.tidemark.state.StateKeys;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Reads a job's state topic: the last progress record of many partitions at once, and single chunks by offset. */
public final class StateTopic {
    /** A record and the marker of its commit lie before the end. */
    /** Markers take some milliseconds; what is open for longer belongs to an attempt that lives or died. */
    private static final Duration MOST_FOR_MARKERS = Duration.ofSeconds(2);

    private static final long MARKER_PAUSE_MILLIS = 5;
    private static final long FIRST_LOOK_BACK = 2;

    /** Beyond this many records in between, a seek is cheaper than reading on. */
    private static final long WORTH_A_SEEK = 2_000;

    private static final Duration POLL = Duration.ofMillis(200);
    private static final long PATIENCE_NANOS = 30_000_000_000L;

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
     * The same, but waits before that, and not for ever, until no transaction is open in these partitions. A commit is
     * answered before its markers are written, and until they are, the last stable offset hides what it brought.
     */
    public Map<Integer, PartitionProgress> readSettled(Collection<Integer> partitions) {
        long begun = System.nanoTime();
        TopicCatalog.Bounds stable = catalog.stableBounds(topic, partitions);
        while (!stable.ends().equals(catalog.bounds(topic, partitions).ends())
                && System.nanoTime() - begun < MOST_FOR_MARKERS.toNanos()) {
            Pause.millis(MARKER_PAUSE_MILLIS);
            stable = catalog.stableBounds(topic, partitions);
        }
        return read(stable);
    }

    /**
     * The progress of partitions up to what the high watermark is now. After the slice's id was fenced this is final:
     * every commit that the id ever made lies below, and none is open.
     */
    public Map<Integer, PartitionProgress> readToHighWatermark(Collection<Integer> partitions) {
        return read(catalog.bounds(topic, partitions));
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
        try (ConsumerPool.Loan<byte[]> loan = clients.stateConsumer()) {
            for (long back = FIRST_LOOK_BACK; !pending.isEmpty(); back *= 4) {
                Map<Integer, Long> from = new HashMap<>();
                for (Map.Entry<Integer, Long> each : pending.entrySet()) {
                    from.put(each.getKey(), Math.max(begins.getOrDefault(each.getKey(), 0L), each.getValue() - back));
                }
                readTails(loan.consumer(), from, pending, found);
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
            Map<Integer, Long> from,
            Map<Integer, Long> ends,
            Map<Integer, PartitionProgress> found) {
        Set<TopicPartition> unread = new HashSet<>();
        from.keySet().forEach(partition -> unread.add(new TopicPartition(topic, partition)));
        consumer.assign(unread);
        // A partition that was assigned before is still paused.
        consumer.resume(unread);
        from.forEach((partition, offset) -> consumer.seek(new TopicPartition(topic, partition), offset));
        Map<TopicPartition, ConsumerRecord<byte[], byte[]>> last = new HashMap<>();
        long deadline = System.nanoTime() + PATIENCE_NANOS;
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
            unread.removeAll(read);
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
        last.forEach(
                (partition, each) -> found.put(partition.partition(), ProgressCodec.decode(each.value(), where(each))));
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
        void chunk(ChunkRef ref, byte[] bytes);
    }

    /** Reads chunks of these partitions, one partition after the other. */
    public ChunkReader chunkReader(Collection<Integer> partitions) {
        return new ChunkReader(
                partitions.stream().map(each -> new TopicPartition(topic, each)).toList());
    }

    /**
     * Chunks of some partitions. All of them are assigned once: with each new assignment the client asks for the metadata
     * of the whole topic, which for a thousand partitions takes longer than to read the chunks of one.
     */
    public final class ChunkReader implements AutoCloseable {
        private final List<TopicPartition> partitions;
        private ConsumerPool.@Nullable Loan<byte[]> loan;
        private boolean sound = true;

        private ChunkReader(List<TopicPartition> partitions) {
            this.partitions = partitions;
        }

        /**
         * Reads chunks of one partition.
         *
         * @throws TidemarkException STATE_UNREADABLE where one is not what its reference says
         */
        public void read(int partition, Collection<ChunkRef> wanted, ChunkHandler handler) {
            if (wanted.isEmpty()) {
                return;
            }
            TopicPartition source = new TopicPartition(topic, partition);
            List<ChunkRef> inOrder = wanted.stream()
                    .sorted(Comparator.comparingLong(ChunkRef::offset))
                    .toList();
            sound = false;
            try {
                Consumer<byte[], byte[]> consumer = consumer();
                consumer.resume(List.of(source));
                readInOrder(consumer, source, inOrder, handler);
                consumer.pause(List.of(source));
                sound = true;
            } catch (KafkaException e) {
                throw KafkaCalls.named("state " + source, e, Access.topic(topic, Right.READ));
            }
        }

        private Consumer<byte[], byte[]> consumer() {
            if (loan == null) {
                loan = clients.stateConsumer();
                loan.consumer().assign(partitions);
                loan.consumer().pause(partitions);
                // Nobody asks for a position before there is one.
                partitions.forEach(each -> loan.consumer().seek(each, 0));
            }
            return loan.consumer();
        }

        @Override
        public void close() {
            if (loan != null) {
                if (sound) {
                    loan.done();
                }
                loan.close();
            }
        }
    }

    private static void readInOrder(
            Consumer<byte[], byte[]> consumer, TopicPartition source, List<ChunkRef> inOrder, ChunkHandler handler) {
        int next = 0;
        long position = Long.MIN_VALUE;
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (next < inOrder.size()) {
            long offset = inOrder.get(next).offset();
            if (position == Long.MIN_VALUE || offset - position > WORTH_A_SEEK) {
                consumer.seek(source, offset);
            }
            for (ConsumerRecord<byte[], byte[]> each : consumer.poll(POLL)) {
                if (next < inOrder.size() && each.offset() == inOrder.get(next).offset()) {
                    ChunkRef ref = inOrder.get(next++);
                    handler.chunk(ref, checked(ref, each));
                    deadline = System.nanoTime() + PATIENCE_NANOS;
                }
            }
            position = consumer.position(source);
            if (next < inOrder.size() && position > inOrder.get(next).offset()) {
                throw missing(source, inOrder.get(next), "is not there");
            }
            if (System.nanoTime() > deadline) {
                throw new TidemarkException(
                        FailureKind.KAFKA_UNAVAILABLE,
                        "chunk at offset " + offset + " of state " + source + " did not come within 30 s");
            }
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
