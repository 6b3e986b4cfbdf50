package io.tidemark.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.embedded.Producers;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A program for {@code --beside}, with nothing but what docs/performance.md says. With an output in the environment it makes
 * one pass; otherwise one for each line of its standard input.
 */
final class MeansProgram {

    private static final ObjectMapper JSON = new ObjectMapper();

    private record Total(long count, double sum) {
        Total plus(Total other) {
            return new Total(count + other.count, sum + other.sum);
        }
    }

    private MeansProgram() {}

    /** The argument is {@code wrong} for rows with one record too few in the second pass, or in the only one. */
    @SuppressWarnings("SystemOut") // The bench reads the answers.
    public static void main(String[] arguments) throws IOException {
        boolean wrong = List.of(arguments).contains("wrong");
        String only = System.getenv("BENCH_OUTPUT");
        if (only != null) {
            pass(only, wrong);
            return;
        }
        BufferedReader outputs = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        int passes = 0;
        for (String output = outputs.readLine(); output != null; output = outputs.readLine()) {
            passes++;
            pass(output, wrong && passes == 2);
            System.out.println("read everything");
            System.out.println("done");
        }
    }

    private static void pass(String output, boolean wrong) {
        Map<String, Object> settings = Map.of("bootstrap.servers", System.getenv("BENCH_BOOTSTRAP_SERVERS"));
        List<TopicPartition> partitions = IntStream.range(0, Integer.parseInt(System.getenv("BENCH_PARTITIONS")))
                .mapToObj(each -> new TopicPartition(System.getenv("BENCH_INPUT"), each))
                .toList();
        Map<Integer, Map<String, Total>> totals = new HashMap<>();
        try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (var record : consumer.poll(Duration.ofMillis(100))) {
                    add(record.value(), totals.computeIfAbsent(record.partition(), each -> new TreeMap<>()));
                }
            }
        }
        try (var producer = Producers.ofStrings(settings)) {
            totals.forEach((partition, days) -> days.forEach((day, total) -> producer.send(new ProducerRecord<>(
                    output,
                    partition,
                    day,
                    "{\"count\":" + (wrong ? total.count() - 1 : total.count()) + ",\"voltage\":"
                            + Math.rint(1e6 * total.sum() / total.count()) / 1e6 + "}"))));
        }
    }

    private static void add(byte[] value, Map<String, Total> days) {
        try {
            JsonNode reading = JSON.readTree(value);
            String time = reading.get("datetime").asText();
            String day = time.substring(6, 10) + "-" + time.substring(3, 5) + "-" + time.substring(0, 2);
            days.merge(day, new Total(1, reading.get("voltage").asDouble()), Total::plus);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
