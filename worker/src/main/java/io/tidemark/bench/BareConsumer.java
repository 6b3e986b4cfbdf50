package io.tidemark.bench;

import static java.util.Objects.requireNonNull;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteBufferDeserializer;

/**
 * What the client alone costs: reads a topic to its end with default settings and counts bytes. It has no keys to look
 * at, nothing to parse, nothing to write. For each line that it gets it makes a pass and answers with seconds, records
 * and bytes.
 */
final class BareConsumer {

    private record Read(long records, long bytes) {}

    private BareConsumer() {}

    /** Arguments: bootstrap servers, topic, partitions, threads. */
    @SuppressWarnings("SystemOut") // Its parent reads the lines.
    public static void main(String[] arguments) throws Exception {
        String bootstrapServers = arguments[0];
        List<TopicPartition> partitions = new ArrayList<>();
        for (int partition = 0; partition < Integer.parseInt(arguments[2]); partition++) {
            partitions.add(new TopicPartition(arguments[1], partition));
        }
        int threads = Math.min(Integer.parseInt(arguments[3]), partitions.size());
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try (BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            while (orders.readLine() != null) {
                System.out.println(pass(bootstrapServers, partitions, threads, pool));
            }
        } finally {
            pool.shutdownNow();
        }
    }

    private static String pass(
            String bootstrapServers, List<TopicPartition> partitions, int threads, ExecutorService pool)
            throws Exception {
        long begun = System.nanoTime();
        List<Callable<Read>> readers = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            List<TopicPartition> own = new ArrayList<>();
            for (int i = thread; i < partitions.size(); i += threads) {
                own.add(partitions.get(i));
            }
            readers.add(() -> read(bootstrapServers, own));
        }
        long records = 0;
        long bytes = 0;
        for (Future<Read> each : pool.invokeAll(readers)) {
            records += each.get().records();
            bytes += each.get().bytes();
        }
        return (System.nanoTime() - begun) / 1e9 + " " + records + " " + bytes;
    }

    private static Read read(String bootstrapServers, List<TopicPartition> partitions) throws IOException {
        try (KafkaConsumer<ByteBuffer, ByteBuffer> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrapServers),
                new ByteBufferDeserializer(),
                new ByteBufferDeserializer())) {
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            long records = 0;
            long bytes = 0;
            List<TopicPartition> open = new ArrayList<>(partitions);
            while (true) {
                open.removeIf(each -> consumer.position(each) >= requireNonNull(ends.get(each)));
                if (open.isEmpty()) {
                    return new Read(records, bytes);
                }
                for (ConsumerRecord<ByteBuffer, ByteBuffer> each : consumer.poll(Duration.ofSeconds(1))) {
                    records++;
                    bytes += each.value().remaining();
                }
            }
        }
    }
}
