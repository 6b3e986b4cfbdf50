package io.tidemark.testkit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * The expected output of a job of {@link Rig#voltage}, computed from its input topic by a plain {@code read_committed}
 * consumer, Jackson and java.time. It uses neither the test's list of sent records nor the product's code.
 */
public final class Truth {
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final DateTimeFormatter PATTERN =
            DateTimeFormatter.ofPattern("dd/MM/uuuu HH:mm:ss").withResolverStyle(ResolverStyle.STRICT);

    /** A record that is not a bad record. */
    record Counted(long offset, LocalDateTime time, BigDecimal voltage) {
        LocalDate day() {
            return time.toLocalDate();
        }
    }

    /** The expected content of a row. */
    record Totals(long count, BigDecimal sum) {
        static final Totals NONE = new Totals(0, BigDecimal.ZERO);

        Totals plus(BigDecimal voltage) {
            return new Totals(count + 1, sum.add(voltage));
        }
    }

    /** The condition of a job, written again in Java: whether a record counts, or null if it is a bad record. */
    @FunctionalInterface
    public interface Judge {
        /** Every record counts. */
        Judge NONE = record -> true;

        /** Judges the value of a record. */
        @Nullable
        Boolean counts(JsonNode record);
    }

    private final Judge judge;
    private final Map<Integer, List<Counted>> counted = new TreeMap<>();
    private final Map<String, String> bad = new TreeMap<>();

    private long filtered;

    private Truth(Judge judge) {
        this.judge = judge;
    }

    /**
     * Reads the input up to these offsets, by partition.
     *
     * @param client settings of a plain client
     */
    static Truth of(Properties client, String topic, Map<Integer, Long> offsets, Judge judge) {
        Truth truth = new Truth(judge);
        Properties settings = new Properties();
        settings.putAll(client);
        settings.put("isolation.level", "read_committed");
        settings.put("auto.offset.reset", "none");
        settings.put("fetch.max.wait.ms", "10");
        Map<TopicPartition, Long> ends = new HashMap<>();
        offsets.forEach((partition, end) -> ends.put(new TopicPartition(topic, partition), end));
        try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(ends.keySet());
            consumer.seekToBeginning(ends.keySet());
            while (!ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue())) {
                for (ConsumerRecord<byte[], byte[]> each : consumer.poll(Duration.ofMillis(50))) {
                    if (each.offset() < offsets.get(each.partition())) {
                        truth.add(each);
                    }
                }
            }
        }
        return truth;
    }

    private void add(ConsumerRecord<byte[], byte[]> record) {
        JsonNode json = json(record.value());
        Boolean counts = json == null ? null : judge.counts(json);
        if (Boolean.FALSE.equals(counts)) {
            filtered++;
            return;
        }
        Counted found = json == null || counts == null ? null : read(record.offset(), json);
        if (found == null) {
            bad.put(record.partition() + "/" + record.offset(), text(record.value()));
        } else {
            counted.computeIfAbsent(record.partition(), unused -> new ArrayList<>())
                    .add(found);
        }
    }

    private static @Nullable JsonNode json(byte @Nullable [] value) {
        try {
            JsonNode json = value == null ? null : JSON.readTree(new String(value, StandardCharsets.UTF_8));
            return json != null && json.isObject() ? json : null;
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    /** Returns the reading, or null if the record is a bad one. */
    private static @Nullable Counted read(long offset, JsonNode json) {
        try {
            JsonNode datetime = json.path("datetime");
            JsonNode voltage = json.path("voltage");
            return datetime.isTextual() && voltage.isNumber()
                    ? new Counted(offset, LocalDateTime.parse(datetime.textValue(), PATTERN), voltage.decimalValue())
                    : null;
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    /** Returns a value as text; also for a null value. */
    static String text(byte @Nullable [] value) {
        return value == null ? "no value" : new String(value, StandardCharsets.UTF_8);
    }

    /** Returns the values of the bad records by {@code partition/offset}. */
    Map<String, String> bad() {
        return bad;
    }

    /** Returns the good records of a partition. */
    List<Counted> good(int partition) {
        return counted.getOrDefault(partition, List.of());
    }

    /** Returns the number of records that do not count. */
    long filtered() {
        return filtered;
    }

    /** Returns the number of good records of a partition. */
    long counted(int partition) {
        return good(partition).size();
    }

    /** Returns the rows of a partition, by day, after its first {@code n} good records. */
    Map<String, Totals> rowsOfFirst(int partition, long n) {
        Map<String, Totals> rows = new TreeMap<>();
        for (Counted each : good(partition).subList(0, Math.toIntExact(n))) {
            String day = each.day().toString();
            rows.put(day, rows.getOrDefault(day, Totals.NONE).plus(each.voltage()));
        }
        return rows;
    }
}
