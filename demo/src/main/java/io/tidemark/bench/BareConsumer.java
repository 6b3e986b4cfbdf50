package io.tidemark.bench;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteBufferDeserializer;

/**
 * Measures the Kafka client alone: reads a topic to its end with default settings and counts bytes, without looking at
 * keys, parsing or writing. For each line on standard input it makes a pass and writes seconds, records and bytes:
 * {@code all} reads from the beginning, {@code new} from the end of the previous pass.
 */
final class BareConsumer {

    private record Read(long records, long bytes) {}

    private final String bootstrapServers;
    private final List<TopicPartition> partitions;
    private final int threads;
    private final Map<TopicPartition, Long> next = new ConcurrentHashMap<>();

    private BareConsumer(String bootstrapServers, List<TopicPartition> partitions, int threads) {
        this.bootstrapServers = bootstrapServers;
        this.partitions = partitions;
        this.threads = Math.min(threads, partitions.size());
    }

    /** Arguments: bootstrap servers, topic, partitions, threads. */
    @SuppressWarnings("SystemOut") // The parent process reads the lines.
    public static void main(String[] arguments) throws Exception {
        List<TopicPartition> partitions = new ArrayList<>();
        for (int partition = 0; partition < Integer.parseInt(arguments[2]); partition++) {
            partitions.add(new TopicPartition(arguments[1], partition));
        }
        BareConsumer bare = new BareConsumer(arguments[0], partitions, Integer.parseInt(arguments[3]));
        ExecutorService pool = Executors.newFixedThreadPool(bare.threads);
        try (BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            String order;
            while ((order = orders.readLine()) != null) {
                if (order.equals("all")) {
                    bare.next.clear();
                }
                System.out.println(bare.pass(pool));
            }
        } finally {
            pool.shutdownNow();
        }
    }

    private String pass(ExecutorService pool) throws Exception {
        long begun = System.nanoTime();
        List<Callable<Read>> readers = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            List<TopicPartition> own = new ArrayList<>();
            for (int i = thread; i < partitions.size(); i += threads) {
                own.add(partitions.get(i));
            }
            readers.add(() -> read(own));
        }
        long records = 0;
        long bytes = 0;
        for (Future<Read> each : pool.invokeAll(readers)) {
            records += each.get().records();
            bytes += each.get().bytes();
        }
        return (System.nanoTime() - begun) / 1e9 + " " + records + " " + bytes;
    }

    private Read read(List<TopicPartition> own) {
        try (KafkaConsumer<ByteBuffer, ByteBuffer> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrapServers),
                new ByteBufferDeserializer(),
                new ByteBufferDeserializer())) {
            consumer.assign(own);
            // In these topics each offset is a record, so counting records is enough to detect the end, and is fast.
            long wanted = 0;
            for (Map.Entry<TopicPartition, Long> end : consumer.endOffsets(own).entrySet()) {
                long from = next.getOrDefault(end.getKey(), 0L);
                consumer.seek(end.getKey(), from);
                next.put(end.getKey(), end.getValue());
                wanted += end.getValue() - from;
            }
            long records = 0;
            long bytes = 0;
            while (records < wanted) {
                for (ConsumerRecord<ByteBuffer, ByteBuffer> each : consumer.poll(Duration.ofSeconds(1))) {
                    records++;
                    bytes += each.value().remaining();
                }
            }
            return new Read(records, bytes);
        }
    }
}
