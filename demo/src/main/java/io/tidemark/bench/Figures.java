package io.tidemark.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The times of repeated measurements of the same work, in order.
 *
 * @param seconds at least one value, in seconds
 */
record Figures(List<Double> seconds) {

    Figures {
        seconds = List.copyOf(seconds);
        if (seconds.isEmpty()) {
            throw new IllegalArgumentException("there are no measurements; a median needs at least one");
        }
    }

    static Figures of(double... seconds) {
        return new Figures(Arrays.stream(seconds).boxed().toList());
    }

    @JsonProperty
    double median() {
        List<Double> sorted = seconds.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    double min() {
        return seconds.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    }

    double max() {
        return seconds.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }

    /** Returns median and spread: {@code 1.30 s (1.21 to 1.44)}. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.2f s (%.2f to %.2f)", median(), min(), max());
    }
}
