package io.tidemark.exporter;

import io.tidemark.exporter.Kafka.JobFacts;
import io.tidemark.exporter.Problems.Source;
import io.tidemark.exporter.RunFacts.Outcome;
import io.tidemark.metrics.SnapshotMeters;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Collects the gauges of all jobs. One thread refreshes, others serve {@code meters}. No label names a partition, so the number
 * of series depends on the number of jobs only.
 */
public final class Exporter {
    /** Jobs with gauges, the first by name: a bound for Prometheus and for the time of a refresh. */
    static final int MAX_JOBS = 1_000;

    /** Task queues that are asked about. Each team of workers has one. */
    static final int MAX_QUEUES = 50;

    private final Temporal temporal;
    private final Kafka kafka;
    private final Options options;
    private final SnapshotMeters meters;
    private final Clock clock;
    private final RunLog runs;
    private final Problems problems = new Problems();
    private List<ScheduleFacts> schedules = List.of();
    private Map<String, WatchedJob> ofStateTopics = Map.of();

    /**
     * What a person can choose.
     *
     * @param taskQueue a queue to watch besides those of schedules and runs
     * @param prefix how the names of state topics begin whose jobs Temporal does not know
     * @param version of this program
     */
    public record Options(String taskQueue, String prefix, String version) {}

    /** Creates an exporter that has not collected anything. */
    public Exporter(Temporal temporal, Kafka kafka, Options options, SnapshotMeters meters, Clock clock) {
        this.temporal = temporal;
        this.kafka = kafka;
        this.options = options;
        this.meters = meters;
        this.clock = clock;
        runs = new RunLog(temporal);
    }

    /** Asks everything once, and serves the answers. */
    public void refresh() {
        long begun = System.nanoTime();
        Instant now = clock.instant();
        Values values = new Values();
        Optional<List<ScheduleFacts>> asked = problems.ask(Source.SCHEDULES, () -> temporal.schedules(problems));
        // If there is no answer, the jobs are still the same ones.
        asked.ifPresent(all -> schedules = all);
        boolean runsKnown = problems.ask(Source.RUNS, () -> {
                    runs.refresh();
                    return true;
                })
                .isPresent();
        problems.ask(Source.TOPICS, kafka::topics).ifPresent(all -> ofStateTopics = ofStateTopics(all));
        Map<String, WatchedJob> jobs = jobs(now, runsKnown);
        values.set(Metric.JOBS, jobs.size());
        jobs = firstOf(jobs);
        if (runsKnown) {
            runs.complete(jobs.keySet(), problems);
        }
        Map<String, JobFacts> facts = kafka.look(jobs.values(), now, problems);
        if (asked.isPresent()) {
            schedules(values, jobs.keySet());
        }
        for (String job : jobs.keySet()) {
            JobFacts known = facts.getOrDefault(job, new JobFacts(null, null));
            if (runsKnown) {
                runs(values, job, known);
            }
            input(values, job, known);
        }
        queues(values);
        problems.counts().forEach((source, count) -> values.set(Metric.ERRORS, count, source.label()));
        values.set(Metric.BUILD, 1, options.version(), Runtime.version().toString());
        values.set(Metric.REFRESHED, now);
        values.set(Metric.REFRESH_SECONDS, Duration.ofNanos(System.nanoTime() - begun));
        meters.show(values.all());
        problems.endRefresh();
    }

    private Map<String, WatchedJob> ofStateTopics(Set<String> topics) {
        Map<String, WatchedJob> found = new TreeMap<>();
        topics.forEach(
                topic -> WatchedJob.ofStateTopic(topic, options.prefix()).ifPresent(job -> found.put(job.name(), job)));
        return found;
    }

    /** Returns all jobs. A schedule says what the next run will do, and the last run what the last one did. */
    private Map<String, WatchedJob> jobs(Instant now, boolean runsKnown) {
        Map<String, WatchedJob> jobs = new TreeMap<>(ofStateTopics);
        Set<String> scheduled = new TreeSet<>();
        schedules.forEach(each -> scheduled.add(each.job().name()));
        Set<String> keep = new TreeSet<>(jobs.keySet());
        keep.addAll(scheduled);
        runs.forget(keep, now);
        if (runsKnown) {
            runs.readJobs(scheduled, problems);
        }
        runs.jobs().forEach((name, known) -> {
            WatchedJob ofRun = known.job();
            if (ofRun != null) {
                jobs.put(name, ofRun);
            } else {
                jobs.putIfAbsent(name, WatchedJob.named(name, options.prefix()));
            }
        });
        schedules.forEach(each -> jobs.put(each.job().name(), each.job()));
        return jobs;
    }

    private static Map<String, WatchedJob> firstOf(Map<String, WatchedJob> jobs) {
        Map<String, WatchedJob> first = new TreeMap<>();
        jobs.entrySet().stream().limit(MAX_JOBS).forEach(each -> first.put(each.getKey(), each.getValue()));
        return first;
    }

    /** If a job has several schedules, the values are those of the next run that any of them starts. */
    private void schedules(Values values, Set<String> jobs) {
        Map<String, List<ScheduleFacts>> byJob = new TreeMap<>();
        schedules.forEach(each -> byJob.computeIfAbsent(each.job().name(), name -> new ArrayList<>())
                .add(each));
        byJob.keySet().retainAll(jobs);
        byJob.forEach((job, all) -> {
            List<ScheduleFacts> active =
                    all.stream().filter(each -> !each.paused()).toList();
            values.set(Metric.SCHEDULE_PAUSED, active.isEmpty(), job);
            values.set(Metric.SCHEDULE_PERIOD, shortest(all.stream().map(ScheduleFacts::period)), job);
            all.stream()
                    .map(ScheduleFacts::created)
                    .max(Comparator.naturalOrder())
                    .ifPresent(each -> values.set(Metric.SCHEDULE_CREATED, each, job));
            active.stream()
                    .flatMap(each -> each.next().stream().limit(1))
                    .min(Comparator.naturalOrder())
                    .ifPresent(each -> values.set(Metric.NEXT_RUN, each, job));
            all.stream()
                    .map(ScheduleFacts::runTimeout)
                    .filter(Objects::nonNull)
                    .max(Comparator.naturalOrder())
                    .ifPresent(each -> values.set(Metric.RUN_TIMEOUT, each, job));
            values.set(
                    Metric.SCHEDULE_MISSED,
                    all.stream().mapToLong(ScheduleFacts::missed).sum(),
                    job);
            values.set(
                    Metric.SCHEDULE_SKIPPED,
                    all.stream().mapToLong(ScheduleFacts::skipped).sum(),
                    job);
        });
    }

    private static @Nullable Duration shortest(Stream<Duration> all) {
        return all.filter(Objects::nonNull).min(Comparator.naturalOrder()).orElse(null);
    }

    private void runs(Values values, String job, JobFacts known) {
        RunLog.Known log = runs.jobs().getOrDefault(job, RunLog.NOTHING);
        RunFacts running = log.running();
        values.set(Metric.RUNNING, running != null, job);
        if (running != null) {
            values.set(Metric.RUN_STARTED, running.start(), job);
        }
        RunFacts last = log.last();
        if (last != null) {
            values.set(Metric.LAST_END, last.end(), job);
            values.set(Metric.LAST_RUN_SECONDS, last.took(), job);
            for (Outcome each : Outcome.values()) {
                values.set(
                        Metric.LAST_OUTCOME,
                        each == last.outcome(),
                        job,
                        each.name().toLowerCase(Locale.ROOT));
            }
        }
        // Temporal deletes old runs, and a job that runs once a week may have none left.
        values.set(
                Metric.LAST_SUCCESS,
                last == null && known.state() != null ? known.state().lastBatch() : log.lastSuccess(),
                job);
    }

    private static void input(Values values, String job, JobFacts known) {
        InputFacts input = known.input();
        if (input != null) {
            set(values, Metric.LAG_OFFSETS, input.lag(), job, input.topic());
            values.set(Metric.LAG_SECONDS, input.age(), job, input.topic());
            values.set(Metric.HEADROOM, input.headroom(), job, input.topic());
            set(values, Metric.HELD_BACK, input.heldBack(), job, input.topic());
            values.set(Metric.OPEN_TRANSACTION, input.openTransaction(), job, input.topic());
        }
        StateFacts state = known.state();
        if (state != null) {
            values.set(Metric.STATE_CELLS, state.cells(), job);
            set(values, Metric.STATE_BYTES, state.bytes(), job);
            if (state.limitRatio() != null) {
                values.set(Metric.STATE_LIMIT_RATIO, state.limitRatio(), job);
            }
        }
    }

    private static void set(Values values, Metric metric, OptionalLong value, String... labels) {
        value.ifPresent(known -> values.set(metric, known, labels));
    }

    private void queues(Values values) {
        Set<String> queues = new TreeSet<>();
        queues.add(options.taskQueue());
        schedules.forEach(each -> queues.add(each.taskQueue()));
        runs.jobs().values().forEach(each -> {
            RunFacts run = each.running() == null ? each.last() : each.running();
            if (run != null) {
                queues.add(run.taskQueue());
            }
        });
        for (String queue : queues.stream().limit(MAX_QUEUES).toList()) {
            Optional<List<QueueFacts>> facts = problems.ask(Source.TASK_QUEUES, () -> temporal.queue(queue));
            if (facts.isEmpty()) {
                return;
            }
            for (QueueFacts each : facts.get()) {
                values.set(Metric.POLLERS, each.pollers(), each.name(), each.kind());
                set(values, Metric.BACKLOG, each.backlog(), each.name(), each.kind());
            }
        }
    }
}
