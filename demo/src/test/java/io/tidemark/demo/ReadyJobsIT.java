package io.tidemark.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.tidemark.cli.Main;
import io.tidemark.embedded.EmbeddedKafka;
import io.tidemark.embedded.TemporalServer;
import io.tidemark.settings.KafkaSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each ready job over its samples, by the commands of its how-to page, with a real broker and server. The expected rows are
 * computed here from the records of the input, without any class of the engine.
 */
@Timeout(180)
class ReadyJobsIT {
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .setNodeFactory(JsonNodeFactory.withExactBigDecimals(true));

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final ZoneId KOLKATA = ZoneId.of("Asia/Kolkata");

    private static EmbeddedKafka kafka;
    private static TemporalServer temporal;
    private static LocalWorker worker;

    @TempDir
    static Path folder;

    private static Path config;

    @BeforeAll
    static void start() throws IOException {
        kafka = EmbeddedKafka.startDefault();
        temporal = TemporalServer.forTests();
        config = Files.writeString(
                folder.resolve("kafka_server.config"), "bootstrap.servers=" + kafka.bootstrapServers() + "\n");
        worker = LocalWorker.start(
                temporal,
                KafkaSettings.of(Map.of("bootstrap.servers", kafka.bootstrapServers())),
                folder.resolve("staging"));
    }

    @AfterAll
    static void stop() {
        worker.close();
        temporal.close();
        kafka.close();
    }

    /** A row or a record, by partition. */
    private record Place(int partition, String key) {}

    private static String tidemark(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = Main.run(new PrintWriter(out), new PrintWriter(err), arguments);
        assertThat(exitCode).as("%s%n%s%n%s", List.of(arguments), out, err).isZero();
        return out.toString();
    }

    private static String job(String name) {
        return "../jobs/" + name + ".yaml";
    }

    private static void sample(String name, int records, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "sample",
                job(name),
                "--readings",
                String.valueOf(records),
                "--partitions",
                "3",
                "--kafka-config",
                config.toString()));
        arguments.addAll(List.of(more));
        tidemark(arguments.toArray(new String[0]));
    }

    private static void run(String name) {
        tidemark("run", job(name), "--address", temporal.target());
    }

    /** Returns the committed records of a topic, in order. */
    private static List<ConsumerRecord<String, String>> read(String topic) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", kafka.bootstrapServers());
        settings.put("isolation.level", "read_committed");
        List<ConsumerRecord<String, String>> records = new ArrayList<>();
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(each -> new TopicPartition(topic, each.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(each -> consumer.position(each.getKey()) < each.getValue())) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        return records;
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    /** Returns the last row of each key in each partition. */
    private static Map<Place, JsonNode> rows(String topic) {
        Map<Place, JsonNode> rows = new HashMap<>();
        read(topic).forEach(each -> rows.put(new Place(each.partition(), each.key()), json(each.value())));
        return rows;
    }

    /** Returns the records of a topic that count, by the key of the row that they belong to. */
    private static Map<Place, List<JsonNode>> groups(
            String topic, Predicate<JsonNode> counts, Function<JsonNode, String> key) {
        return read(topic).stream()
                .filter(each -> each.value().startsWith("{"))
                .filter(each -> counts.test(json(each.value())))
                .collect(Collectors.groupingBy(
                        each -> new Place(each.partition(), key.apply(json(each.value()))),
                        Collectors.mapping(each -> json(each.value()), Collectors.toList())));
    }

    private static String day(Instant time, ZoneId zone) {
        return time.atZone(zone).toLocalDate().toString();
    }

    private static List<BigDecimal> numbers(List<JsonNode> records, String field) {
        return records.stream()
                .filter(each -> each.has(field))
                .map(each -> new BigDecimal(each.get(field).asText()))
                .sorted()
                .toList();
    }

    private static BigDecimal sum(List<BigDecimal> numbers) {
        return numbers.stream().reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    /** The visits of a channel are in all partitions; its row is where Kafka's producer puts the key. */
    @Test
    void uniqueVisitorsAreCountedByChannelAndHourOverAllPartitions() {
        sample("unique-visitors", 6_000, "--days", "3");
        run("unique-visitors");
        sample("unique-visitors", 4_000, "--days", "3", "--seed", "2", "--bad", "5");
        run("unique-visitors");

        Map<String, List<JsonNode>> expected = read("visits").stream()
                .filter(each -> each.value().startsWith("{"))
                .map(each -> json(each.value()))
                .collect(Collectors.groupingBy(
                        each -> hour(each) + "/" + each.get("channel").asText()));
        Map<Place, JsonNode> rows = rows("unique-visitors");
        assertThat(rows.keySet())
                .isEqualTo(expected.keySet().stream().map(ReadyJobsIT::place).collect(Collectors.toSet()))
                .hasSizeGreaterThan(200);
        expected.forEach((key, visits) -> {
            JsonNode row = rows.get(place(key));
            assertThat(row.get("visits").intValue()).as(key).isEqualTo(visits.size());
            // Up to 512 visitors the count is exact.
            assertThat(row.get("visitors").longValue())
                    .as(key)
                    .isEqualTo(visits.stream()
                            .map(each -> each.get("visitor").asText())
                            .distinct()
                            .count());
        });
        assertThat(read("visits").stream().map(ConsumerRecord::partition).distinct())
                .hasSize(3);
    }

    private static String hour(JsonNode visit) {
        return Instant.ofEpochMilli(visit.get("at").longValue())
                .atZone(BERLIN)
                .truncatedTo(ChronoUnit.HOURS)
                .toOffsetDateTime()
                .toString();
    }

    private static Place place(String key) {
        return new Place(BuiltInPartitioner.partitionForKey(key.getBytes(StandardCharsets.UTF_8), 4), key);
    }

    @Test
    void vendorsAreSettledToTheCentWithOneFinalRowForEachDay() {
        sample("vendor-settlement", 5_000, "--days", "4");
        run("vendor-settlement");

        Map<Place, List<JsonNode>> expected = groups(
                "bills",
                each -> true,
                each -> day(Instant.parse(each.get("issued").asText()), KOLKATA) + "/"
                        + each.get("vendor").asText());
        Map<Place, JsonNode> rows = rows("vendor-settlement");
        assertThat(read("vendor-settlement")).as("one row for each key").hasSize(rows.size());
        assertThat(rows.keySet()).isEqualTo(expected.keySet()).hasSizeGreaterThan(30);
        expected.forEach((place, bills) -> {
            List<BigDecimal> amounts = numbers(bills, "amount");
            assertThat(rows.get(place).get("amount").decimalValue())
                    .as("%s", place)
                    .isEqualTo(sum(amounts).setScale(2));
            assertThat(rows.get(place).get("largest").decimalValue())
                    .isEqualTo(amounts.get(amounts.size() - 1).setScale(2));
            assertThat(rows.get(place).get("bills").intValue()).isEqualTo(bills.size());
        });
    }

    @Test
    void latenciesAreWithinOnePercentOfTheExactQuantiles() {
        sample("latency-5m", 8_000, "--days", "1");
        run("latency-5m");
        sample("latency-5m", 1_000, "--days", "1", "--from", "2006-12-21", "--seed", "2");
        run("latency-5m");

        Map<Place, List<JsonNode>> expected =
                groups("spans", each -> each.get("kind").asText().equals("SERVER"), each -> {
                    long minute = each.get("startNanos").longValue() / 60_000_000_000L;
                    return Instant.ofEpochSecond(minute / 5 * 300) + "/"
                            + each.get("service").asText();
                });
        Map<Place, JsonNode> rows = rows("latency-5m");
        assertThat(rows.keySet()).isEqualTo(expected.keySet()).hasSizeGreaterThan(500);
        expected.forEach((place, spans) -> {
            JsonNode row = rows.get(place);
            List<BigDecimal> durations = numbers(spans, "durationMs");
            assertThat(row.get("requests").intValue()).as("%s", place).isEqualTo(spans.size());
            assertThat(row.get("errors").longValue())
                    .isEqualTo(spans.stream()
                            .filter(each -> each.get("status").intValue() >= 500)
                            .count());
            assertThat(row.get("worst").doubleValue())
                    .isEqualTo(durations.get(durations.size() - 1).doubleValue());
            Map.of("p50", 0.5, "p95", 0.95, "p99", 0.99).forEach((name, at) -> {
                // The smallest value that a share of `at` does not exceed.
                int rank = Math.max(1, (int) Math.ceil(at * durations.size()));
                double exact = durations.get(rank - 1).doubleValue();
                assertThat(row.get(name).doubleValue())
                        .as("%s of %s: %s", name, place, durations)
                        .isCloseTo(exact, within(exact * 0.01));
            });
        });
    }

    @Test
    void errorsAreCountedByHostWithThePathsThatFailMost() {
        sample("errors-by-host", 6_000, "--days", "1");
        run("errors-by-host");
        sample("errors-by-host", 3_000, "--days", "1", "--seed", "2");
        run("errors-by-host");

        DateTimeFormatter hour = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm'Z'", Locale.ROOT)
                .withZone(ZoneOffset.UTC);
        Map<Place, List<JsonNode>> expected = groups(
                "requests",
                each -> !each.get("path").asText().startsWith("/health"),
                each -> hour.format(Instant.parse(each.get("time").asText()).truncatedTo(ChronoUnit.HOURS)) + "/"
                        + each.get("host").asText());
        Map<Place, JsonNode> rows = rows("errors-by-host");
        assertThat(rows.keySet()).isEqualTo(expected.keySet()).hasSizeGreaterThan(100);
        expected.forEach((place, requests) -> {
            JsonNode row = rows.get(place);
            Map<String, Long> failures = new TreeMap<>(requests.stream()
                    .filter(each -> each.get("status").intValue() >= 500)
                    .collect(Collectors.groupingBy(each -> each.get("path").asText(), Collectors.counting())));
            assertThat(row.get("requests").intValue()).as("%s", place).isEqualTo(requests.size());
            assertThat(row.get("errors").longValue())
                    .isEqualTo(failures.values().stream()
                            .mapToLong(Long::longValue)
                            .sum());
            List<BigDecimal> bytes = numbers(requests, "bytes");
            assertThat(row.get("bytes").isNull() ? null : row.get("bytes").decimalValue())
                    .isEqualTo(bytes.isEmpty() ? null : sum(bytes));
            // Fewer paths than counters, so the counts are exact.
            List<Long> most = new ArrayList<>();
            for (JsonNode path : row.get("paths")) {
                assertThat(path.get("atLeast").longValue())
                        .isEqualTo(path.get("atMost").longValue())
                        .isEqualTo(failures.get(path.get("value").asText()));
                most.add(path.get("atLeast").longValue());
            }
            assertThat(most)
                    .isEqualTo(failures.values().stream()
                            .sorted((a, b) -> Long.compare(b, a))
                            .limit(3)
                            .toList());
        });
    }

    @Test
    void sensorsAreSummarisedByTheKeyOfTheirRecords() {
        sample("sensors-hourly", 4_000, "--days", "1");
        run("sensors-hourly");
        sample("sensors-hourly", 2_000, "--days", "1", "--seed", "2");
        run("sensors-hourly");

        DateTimeFormatter hour = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm'Z'", Locale.ROOT)
                .withZone(ZoneOffset.UTC);
        Map<Place, List<JsonNode>> expected = read("sensors").stream()
                .filter(each -> {
                    JsonNode celsius = json(each.value()).get("celsius");
                    return celsius != null && celsius.doubleValue() > -90 && celsius.doubleValue() < 70;
                })
                .collect(Collectors.groupingBy(
                        each -> new Place(
                                each.partition(),
                                hour.format(Instant.ofEpochMilli(json(each.value())
                                                        .get("at")
                                                        .longValue())
                                                .truncatedTo(ChronoUnit.HOURS))
                                        + "/" + each.key()),
                        Collectors.mapping(each -> json(each.value()), Collectors.toList())));
        Map<Place, JsonNode> rows = rows("sensors-hourly");
        assertThat(rows.keySet()).isEqualTo(expected.keySet()).hasSizeGreaterThan(200);
        expected.forEach((place, records) -> {
            JsonNode row = rows.get(place);
            List<BigDecimal> celsius = numbers(records, "celsius");
            BigDecimal count = BigDecimal.valueOf(celsius.size());
            BigDecimal mean = sum(celsius).divide(count, 6, RoundingMode.HALF_UP);
            assertThat(row.get("readings").intValue()).as("%s", place).isEqualTo(celsius.size());
            assertThat(row.get("low").decimalValue()).isEqualTo(celsius.get(0));
            assertThat(row.get("high").decimalValue()).isEqualTo(celsius.get(celsius.size() - 1));
            assertThat(row.get("mean").decimalValue()).isEqualTo(mean);
            double squares = celsius.stream()
                    .mapToDouble(each -> Math.pow(each.subtract(mean).doubleValue(), 2))
                    .sum();
            if (celsius.size() == 1) {
                assertThat(row.get("noise").isNull()).isTrue();
            } else {
                assertThat(row.get("noise").doubleValue())
                        .isCloseTo(Math.sqrt(squares / (celsius.size() - 1)), within(1e-6));
            }
            // Of records with the same time the one with the higher offset is the last; a stable sort keeps their
            // order.
            List<JsonNode> batteries = records.stream()
                    .filter(each -> each.has("battery"))
                    .sorted((a, b) ->
                            Long.compare(a.get("at").longValue(), b.get("at").longValue()))
                    .toList();
            assertThat(row.get("battery").isNull() ? null : row.get("battery").decimalValue())
                    .isEqualTo(
                            batteries.isEmpty()
                                    ? null
                                    : batteries
                                            .get(batteries.size() - 1)
                                            .get("battery")
                                            .decimalValue());
        });
    }
}
