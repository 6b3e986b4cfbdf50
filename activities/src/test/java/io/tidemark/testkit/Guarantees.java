package io.tidemark.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.job.JobNames;
import io.tidemark.job.Scope;
import io.tidemark.state.PartitionProgress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.assertj.core.data.Percentage;

/** Checks the guarantees of the protocol after any fault, from Kafka's data alone and without code of the product. */
public final class Guarantees {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Guarantees() {}

    /** Checks all guarantees for a job of {@link Rig#voltage} whose last run has succeeded. */
    public static void holdAtTheEnd(Rig rig) {
        noReaderSeesACountFall(rig);
        rowsAreThoseOf(rig, rig.sent());
        offsetsAreThoseOfTheState(rig);
    }

    /**
     * Checks all guarantees for a job of {@link Rig#voltage} whose last run has read everything and succeeded, from the
     * content of the input topic.
     *
     * @param observer has read the output since before the first run
     */
    public static void holdForTheInput(Rig rig, Observer observer) {
        holdForTheInput(rig, observer, Truth.Judge.NONE, false);
    }

    /**
     * The same; after an operator has aborted a transaction that hung in the state, the dead letters of its batch may be
     * there again, because they can be committed where the state is not.
     */
    public static void holdForTheInput(Rig rig, Observer observer, boolean repaired) {
        holdForTheInput(rig, observer, Truth.Judge.NONE, repaired);
    }

    /**
     * The same for a job with a condition.
     *
     * @return how many records of the input do not count
     */
    public static long holdForTheInput(Rig rig, Observer observer, Truth.Judge judge) {
        return holdForTheInput(rig, observer, judge, false);
    }

    private static long holdForTheInput(Rig rig, Observer observer, Truth.Judge judge, boolean repaired) {
        offsetsAreThoseOfTheState(rig);
        assertThat(rig.groupOffsets())
                .as("offsets of the group, and where the input ends")
                .isEqualTo(rig.ends());
        noTransactionIsOpenIn(rig, rig.output());
        Truth truth = Truth.of(rig.clientSettings(), rig.input(), rig.groupOffsets(), judge);
        if (rig.job().scope() == Scope.TOPIC) {
            observer.end();
            rowsAreThoseOfAll(rig, truth);
        } else {
            observerSawWholeBatches(truth, rig.ends().keySet(), observer.end());
        }
        deadLettersAreTheBadRecords(rig, truth, repaired);
        return truth.filtered();
    }

    /** An open transaction would hold back readers until the broker aborts it. */
    public static void noTransactionIsOpenIn(Rig rig, String topic) {
        // The response to a commit comes before its markers are written.
        await("no transaction is open in " + topic)
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> rig.ends(topic, IsolationLevel.READ_COMMITTED)
                        .equals(rig.ends(topic, IsolationLevel.READ_UNCOMMITTED)));
    }

    /**
     * At each cut the rows of a partition must be those of a prefix of its input records. No prefix matches if a reader
     * sees a part of a batch, a record that is counted twice or left out, or rows that go back. From cut to cut no
     * count falls. At the end the prefix is the whole input.
     */
    private static void observerSawWholeBatches(Truth truth, Set<Integer> partitions, List<Observer.Cut> cuts) {
        Map<Integer, Map<String, JsonNode>> seen = new TreeMap<>();
        partitions.forEach(partition -> seen.put(partition, new TreeMap<>()));
        for (Observer.Cut cut : cuts) {
            Map<String, JsonNode> rows = seen.get(cut.partition());
            for (Observer.Row row : cut.rows()) {
                JsonNode value = parse(new String(row.value(), StandardCharsets.UTF_8));
                JsonNode before = rows.put(row.key(), value);
                assertThat(count(value))
                        .as("count of %s/%s after %s", cut.partition(), row.key(), before)
                        .isGreaterThanOrEqualTo(before == null ? 0 : count(before));
            }
            long counted = rows.values().stream().mapToLong(Guarantees::count).sum();
            assertThat(counted)
                    .as("records of partition %s in its rows", cut.partition())
                    .isLessThanOrEqualTo(truth.counted(cut.partition()));
            rowsAre(cut.partition(), rows, truth.rowsOfFirst(cut.partition(), counted));
        }
        seen.forEach(
                (partition, rows) -> rowsAre(partition, rows, truth.rowsOfFirst(partition, truth.counted(partition))));
    }

    /** At the end the rows have all records of all partitions, each in the partition of Kafka's partitioner; no count falls. */
    private static void rowsAreThoseOfAll(Rig rig, Truth truth) {
        Map<String, Truth.Totals> all = new TreeMap<>();
        rig.ends()
                .keySet()
                .forEach(partition -> truth.rowsOfFirst(partition, truth.counted(partition))
                        .forEach((day, totals) -> all.merge(
                                rig.rowPartition(partition, day) + "/" + day,
                                totals,
                                (a, b) -> new Truth.Totals(
                                        a.count() + b.count(), a.sum().add(b.sum())))));
        noReaderSeesACountFall(rig);
        rowsAre(-1, rig.rows(), all);
        noTransactionIsOpenIn(rig, JobNames.partialsTopic(rig.job()));
    }

    private static void rowsAre(int partition, Map<String, JsonNode> rows, Map<String, Truth.Totals> truth) {
        Map<String, Long> counts = new TreeMap<>();
        rows.forEach((key, row) -> counts.put(key, count(row)));
        Map<String, Long> expected = new TreeMap<>();
        truth.forEach((key, totals) -> expected.put(key, totals.count()));
        assertThat(counts)
                .as("counts by day that a reader saw in partition %s", partition)
                .isEqualTo(expected);
        truth.forEach((key, totals) -> assertThat(rows.get(key).path("voltage").doubleValue())
                .as("mean of %s/%s", partition, key)
                .isCloseTo(
                        totals.sum()
                                .divide(BigDecimal.valueOf(totals.count()), MathContext.DECIMAL64)
                                .doubleValue(),
                        Percentage.withPercentage(1e-7)));
    }

    private static long count(JsonNode row) {
        return row.get("count").longValue();
    }

    /** Each bad record has one dead letter with its value. */
    private static void deadLettersAreTheBadRecords(Rig rig, Truth truth, boolean repaired) {
        Stream<String> found = rig.readAll(rig.output() + ".dead-letter").stream()
                .map(each -> header(each, "tidemark.partition") + "/" + header(each, "tidemark.offset") + "="
                        + Truth.text(each.value()));
        List<String> letters = (repaired ? found.distinct() : found).toList();
        assertThat(letters)
                .as("dead letters")
                .containsExactlyInAnyOrderElementsOf(
                        truth.bad().entrySet().stream().map(Map.Entry::toString).toList());
    }

    private static String header(ConsumerRecord<?, ?> record, String name) {
        return Truth.text(record.headers().lastHeader(name).value());
    }

    /**
     * Checks that the last rows are the count and the mean of exactly these values, by day, in the partition of the
     * values.
     */
    public static void rowsAreThoseOf(Rig rig, Map<Integer, List<String>> values) {
        Map<String, BigDecimal> sums = new TreeMap<>();
        Map<String, Long> counts = new TreeMap<>();
        values.forEach((partition, each) -> each.forEach(value -> {
            JsonNode json = parse(value);
            String datetime = json.get("datetime").textValue();
            String day = datetime.substring(6, 10) + "-" + datetime.substring(3, 5) + "-" + datetime.substring(0, 2);
            String key = rig.rowPartition(partition, day) + "/" + day;
            sums.merge(key, new BigDecimal(json.get("voltage").asText()), BigDecimal::add);
            counts.merge(key, 1L, Long::sum);
        }));
        Map<String, JsonNode> rows = rig.rows();
        assertThat(rows.keySet()).as("keys of the rows").isEqualTo(sums.keySet());
        sums.forEach((key, sum) -> {
            JsonNode row = rows.get(key);
            assertThat(row.get("count").longValue()).as("count of %s", key).isEqualTo(counts.get(key));
            double mean = sum.divide(BigDecimal.valueOf(counts.get(key)), MathContext.DECIMAL64)
                    .doubleValue();
            assertThat(row.get("voltage").isNumber())
                    .as("the mean of %s is a number", key)
                    .isTrue();
            assertThat(row.get("voltage").doubleValue())
                    .as("mean of %s", key)
                    .isCloseTo(mean, Percentage.withPercentage(1e-7));
        });
    }

    /** Checks that no later row of a key has a lower count. */
    public static void noReaderSeesACountFall(Rig rig) {
        Map<String, Long> seen = new HashMap<>();
        for (Rig.Row each : rig.history()) {
            String key = each.partition() + "/" + each.key();
            long count = each.value().get("count").longValue();
            assertThat(count)
                    .as("count of %s after %s", key, seen.get(key))
                    .isGreaterThanOrEqualTo(seen.getOrDefault(key, 0L));
            seen.put(key, count);
        }
    }

    /** Checks that the group's offsets equal the stored progress, as after a commit. */
    public static void offsetsAreThoseOfTheState(Rig rig) {
        Map<Integer, Long> stored = new TreeMap<>();
        for (Map.Entry<Integer, PartitionProgress> each : rig.progress().entrySet()) {
            stored.put(each.getKey(), each.getValue().through());
        }
        assertThat(rig.groupOffsets()).as("offsets of the group").isEqualTo(stored);
    }

    private static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
