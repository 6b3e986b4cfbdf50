package io.tidemark.metrics;

import static java.util.Objects.requireNonNull;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.tidemark.job.JobSpec;
import io.tidemark.job.Stage;
import io.tidemark.kafka.client.KafkaObserver;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.state.RecordCounts;
import io.tidemark.step.StepObserver;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

/**
 * What the steps and runs of this worker did. No meter has a label for partitions, so the number of series depends on the
 * number of jobs only. Safe for use by several threads.
 */
final class WorkMeters implements StepObserver, KafkaObserver {
    /** Jobs with series of their own. The others share {@link #OTHER_JOBS}: a label without a bound can fill Prometheus. */
    static final int MAX_JOBS = 1_000;

    /** The label of all jobs beyond {@link #MAX_JOBS}; no job can have this name. */
    static final String OTHER_JOBS = "(other)";

    private static final String JOB = "job_name";

    private static final Duration[] STEP_BUCKETS = seconds(0.1, 0.5, 1, 5, 15, 60, 300, 1800);
    private static final Duration[] RUN_BUCKETS = seconds(1, 5, 15, 60, 300, 900, 3600, 4 * 3600);
    private static final Duration[] FETCH_BUCKETS = seconds(0.01, 0.05, 0.1, 0.5, 1, 5, 15);

    /** The fates of an offset. Their sum is the number of offsets that runs have processed. */
    private static final Map<String, ToLongFunction<RecordCounts>> FATES = Map.of(
            "folded", RecordCounts::folded,
            "filtered", RecordCounts::filtered,
            "dead_lettered", RecordCounts::deadLettered,
            "skipped", RecordCounts::skipped,
            "late", RecordCounts::late,
            "invisible", RecordCounts::invisible,
            "lost", RecordCounts::lost,
            "elsewhere", RecordCounts::elsewhere);

    private final MeterRegistry registry;
    private final Map<Ending, Counter> transactions = new EnumMap<>(Ending.class);
    private final Map<Step, Timer> steps = new EnumMap<>(Step.class);
    private final Timer fetches;
    private final Map<String, OfJob> jobs = new ConcurrentHashMap<>();

    WorkMeters(MeterRegistry registry) {
        this.registry = registry;
        for (Ending each : Ending.values()) {
            transactions.put(
                    each,
                    Counter.builder("tidemark.transactions")
                            .description("Transactions by how they ended")
                            .tag("outcome", lower(each))
                            .register(registry));
        }
        for (Step each : Step.values()) {
            steps.put(
                    each,
                    Timer.builder("tidemark.step")
                            .description("Time of attempts of steps that succeeded, without the wait for a slot")
                            .tag("step", lower(each))
                            .serviceLevelObjectives(STEP_BUCKETS)
                            .register(registry));
        }
        fetches = Timer.builder("tidemark.kafka.request")
                .description("Time from a request to Kafka to its answer")
                .tag("api", "fetch")
                .serviceLevelObjectives(FETCH_BUCKETS)
                .register(registry);
    }

    @Override
    public void transaction(Ending ending) {
        requireNonNull(transactions.get(ending)).increment();
    }

    @Override
    public void fetched(long millis) {
        fetches.record(millis, TimeUnit.MILLISECONDS);
    }

    @Override
    public void worked(Step step, JobSpec job, long nanos) {
        requireNonNull(steps.get(step)).record(nanos, TimeUnit.NANOSECONDS);
        // The plan of its first run registers the job's counters. A counter that appears with its first failure has
        // no value before it, so Prometheus would not see an increase.
        if (job.stage() != Stage.TOTALS) {
            of(job.name()).processed(job.input().topic(), RecordCounts.NONE, 0);
        }
    }

    @Override
    public void written(JobSpec job, List<PartitionVerdict> verdicts) {
        for (PartitionVerdict each : verdicts) {
            if (job.stage() == Stage.TOTALS) {
                // Its input is what the run itself has written. Its records are counted by the first stage.
                of(job.name()).rows.increment(each.rows());
            } else {
                of(job.name()).processed(job.input().topic(), each.counts(), each.rows());
            }
        }
    }

    /** Counts the end of a run. */
    void ended(RunEnd end) {
        if (end.job().equals(RunEnd.NO_JOB)) {
            runs(RunEnd.NO_JOB, end.outcome()).increment();
            countFailure(RunEnd.NO_JOB, end);
            return;
        }
        OfJob job = of(end.job());
        requireNonNull(job.runs.get(end.outcome())).increment();
        countFailure(job.name, end);
        end.partitionFailures()
                .forEach((kind, partitions) -> Counter.builder("tidemark.partition.failures")
                        .description("Partitions that did not reach their planned end, by kind of failure")
                        .tags(JOB, job.name, "kind", kind)
                        .register(registry)
                        .increment(partitions));
        if (end.outcome() != RunEnd.Outcome.REFUSED) {
            job.took.record(end.took());
        }
        if (end.elsewhere() > 0) {
            // Only the run knows these offsets: no step of it wrote them.
            job.processed(end.topic(), RecordCounts.elsewhere(end.elsewhere()), 0);
        }
    }

    private Counter runs(String job, RunEnd.Outcome outcome) {
        return Counter.builder("tidemark.runs")
                .description("Runs by how they ended")
                .tags(JOB, job, "outcome", lower(outcome))
                .register(registry);
    }

    private void countFailure(String job, RunEnd end) {
        if (end.kind() != null) {
            Counter.builder("tidemark.run.failures")
                    .description("Runs that failed or were refused, by kind of failure")
                    .tags(JOB, job, "kind", end.kind())
                    .register(registry)
                    .increment();
        }
    }

    private OfJob of(String name) {
        OfJob known = jobs.get(name);
        if (known != null) {
            return known;
        }
        String label = jobs.size() < MAX_JOBS ? name : OTHER_JOBS;
        return jobs.computeIfAbsent(label, OfJob::new);
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static Duration[] seconds(double... seconds) {
        Duration[] all = new Duration[seconds.length];
        for (int i = 0; i < seconds.length; i++) {
            all[i] = Duration.ofMillis(Math.round(seconds[i] * 1000));
        }
        return all;
    }

    /** The meters of one job, looked up once. */
    private final class OfJob {
        private final String name;
        private final Counter bytes;
        private final Counter rows;
        private final Map<RunEnd.Outcome, Counter> runs = new EnumMap<>(RunEnd.Outcome.class);
        private final Timer took;
        private final Map<String, Map<String, Counter>> offsets = new ConcurrentHashMap<>();

        private OfJob(String name) {
            this.name = name;
            bytes = Counter.builder("tidemark.read")
                    .description("Bytes of keys and values of records that runs have processed")
                    .baseUnit("bytes")
                    .tag(JOB, name)
                    .register(registry);
            rows = Counter.builder("tidemark.rows")
                    .description("Rows written")
                    .tag(JOB, name)
                    .register(registry);
            for (RunEnd.Outcome each : RunEnd.Outcome.values()) {
                runs.put(each, runs(name, each));
            }
            took = Timer.builder("tidemark.run")
                    .description("Time from start to end of a run")
                    .tag(JOB, name)
                    .serviceLevelObjectives(RUN_BUCKETS)
                    .register(registry);
        }

        private void processed(String topic, RecordCounts counts, long rowsWritten) {
            // A job can change its topic. Jobs that share a label share a series.
            Map<String, Counter> byFate =
                    offsets.computeIfAbsent(name.equals(OTHER_JOBS) ? OTHER_JOBS : topic, this::counters);
            FATES.forEach((fate, count) -> {
                Counter counter = byFate.get(fate);
                if (counter != null) {
                    counter.increment(count.applyAsLong(counts));
                }
            });
            bytes.increment(counts.bytes());
            rows.increment(rowsWritten);
        }

        private Map<String, Counter> counters(String topic) {
            Map<String, Counter> byFate = new ConcurrentHashMap<>();
            for (String fate : FATES.keySet()) {
                byFate.put(
                        fate,
                        Counter.builder("tidemark.offsets")
                                .description("Offsets that runs have processed, by what became of them")
                                .tags(JOB, name, "topic", topic, "fate", fate)
                                .register(registry));
            }
            return byFate;
        }
    }
}
