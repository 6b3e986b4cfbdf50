package io.tidemark.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.state.PartitionProgress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.data.Percentage;

/**
 * What must hold after anything: the promises of the protocol, judged from Kafka alone by code that shares nothing with
 * the product.
 */
public final class Guarantees {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Guarantees() {}

    /** All of them, for a job of {@link Rig#voltage} whose last run has ended well. */
    public static void holdAtTheEnd(Rig rig) {
        noReaderSeesACountFall(rig);
        rowsAreThoseOf(rig, rig.sent());
        offsetsAreThoseOfTheState(rig);
    }

    /** The last rows are the count and the mean of exactly these values, day by day, in the partition of the values. */
    public static void rowsAreThoseOf(Rig rig, Map<Integer, List<String>> values) {
        Map<String, BigDecimal> sums = new TreeMap<>();
        Map<String, Long> counts = new TreeMap<>();
        values.forEach((partition, each) -> each.forEach(value -> {
            JsonNode json = parse(value);
            String datetime = json.get("datetime").textValue();
            String day = datetime.substring(6, 10) + "-" + datetime.substring(3, 5) + "-" + datetime.substring(0, 2);
            String key = partition + "/" + day;
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

    /** A reader that was there all the time never sees a count go down. */
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

    /** Never beyond the stored progress; equal to it after a commit. */
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
