package io.tidemark.metrics;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Metrics that are collected now and then, and served as they were until the next collection. A value that is not in the
 * last collection is not served. Safe for use by several threads.
 */
public final class SnapshotMeters implements AutoCloseable {
    private static final String TOTAL = "_total";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private volatile MetricSnapshots shown = new MetricSnapshots();

    /**
     * A metric.
     *
     * @param name as Prometheus shows it; that of a counter ends with {@code _total}
     * @param labels names of its labels
     */
    public record Family(String name, String help, List<String> labels) {
        /** Copies the list. */
        public Family {
            labels = List.copyOf(labels);
        }
    }

    /** A value of a metric; {@code labels} are the values of its labels, in the order of the metric's names. */
    public record Value(Family family, double value, List<String> labels) {
        /** Copies the list. */
        public Value {
            labels = List.copyOf(labels);
        }
    }

    /** Creates metrics without values. */
    public SnapshotMeters() {
        registry.getPrometheusRegistry().register((MultiCollector) () -> shown);
    }

    /** Serves these values from now on, and no others. */
    public void show(List<Value> values) {
        Map<Family, CounterSnapshot.Builder> counters = new LinkedHashMap<>();
        Map<Family, GaugeSnapshot.Builder> gauges = new LinkedHashMap<>();
        for (Value each : values) {
            Family family = each.family();
            Labels labels = Labels.of(family.labels(), each.labels());
            if (family.name().endsWith(TOTAL)) {
                String name = family.name().substring(0, family.name().length() - TOTAL.length());
                counters.computeIfAbsent(
                                family,
                                key -> CounterSnapshot.builder().name(name).help(key.help()))
                        .dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder()
                                .value(each.value())
                                .labels(labels)
                                .build());
            } else {
                gauges.computeIfAbsent(
                                family,
                                key -> GaugeSnapshot.builder().name(key.name()).help(key.help()))
                        .dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                                .value(each.value())
                                .labels(labels)
                                .build());
            }
        }
        List<MetricSnapshot> all = new ArrayList<>();
        counters.values().forEach(each -> all.add(each.build()));
        gauges.values().forEach(each -> all.add(each.build()));
        shown = new MetricSnapshots(all);
    }

    /** Writes all metrics in this content type: that of Prometheus' text format or that of OpenMetrics. */
    public void scrape(OutputStream out, String contentType) throws IOException {
        registry.scrape(out, contentType);
    }

    @Override
    public void close() {
        registry.close();
    }
}
