package io.tidemark.metrics;

import static java.util.Objects.requireNonNull;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.temporal.common.interceptors.WorkerInterceptor;
import io.tidemark.activity.BatchActivitiesImpl;
import io.tidemark.kafka.client.KafkaObserver;
import io.tidemark.notify.PostObserver;
import io.tidemark.stage.StagingArea;
import io.tidemark.step.StepObserver;
import io.tidemark.step.WorkerMemory;
import java.io.IOException;
import java.io.OutputStream;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/** The metrics of one worker, in a registry for Prometheus. Safe for use by several threads. */
public final class Meters implements AutoCloseable {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final WorkMeters work;

    /** Creates the registry with the meters of the steps; others are added by the methods of this class. */
    public Meters() {
        registry.config().meterFilter(new TemporalMeters());
        work = new WorkMeters(registry);
    }

    /** Returns the registry, for the Temporal SDK. */
    public MeterRegistry registry() {
        return registry;
    }

    /** Returns who is told what the steps did. */
    public StepObserver steps() {
        return work;
    }

    /** Returns who is told what the Kafka clients did. */
    public KafkaObserver kafka() {
        return work;
    }

    /** Returns the interceptor of the workflows that counts and logs the ends of runs. */
    public WorkerInterceptor runs() {
        return new RunObserver(work);
    }

    /** Adds the meter of the notices that are posted to a webhook, and returns who is told what became of them. */
    public PostObserver notices() {
        return posts("tidemark.notifications", "Notices to the webhook, by what became of an attempt to deliver them");
    }

    /** The same for the events of OpenLineage. */
    public PostObserver lineage() {
        return posts("tidemark.lineage.events", "OpenLineage events, by what became of an attempt to deliver them");
    }

    private PostObserver posts(String name, String meaning) {
        Map<PostObserver.Outcome, Counter> counters = new EnumMap<>(PostObserver.Outcome.class);
        for (PostObserver.Outcome each : PostObserver.Outcome.values()) {
            counters.put(
                    each,
                    Counter.builder(name)
                            .description(meaning)
                            .tag("outcome", each.name().toLowerCase(Locale.ROOT))
                            .register(registry));
        }
        return outcome -> requireNonNull(counters.get(outcome)).increment();
    }

    /** Adds the meters of the process and its JVM. */
    public void process(String version, String revision) {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        collections.bindTo(registry);
        Gauge.builder("tidemark.build.info", () -> 1)
                .description("Always 1; the labels are the version and revision of Tidemark, and the version of Java")
                .tags(
                        "version",
                        version,
                        "revision",
                        revision,
                        "java",
                        Runtime.version().toString())
                .register(registry);
    }

    /** Adds the meters of the memory that steps share. */
    public void memory(WorkerMemory memory) {
        gauge("tidemark.memory.used", "Memory that running steps hold", "bytes", memory::taken);
        gauge("tidemark.memory.limit", "Memory that all steps together may hold", "bytes", memory::limit);
        FunctionCounter.builder("tidemark.memory.refusals", memory, WorkerMemory::refusals)
                .description("Attempts of steps that failed because they could not get memory")
                .register(registry);
    }

    /** Adds the meters of the staged files. */
    public void staging(StagingArea staging) {
        Sampled used = new Sampled(staging::usedBytes, System::nanoTime);
        gauge("tidemark.staged", "Size of all staged files of this host", "bytes", used::get);
        gauge("tidemark.staging.free", "Free space on the disk of the staged files", "bytes", () -> {
            try {
                return staging.freeBytes();
            } catch (IOException e) {
                return Double.NaN;
            }
        });
    }

    /**
     * Adds the meters of the places for steps.
     *
     * @param atOnce most splits that are read, and most slices that are written, at once
     */
    public void slots(BatchActivitiesImpl activities, int atOnce) {
        slots("splits", activities::splitsAtWork, atOnce);
        slots("slices", activities::slicesAtWork, atOnce);
    }

    private void slots(String kind, Supplier<Number> used, int most) {
        Gauge.builder("tidemark.slots.used", used)
                .description("Splits that are read, and slices that are merged or written, now")
                .tag("kind", kind)
                .register(registry);
        Gauge.builder("tidemark.slots", () -> most)
                .description("Most splits that are read, and most slices that are merged or written, at once")
                .tag("kind", kind)
                .register(registry);
    }

    private void gauge(String name, String meaning, String unit, Supplier<Number> value) {
        Gauge.builder(name, value).description(meaning).baseUnit(unit).register(registry);
    }

    /** Writes all metrics in this content type: that of Prometheus' text format or that of OpenMetrics. */
    public void scrape(OutputStream out, String contentType) throws IOException {
        registry.scrape(out, contentType);
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
    }
}
