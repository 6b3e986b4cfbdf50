package io.tidemark.exporter;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.exporter.Kafka.JobFacts;
import io.tidemark.exporter.RunFacts.Outcome;
import io.tidemark.metrics.SnapshotMeters;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the exporter serves, by the answers of Temporal and Kafka. */
class ExporterTest {
    private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");

    private final FakeTemporal temporal = new FakeTemporal();
    private final FakeKafka kafka = new FakeKafka();
    private final SnapshotMeters meters = new SnapshotMeters();
    private final Exporter exporter = new Exporter(
            temporal, kafka, new Exporter.Options("queue", "", "1.0"), meters, Clock.fixed(NOW, ZoneOffset.UTC));

    private static final class FakeKafka implements Kafka {
        final Set<String> topics = new TreeSet<>();
        final Map<String, JobFacts> facts = new HashMap<>();
        Collection<WatchedJob> asked = List.of();
        boolean down;

        @Override
        public Set<String> topics() {
            if (down) {
                throw new IllegalStateException("down");
            }
            return topics;
        }

        @Override
        public Map<String, JobFacts> look(Collection<WatchedJob> jobs, Instant now, Problems problems) {
            asked = List.copyOf(jobs);
            return down ? Map.of() : facts;
        }
    }

    @AfterEach
    void close() {
        meters.close();
    }

    @Test
    void aScheduledJobHasItsPeriodAndItsNextRun() throws IOException {
        temporal.schedules.add(schedule("a", false));

        exporter.refresh();

        assertThat(scrape())
                .contains("tidemark_job_schedule_period_seconds{job_name=\"a\"} 3600.0")
                .contains("tidemark_job_next_run_timestamp_seconds{job_name=\"a\"} "
                        + (double) NOW.plusSeconds(60).getEpochSecond())
                .contains("tidemark_job_run_timeout_seconds{job_name=\"a\"} 600.0")
                .contains("tidemark_job_schedule_missed_total{job_name=\"a\"} 2.0")
                .contains("tidemark_job_schedule_skipped_total{job_name=\"a\"} 1.0")
                .contains("tidemark_job_schedule_paused{job_name=\"a\"} 0.0")
                .noneMatch(each -> each.startsWith("tidemark_job_last_success"));
    }

    @Test
    void aPausedScheduleHasNoNextRun() throws IOException {
        temporal.schedules.add(schedule("a", true));

        exporter.refresh();

        assertThat(scrape())
                .contains("tidemark_job_schedule_paused{job_name=\"a\"} 1.0")
                .noneMatch(each -> each.startsWith("tidemark_job_next_run"));
    }

    /** The other job's prefix may be that of another namespace. */
    @Test
    void jobsAreFoundInSchedulesInRunsAndInStateTopicsWithThePrefix() {
        temporal.schedules.add(schedule("scheduled", false));
        temporal.started("started", NOW);
        kafka.topics.addAll(
                List.of("tidemark.only-state.state", "dev.tidemark.other.state", "tidemark.started.state", "in"));

        exporter.refresh();

        assertThat(kafka.asked.stream().collect(Collectors.toMap(WatchedJob::name, WatchedJob::stateTopic)))
                .isEqualTo(Map.of(
                        "scheduled", "s.tidemark.scheduled.state",
                        "started", "p.tidemark.started.state",
                        "only-state", "tidemark.only-state.state"));
    }

    @Test
    void aJobInProgressIsRunning() throws IOException {
        temporal.ended("a", NOW.minusSeconds(600), Outcome.DONE, 5);
        temporal.started("a", NOW.minusSeconds(30));

        exporter.refresh();

        assertThat(scrape())
                .contains("tidemark_job_running{job_name=\"a\"} 1.0")
                .contains("tidemark_job_run_started_timestamp_seconds{job_name=\"a\"} "
                        + (double) NOW.minusSeconds(30).getEpochSecond())
                .contains("tidemark_job_last_run_seconds{job_name=\"a\"} 300.0")
                .contains("tidemark_job_last_outcome{job_name=\"a\",outcome=\"done\"} 1.0")
                .contains("tidemark_job_last_outcome{job_name=\"a\",outcome=\"failed\"} 0.0");
    }

    /** A job that runs once a week, in a namespace that keeps runs for a day. */
    @Test
    void withoutAnyRunTheLastBatchSaysWhenTheJobLastSucceeded() throws IOException {
        Instant batch = NOW.minus(Duration.ofDays(5));
        temporal.schedules.add(schedule("a", false));
        kafka.facts.put("a", new JobFacts(null, new StateFacts(1, OptionalLong.empty(), null, batch)));

        exporter.refresh();

        assertThat(scrape())
                .contains("tidemark_job_last_success_timestamp_seconds{job_name=\"a\"} "
                        + (double) batch.getEpochSecond())
                .noneMatch(each -> each.startsWith("tidemark_state_bytes"));
    }

    @Test
    void theLastBatchOfAJobThatOnlyFailsIsNoSuccess() throws IOException {
        temporal.ended("a", NOW, Outcome.FAILED, 1);
        kafka.facts.put("a", new JobFacts(null, new StateFacts(1, OptionalLong.empty(), null, NOW)));

        exporter.refresh();

        assertThat(scrape()).noneMatch(each -> each.startsWith("tidemark_job_last_success"));
    }

    /** Unknown must read neither as 0 nor as what was true a minute ago. */
    @Test
    void whatCannotBeAskedIsAbsentAndCounted() throws IOException {
        temporal.schedules.add(schedule("a", false));
        temporal.ended("a", NOW, Outcome.DONE, 1);
        kafka.facts.put(
                "a",
                new JobFacts(new InputFacts("in", OptionalLong.of(3), null, null, OptionalLong.of(0), null), null));
        exporter.refresh();
        assertThat(scrape())
                .contains("tidemark_job_lag_offsets{job_name=\"a\",topic=\"in\"} 3.0")
                .contains("tidemark_exporter_errors_total{source=\"runs\"} 0.0")
                .noneMatch(each -> each.startsWith("tidemark_job_lag_seconds"));
        temporal.down = true;

        exporter.refresh();

        assertThat(scrape())
                .contains("tidemark_exporter_errors_total{source=\"schedules\"} 1.0")
                .contains("tidemark_exporter_errors_total{source=\"runs\"} 1.0")
                .contains("tidemark_job_lag_offsets{job_name=\"a\",topic=\"in\"} 3.0")
                .noneMatch(each -> each.startsWith("tidemark_job_last") || each.startsWith("tidemark_job_schedule"));
        temporal.down = false;
        kafka.down = true;

        exporter.refresh();

        assertThat(scrape())
                .contains("tidemark_exporter_errors_total{source=\"schedules\"} 1.0")
                .contains("tidemark_exporter_errors_total{source=\"topics\"} 1.0")
                .anyMatch(each -> each.startsWith("tidemark_job_last_success"))
                .noneMatch(each -> each.startsWith("tidemark_job_lag"));
    }

    @Test
    void aJobHasAboutThirtySeriesAndJobsAreBounded() throws IOException {
        for (int i = 0; i < 200; i++) {
            temporal.schedules.add(schedule("job-" + i, false));
            temporal.ended("job-" + i, NOW, Outcome.DONE, 1);
            kafka.facts.put("job-" + i, everything());
        }
        exporter.refresh();
        assertThat(scrape()).hasSizeLessThan(200 * 30);

        for (int i = 200; i < Exporter.MAX_JOBS + 10; i++) {
            temporal.schedules.add(schedule("job-" + i, false));
        }
        exporter.refresh();

        assertThat(kafka.asked).hasSize(Exporter.MAX_JOBS);
        assertThat(scrape()).contains("tidemark_exporter_jobs " + (Exporter.MAX_JOBS + 10.0));
    }

    @Test
    void thePageHasEachMetricWithItsLabelsAndNoOther() throws IOException {
        String page = Files.readString(Path.of("../docs/reference/exporter.md"));

        assertThat(Pattern.compile("(?m)^\\| `(tidemark_[a-z_]+)` \\| (gauge|counter) \\|([^|]*)\\|")
                        .matcher(page)
                        .results()
                        .map(each -> (each.group(1) + " "
                                        + each.group(3).replaceAll("[`,]", "").strip())
                                .strip()))
                .containsExactlyInAnyOrderElementsOf(Stream.of(Metric.values())
                        .map(each -> each.family().name() + " "
                                + String.join(" ", each.family().labels()))
                        .map(String::strip)
                        .toList());
    }

    private static JobFacts everything() {
        return new JobFacts(
                new InputFacts(
                        "in",
                        OptionalLong.of(1),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(1),
                        OptionalLong.of(1),
                        Duration.ofSeconds(1)),
                new StateFacts(1, OptionalLong.of(1), 0.1, NOW));
    }

    private static ScheduleFacts schedule(String job, boolean paused) {
        return new ScheduleFacts(
                new WatchedJob(job, "s.tidemark." + job + ".state", null, "in", 0, 0, 1),
                "queue",
                NOW.minus(Duration.ofDays(30)),
                List.of(NOW.plusSeconds(60), NOW.plusSeconds(1_860), NOW.plusSeconds(5_460)),
                paused,
                2,
                1,
                Duration.ofMinutes(10));
    }

    private List<String> scrape() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        meters.scrape(out, "text/plain; version=0.0.4; charset=utf-8");
        return out.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(each -> !each.startsWith("#"))
                .toList();
    }
}
