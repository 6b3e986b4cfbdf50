package io.tidemark.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidemark.job.JobCodec;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.client.KafkaObserver.Ending;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.PartitionVerdict.Verdict;
import io.tidemark.state.RecordCounts;
import io.tidemark.step.StepObserver.Step;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The worker's own meters: what they count, and that their number is bounded. */
class WorkMetersTest {
    private static final RecordCounts ALL_FATES = new RecordCounts(1, 2, 3, 4, 5, 6, 7, 8, 1_000, Map.of());

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final WorkMeters meters = new WorkMeters(registry);

    @Test
    void theFatesOfAJobAddUpToItsOffsets() throws Exception {
        meters.written(job("j"), List.of(verdict(0, ALL_FATES, 10), verdict(1, ALL_FATES, 5)));

        assertThat(registry.get("tidemark.offsets").tag("job_name", "j").counters().stream()
                        .mapToDouble(Counter::count)
                        .sum())
                .isEqualTo(2 * ALL_FATES.offsets());
        assertThat(count("tidemark.offsets", "fate", "dead_lettered")).isEqualTo(6);
        assertThat(count("tidemark.read", "job_name", "j")).isEqualTo(2_000);
        assertThat(count("tidemark.rows", "job_name", "j")).isEqualTo(15);
    }

    /** Prometheus sees an increase only from a value that it has scraped before. */
    @Test
    void thePlanOfAJobShowsItsCountersAtZero() throws Exception {
        meters.worked(Step.LIST, job("j"), 1);

        assertThat(registry.scrape())
                .contains("tidemark_runs_total{job_name=\"j\",outcome=\"failed\"} 0.0")
                .contains("tidemark_offsets_total{fate=\"lost\",job_name=\"j\",topic=\"readings-j\"} 0.0");
    }

    @Test
    void aRunThatFailsInPartCountsItsPartitionsByKind() {
        meters.ended(new RunEnd(
                "j",
                "readings-j",
                RunEnd.Outcome.PARTIAL,
                FailureKind.PARTITIONS_FAILED.name(),
                Duration.ofMinutes(2),
                Map.of(FailureKind.RETENTION_GAP.name(), 3),
                9));

        assertThat(count("tidemark.runs", "outcome", "partial")).isEqualTo(1);
        assertThat(count("tidemark.run.failures", "kind", "PARTITIONS_FAILED")).isEqualTo(1);
        assertThat(count("tidemark.partition.failures", "kind", "RETENTION_GAP"))
                .isEqualTo(3);
        assertThat(count("tidemark.offsets", "fate", "elsewhere")).isEqualTo(9);
        assertThat(registry.get("tidemark.run").timer().totalTime(java.util.concurrent.TimeUnit.SECONDS))
                .isEqualTo(120);
    }

    @Test
    void transactionsAreCountedByTheirEnd() {
        meters.transaction(Ending.FENCED);

        assertThat(registry.scrape())
                .contains("tidemark_transactions_total{outcome=\"fenced\"} 1.0")
                .contains("tidemark_transactions_total{outcome=\"unknown\"} 0.0");
    }

    @Test
    void theNumberOfSeriesDoesNotDependOnPartitionsAndIsBoundedByJobs() throws Exception {
        for (int i = 0; i < 200; i++) {
            work(job("job-" + i), i == 0 ? 5_000 : 1);
        }
        long few = series();
        assertThat(few).isLessThan(200 * 40 + 100);

        work(job("job-1"), 5_000);
        assertThat(series()).as("5,000 more partitions").isEqualTo(few);

        for (int i = 200; i < WorkMeters.MAX_JOBS + 1; i++) {
            work(job("job-" + i), 1);
        }
        long most = series();
        for (int i = WorkMeters.MAX_JOBS + 1; i < WorkMeters.MAX_JOBS + 100; i++) {
            work(job("job-" + i), 1);
        }
        assertThat(series()).as("100 jobs beyond the bound").isEqualTo(most);
        assertThat(registry.get("tidemark.runs")
                        .tags("job_name", WorkMeters.OTHER_JOBS, "outcome", "done")
                        .counter()
                        .count())
                .isEqualTo(100);
    }

    private void work(JobSpec job, int partitions) {
        Arrays.stream(Step.values()).forEach(step -> meters.worked(step, job, 1));
        meters.written(
                job,
                IntStream.range(0, partitions)
                        .mapToObj(each -> verdict(each, ALL_FATES, 1))
                        .toList());
        Map<String, Integer> failures = Arrays.stream(FailureKind.values())
                .limit(3)
                .collect(Collectors.toMap(Enum::name, unused -> partitions));
        meters.ended(new RunEnd(
                job.name(), job.input().topic(), RunEnd.Outcome.DONE, null, Duration.ofSeconds(1), failures, 0));
    }

    private long series() {
        return registry.scrape().lines().filter(each -> !each.startsWith("#")).count();
    }

    private double count(String name, String tag, String value) {
        return registry.get(name).tag(tag, value).counter().count();
    }

    private static PartitionVerdict verdict(int partition, RecordCounts counts, long rows) {
        return new PartitionVerdict(partition, Verdict.DONE, counts.offsets(), counts, rows, null, null);
    }

    private static JobSpec job(String name) throws Exception {
        ObjectNode json = (ObjectNode) new ObjectMapper().readTree("""
                {"name": "NAME", "input": {"topic": "readings-NAME"}, "window": "day",
                 "aggregate": {"n": "count"}, "output": {"topic": "counts"}}
                """.replace("NAME", name));
        return JobCodec.read(json);
    }
}
