package io.tidemark.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.cli.OutputReader.Row;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the rows must be, from the sums that the generator kept in whole hundredths of a volt: they owe nothing to the code
 * that they are compared with, no parsing, no window, no floating point.
 */
final class Truth {

    /** Allowed difference of a mean, in proportion to it. */
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

    /** More readings of a row; none make no row. */
    void add(int partition, String key, long count, long hundredths) {
        if (count > 0) {
            sums.merge(new Place(partition, key), new Sum(count, hundredths), Sum::plus);
        }
    }

    /** How many rows there must be. */
    int rows() {
        return sums.size();
    }

    /** How many readings they are made of. */
    long readings() {
        return sums.values().stream().mapToLong(Sum::count).sum();
    }

    /**
     * Refuses rows that differ: a fast wrong answer has no figure.
     *
     * @throws IllegalStateException where a row is missing, is one too many, or has another count or mean
     */
    void check(List<Row> rows) {
        if (rows.size() != sums.size()) {
            throw new IllegalStateException(rows.size() + " rows, the generator made " + sums.size());
        }
        for (Row row : rows) {
            check(row);
        }
    }

    private void check(Row row) {
        String where = "partition " + row.partition() + ", " + row.key() + ": ";
        Sum sum = sums.get(new Place(row.partition(), row.key()));
        if (sum == null) {
            throw new IllegalStateException(where + "no readings were made for this row");
        }
        JsonNode value;
        try {
            value = JSON.readTree(row.value());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(where + "the value is no JSON", e);
        }
        if (value.path("count").asLong() != sum.count()) {
            throw new IllegalStateException(
                    where + "count " + value.path("count") + ", the generator made " + sum.count());
        }
        // Written so that NaN is refused too.
        if (!(Math.abs(value.path("voltage").asDouble() - sum.mean()) <= RELATIVE_ERROR * sum.mean())) {
            throw new IllegalStateException(
                    where + "mean " + value.path("voltage") + ", the generator's is " + sum.mean());
        }
    }
}
