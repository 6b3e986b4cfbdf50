package io.tidemark.kafka.input;

import io.tidemark.embedded.Producers;
import io.tidemark.run.PartitionRange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/**
 * A topic with everything that producers can write: each compression; interleaved transactions of several producers,
 * committed, aborted or open; empty, large and null keys and values; headers. A seed gives the same records, though not
 * always the same batches.
 */
final class RandomLog implements AutoCloseable {
    private static final List<String> COMPRESSIONS = List.of("none", "gzip", "snappy", "lz4", "zstd");
    private static final long TIME = 1_700_000_000_000L;

    private final Random random;
    private final String topic;
    private final int partitions;
    private final int largest;
    private final List<KafkaProducer<byte[], byte[]>> plain = new ArrayList<>();
    private final List<KafkaProducer<byte[], byte[]>> transactional = new ArrayList<>();
    private final List<Boolean> open = new ArrayList<>();

    /**
     * Writes to an existing topic.
     *
     * @param largest maximum size of a key or value in bytes
     */
    RandomLog(String bootstrapServers, String topic, int partitions, long seed, int largest) {
        this.random = new Random(seed);
        this.topic = topic;
        this.partitions = partitions;
        this.largest = largest;
        for (int i = 0; i < COMPRESSIONS.size(); i++) {
            Map<String, Object> settings = settings(bootstrapServers, i);
            settings.put("enable.idempotence", i % 2 == 0);
            plain.add(Producers.ofBytes(settings));
        }
        for (int i = 0; i < 3; i++) {
            Map<String, Object> settings = settings(bootstrapServers, random.nextInt(COMPRESSIONS.size()));
            settings.put("transactional.id", topic + "-" + i);
            KafkaProducer<byte[], byte[]> producer = Producers.ofBytes(settings);
            producer.initTransactions();
            transactional.add(producer);
            open.add(false);
        }
    }

    private Map<String, Object> settings(String bootstrapServers, int compression) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", bootstrapServers);
        settings.put("compression.type", COMPRESSIONS.get(compression));
        settings.put("batch.size", 1 << (10 + random.nextInt(6)));
        settings.put("linger.ms", 1_000);
        settings.put("max.request.size", 4 << 20);
        settings.put("retry.backoff.ms", 5);
        return settings;
    }

    /** Runs {@code steps} steps; each is a burst of one producer, or the begin or the end of a transaction. */
    void write(int steps) {
        for (int i = 0; i < steps; i++) {
            if (random.nextBoolean()) {
                burst(plain.get(random.nextInt(plain.size())));
            } else {
                transactionalStep(random.nextInt(transactional.size()));
            }
        }
    }

    private void transactionalStep(int which) {
        KafkaProducer<byte[], byte[]> producer = transactional.get(which);
        if (!open.get(which)) {
            producer.beginTransaction();
            open.set(which, true);
            burst(producer);
        } else if (random.nextInt(3) == 0) {
            burst(producer);
        } else {
            end(which);
        }
    }

    private void end(int which) {
        if (random.nextBoolean()) {
            transactional.get(which).commitTransaction();
        } else {
            transactional.get(which).abortTransaction();
        }
        open.set(which, false);
    }

    /** Ends open transactions. */
    void settle() {
        for (int i = 0; i < open.size(); i++) {
            if (open.get(i)) {
                end(i);
            }
        }
    }

    private void burst(KafkaProducer<byte[], byte[]> producer) {
        int records = 1 + random.nextInt(random.nextInt(5) == 0 ? 300 : 20);
        int partition = random.nextInt(partitions);
        for (int i = 0; i < records; i++) {
            if (random.nextInt(10) == 0) {
                partition = random.nextInt(partitions);
            }
            var unused = producer.send(new ProducerRecord<>(
                    topic, partition, TIME + random.nextInt(100_000_000), field(), field(), headers()));
        }
        producer.flush();
    }

    private byte @Nullable [] field() {
        int kind = random.nextInt(200);
        if (kind < 20) {
            return null;
        }
        byte[] field = new byte[kind < 40 ? 0 : kind == 40 ? random.nextInt(largest) : random.nextInt(60)];
        if (random.nextBoolean()) {
            random.nextBytes(field);
        }
        return field;
    }

    private List<Header> headers() {
        return IntStream.range(0, random.nextInt(5) == 0 ? random.nextInt(4) : 0)
                .<Header>mapToObj(i -> new RecordHeader("header-" + i, field()))
                .toList();
    }

    /** Returns random ranges between these offsets; unlike a plan's, they begin and end anywhere. */
    List<PartitionRange> ranges(Map<Integer, Long> first, Map<Integer, Long> end) {
        List<PartitionRange> ranges = new ArrayList<>();
        first.forEach((partition, from) -> {
            long offsets = end.get(partition) - from;
            if (random.nextInt(6) > 0) {
                long begin = from + (offsets == 0 ? 0 : random.nextLong(offsets));
                long length = end.get(partition) - begin;
                ranges.add(new PartitionRange(
                        partition,
                        begin,
                        random.nextInt(3) == 0 ? begin + length : begin + (length == 0 ? 0 : random.nextLong(length))));
            }
        });
        return ranges;
    }

    @Override
    public void close() {
        plain.forEach(KafkaProducer::close);
        transactional.forEach(each -> each.close(Duration.ZERO));
    }
}
