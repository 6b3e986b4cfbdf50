package io.tidemark.exporter;

import io.tidemark.metrics.SnapshotMeters.Value;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The values of one refresh. What is not known has no value. */
final class Values {
    private final List<Value> all = new ArrayList<>();

    void set(Metric metric, double value, String... labels) {
        all.add(new Value(metric.family(), value, List.of(labels)));
    }

    void set(Metric metric, @Nullable Instant time, String... labels) {
        if (time != null) {
            set(metric, time.toEpochMilli() / 1000.0, labels);
        }
    }

    void set(Metric metric, @Nullable Duration time, String... labels) {
        if (time != null) {
            set(metric, time.toMillis() / 1000.0, labels);
        }
    }

    void set(Metric metric, boolean value, String... labels) {
        set(metric, value ? 1 : 0, labels);
    }

    List<Value> all() {
        return List.copyOf(all);
    }
}
