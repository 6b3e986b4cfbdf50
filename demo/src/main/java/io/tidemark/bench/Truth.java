package io.tidemark.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.cli.OutputReader.Row;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The expected rows, from sums in whole hundredths of a volt that the generator kept. They are independent of the
 * measured code: no parsing, no windows, no floating point.
 */
final class Truth {

    /** Allowed relative error of a mean. */
    static final double RELATIVE_ERROR = 1e-9;

    private static final ObjectMapper JSON = new ObjectMapper();

    private record Place(int partition, String key) {}

    private record Sum(long count, long hundredths) {
        Sum plus(Sum other) {
            return new Sum(count + other.count, hundredths + other.hundredths);
        }

        double mean() {
            return hundredths / 100.0 / count;
        }
    }

    private final Map<Place, Sum> sums = new HashMap<>();

    /** Adds readings to a row. Without readings there is no row. */
    void add(int partition, String key, long count, long hundredths) {
        if (count > 0) {
            sums.merge(new Place(partition, key), new Sum(count, hundredths), Sum::plus);
        }
    }

    /** Returns the number of rows. */
    int rows() {
        return sums.size();
    }

    /** Returns the number of readings. */
    long readings() {
        return sums.values().stream().mapToLong(Sum::count).sum();
    }

    /**
     * Checks rows.
     *
     * @throws IllegalStateException if a row is missing, unexpected, or has another count or mean
     */
    void check(List<Row> rows) {
        if (rows.size() != sums.size()) {
            throw new IllegalStateException("found " + rows.size() + " rows, expected " + sums.size());
        }
        for (Row row : rows) {
            check(row);
        }
    }

    private void check(Row row) {
        String where = "partition " + row.partition() + ", " + row.key() + ": ";
        Sum sum = sums.get(new Place(row.partition(), row.key()));
        if (sum == null) {
            throw new IllegalStateException(where + "this row is not expected");
        }
        JsonNode value;
        try {
            value = JSON.readTree(row.value());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(where + "the value is not JSON", e);
        }
        if (value.path("count").asLong() != sum.count()) {
            throw new IllegalStateException(where + "found count " + value.path("count") + ", expected " + sum.count());
        }
        // This form of the comparison also refuses NaN.
        if (!(Math.abs(value.path("voltage").asDouble() - sum.mean()) <= RELATIVE_ERROR * sum.mean())) {
            throw new IllegalStateException(where + "found mean " + value.path("voltage") + ", expected " + sum.mean());
        }
    }
}
