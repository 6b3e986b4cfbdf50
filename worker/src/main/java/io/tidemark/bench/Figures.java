package io.tidemark.bench;

import java.util.List;
import java.util.Locale;

/**
 * Wall times of the same work, in seconds and in the order they were taken.
 *
 * @param seconds at least one
 */
record Figures(List<Double> seconds) {

    Figures {
        seconds = List.copyOf(seconds);
        if (seconds.isEmpty()) {
            throw new IllegalArgumentException("seconds is empty; there is no median of nothing");
        }
    }

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

    /** {@code median 1.30 s, 1.21 to 1.44 s, 12.3 million records/s}. */
    String describe(long records) {
        return String.format(
                Locale.ROOT,
                "median %.2f s, %.2f to %.2f s, %.1f million records/s",
                median(),
                min(),
                max(),
                records / median() / 1e6);
    }
}
