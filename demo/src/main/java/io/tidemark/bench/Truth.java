package io.tidemark.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tidemark.cli.OutputReader.Row;
import java.math.BigDecimal;
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

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    /** The partition of a row that may be in any. */
    private static final int ANY = -1;

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

    /** Returns the rows of a job that has one for each key, whichever partitions its readings are in. */
    Truth overAllPartitions() {
        Truth all = new Truth();
        sums.forEach((place, sum) -> all.add(ANY, place.key(), sum.count(), sum.hundredths()));
        return all;
    }

    /**
     * Checks rows that have a count and the mean voltage.
     *
     * @throws IllegalStateException if a row is missing, unexpected, or has another count or mean
     */
    void check(List<Row> rows) {
        check(rows, Columns.MEAN, RELATIVE_ERROR);
    }

    /**
     * Checks rows that have a count and these fields.
     *
     * @param error allowed relative error of a mean
     * @throws IllegalStateException if a row is missing, unexpected, lacks a field, or has another count, sum or mean
     */
    void check(List<Row> rows, Columns columns, double error) {
        if (rows.size() != sums.size()) {
            throw new IllegalStateException("found " + rows.size() + " rows, expected " + sums.size());
        }
        for (Row row : rows) {
            check(row, columns, error);
        }
    }

    private void check(Row row, Columns columns, double error) {
        String where = "partition " + row.partition() + ", " + row.key() + ": ";
        Sum sum = sums.getOrDefault(new Place(row.partition(), row.key()), sums.get(new Place(ANY, row.key())));
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
        BigDecimal exact = BigDecimal.valueOf(sum.hundredths(), 2);
        for (String name : columns.sums()) {
            if (value.path(name).decimalValue().compareTo(exact) != 0) {
                throw new IllegalStateException(
                        where + "found " + name + " " + value.path(name) + ", expected " + exact);
            }
        }
        for (String name : columns.means()) {
            // This form of the comparison also refuses NaN.
            if (!(Math.abs(value.path(name).asDouble() - sum.mean()) <= error * sum.mean())) {
                throw new IllegalStateException(where + "found mean " + value.path(name) + ", expected " + sum.mean());
            }
        }
        for (String name : columns.others()) {
            if (!value.hasNonNull(name)) {
                throw new IllegalStateException(where + "found no " + name);
            }
        }
    }
}
