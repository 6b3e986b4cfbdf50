package io.tidemark.demo;

import io.tidemark.cli.OutputReader.Row;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Finds the rows that a run wrote again with another value, by comparing the output before and after it. */
final class Corrections {

    /**
     * A row that changed.
     *
     * @param before value before the run, as JSON
     * @param after value after the run, as JSON
     */
    record Correction(String key, int partition, String before, String after) {}

    private record Place(int partition, String key) {}

    private Corrections() {}

    /** Returns the rows of {@code after} that had another value in {@code before}, in the order of {@code after}. */
    static List<Correction> between(List<Row> before, List<Row> after) {
        Map<Place, String> old = new HashMap<>();
        before.forEach(row -> old.put(new Place(row.partition(), row.key()), row.value()));
        List<Correction> corrections = new ArrayList<>();
        for (Row row : after) {
            String value = old.get(new Place(row.partition(), row.key()));
            if (value != null && !value.equals(row.value())) {
                corrections.add(new Correction(row.key(), row.partition(), value, row.value()));
            }
        }
        return corrections;
    }
}
