package io.tidemark.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionProblem;
import io.tidemark.run.PartitionResult;
import io.tidemark.run.RunSummary;
import io.tidemark.state.RecordCounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.DoubleStream;

/** Reports of invented runs, always the same. {@code .ci/report} looks at their pages in a browser. */
final class ReportSamples {
    static final Instant NOW = Instant.parse("2026-11-28T09:30:00Z");

    private ReportSamples() {}

    /** Writes a page of a job with 8 partitions, one of a job with 5,000, and one of several jobs. */
    public static void main(String[] arguments) throws IOException {
        Path folder = Files.createDirectories(Path.of(arguments[0]));
        Files.writeString(folder.resolve("8.html"), ReportPage.of(report(job("voltage-daily", 8, 60, 24))));
        Files.writeString(folder.resolve("5000.html"), ReportPage.of(report(job("clicks-hourly", 5_000, 60, 1))));
        Files.writeString(
                folder.resolve("jobs.html"),
                ReportPage.of(report(
                        job("voltage-daily", 8, 60, 24),
                        job("clicks-hourly", 64, 30, 1),
                        job("first-run", 4, 1, 24),
                        job("never-ran", 4, 0, 24))));
    }

    static ObjectNode report(ObjectNode... jobs) {
        ObjectNode report = JsonNodeFactory.instance
                .objectNode()
                .put("version", 1)
                .put("generated", NOW.toString())
                .put("server", "localhost:7233")
                .put("namespace", "default")
                .put("webUi", "http://localhost:8233");
        ArrayNode all = report.putArray("jobs");
        for (ObjectNode each : jobs) {
            all.add(each);
        }
        return report;
    }

    /** Returns a job with runs at equal times, of which some were not good. */
    static ObjectNode job(String name, int partitions, int runs, int everyHours) {
        ObjectNode job = JsonNodeFactory.instance.objectNode().put("job", name);
        job.putObject("definition").put("name", name).putObject("input").put("topic", "readings");
        Instant last = NOW.truncatedTo(ChronoUnit.HOURS).minus(everyHours > 1 ? 5 : 0, ChronoUnit.HOURS);
        ObjectNode schedule = job.putObject("schedule")
                .put("scheduleId", "tidemark-" + name)
                .put("cron", everyHours == 24 ? "0 4 * * *" : "0 * * * *")
                .put("timeZone", "UTC")
                .put("paused", false)
                .put("periodSeconds", everyHours * 3_600);
        schedule.putArray("next").add(last.plus(everyHours, ChronoUnit.HOURS).toString());
        if (everyHours == 1) {
            job.putObject("lag")
                    .put("records", 81_204)
                    .put("partitionsBehind", 4_312)
                    .put("headroom", 96_120)
                    .put("headroomPartition", 17);
        }
        ArrayNode all = job.putArray("runs");
        job.putArray("partitions");
        for (int i = 0; i < runs; i++) {
            Random random = new Random(i * 31L + partitions);
            Instant started =
                    last.minus((long) i * everyHours, ChronoUnit.HOURS).plusSeconds(random.nextInt(20));
            RunOutcome outcome = i == 7
                    ? RunOutcome.PARTITIONS_FAILED
                    : i == 19 ? RunOutcome.FAILED : i == 30 ? RunOutcome.CANCELLED : RunOutcome.DONE;
            all.add(run(name, partitions, started, outcome, random, i == 0));
            if (i == 0) {
                long offsets = all.path(0).path("summary").path("offsetsDone").asLong();
                job.set("partitions", partitions(partitions, offsets, random));
            }
        }
        return job;
    }

    private static ObjectNode run(
            String name, int partitions, Instant started, RunOutcome outcome, Random random, boolean last) {
        Instant ended = started.plusMillis(20_000 + random.nextInt(40_000) + partitions * 20L);
        boolean refused = outcome == RunOutcome.FAILED;
        long records = refused ? 0 : partitions * (20_000L + random.nextInt(9_000));
        RecordCounts counts = new RecordCounts(
                records,
                records / 9,
                refused ? 0 : random.nextInt(40),
                0,
                refused ? 0 : random.nextInt(25),
                records / 50,
                outcome == RunOutcome.PARTITIONS_FAILED ? 120 : 0,
                0,
                records * 180,
                Map.of());
        List<PartitionResult> details = new ArrayList<>();
        for (int i = 0; last && i < Math.min(200, partitions); i++) {
            details.add(new PartitionResult(i, 1_000, 1_000 + records / partitions, counts, 12));
        }
        RunSummary summary = new RunSummary(
                name,
                "readings",
                "daily-voltage",
                uuid(random),
                refused ? RunSummary.State.FAILED : RunSummary.State.DONE,
                partitions,
                0,
                partitions,
                outcome == RunOutcome.PARTITIONS_FAILED ? 1 : 0,
                0,
                counts.offsets(),
                counts.offsets(),
                0,
                null,
                0,
                counts,
                31,
                0,
                0,
                started.toEpochMilli(),
                ended.toEpochMilli(),
                details,
                outcome == RunOutcome.PARTITIONS_FAILED
                        ? List.of(new PartitionProblem(3, FailureKind.RETENTION_GAP, "offsets 5 to 125 are gone"))
                        : List.of(),
                last ? List.of("readings has one replica; a broker that is lost takes its records with it") : List.of(),
                null,
                null,
                null);
        ObjectNode run = JsonNodeFactory.instance
                .objectNode()
                .put("version", 1)
                .put("workflowId", "tidemark-" + name)
                .put("runId", uuid(random))
                .put("job", name)
                .put("startedBy", name + "-run-" + started)
                .put("startedByRunId", uuid(random))
                .put("state", outcome == RunOutcome.DONE ? "completed" : "failed")
                .put("outcome", outcome.jsonName())
                .put("nominal", started.truncatedTo(ChronoUnit.HOURS).toString())
                .put("started", started.toString())
                .put("ended", ended.toString());
        run.set("summary", SummaryView.json(summary));
        if (refused) {
            run.set("error", new RunFailure("TOPIC_MISSING", "the input topic readings does not exist").json());
        } else if (outcome == RunOutcome.PARTITIONS_FAILED) {
            run.set("error", new RunFailure("PARTITIONS_FAILED", "1 of 8 partitions failed: 3").json());
        }
        run.set("steps", last ? steps(partitions, started, ended, random) : run.arrayNode());
        return run.put("stepsLeftOut", 0);
    }

    private static ArrayNode steps(int partitions, Instant started, Instant ended, Random random) {
        ArrayNode steps = JsonNodeFactory.instance.arrayNode();
        long whole = Duration.between(started, ended).toMillis();
        step(steps, "listPartitions", "readings", started, 30, started.plusMillis(400));
        Instant end = started.plusMillis(400);
        if (partitions > 100) {
            Instant[] free = {end, end, end, end};
            for (int i = 0; i < partitions / 100; i++) {
                int lane = 0;
                for (int j = 1; j < 4; j++) {
                    lane = free[j].isBefore(free[lane]) ? j : lane;
                }
                Instant begin = free[lane];
                free[lane] = begin.plusMillis(whole * 400 / partitions * (70 + random.nextInt(40)) / 120);
                String detail = "readings[" + i * 100 + ".." + (i * 100 + 99) + "], 100 partitions";
                step(steps, "KafkaBatchPartitions", detail, begin, 10, free[lane]);
            }
            end = List.of(free).stream().max(Comparator.naturalOrder()).orElse(end);
        } else {
            for (int i = 0; i < partitions; i++) {
                String where = "readings[" + i + "] ";
                Instant read = started.plusMillis(whole / 2 + random.nextInt((int) whole / 4));
                Instant merged = read.plusMillis(whole / 40);
                Instant written = merged.plusMillis(whole / 12);
                step(steps, "consume", where + "1000..21000", started.plusMillis(420), i * 300, read);
                step(steps, "aggregate", where + "1000..21000", read, 20, merged);
                step(steps, "produce", where + "1000..21000", merged, 20, written);
                end = end.isAfter(written) ? end : written;
            }
        }
        step(steps, "commitOffsets", "tidemark-voltage-daily", end, 20, end.plusMillis(whole / 40));
        return steps;
    }

    private static void step(ArrayNode steps, String name, String detail, Instant scheduled, int waits, Instant ended) {
        steps.addObject()
                .put("step", name)
                .put("detail", detail)
                .put("scheduled", scheduled.toString())
                .put("started", scheduled.plusMillis(waits).toString())
                .put("ended", ended.toString())
                .put("attempts", 1)
                .put("outcome", "done");
    }

    private static ArrayNode partitions(int partitions, long offsets, Random random) {
        double[] weights = new double[partitions];
        for (int i = 0; i < partitions; i++) {
            weights[i] = i % 11 == 5 ? 0 : Math.exp(random.nextGaussian() * 0.7);
        }
        double sum = DoubleStream.of(weights).sum();
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < partitions; i++) {
            long share = (long) Math.ceil(offsets * weights[i] / sum);
            all.addArray().add(i).add(share).add(random.nextInt(3)).add(12).add(i == 333 ? 1 : 0);
        }
        return all;
    }

    private static String uuid(Random random) {
        return new UUID(random.nextLong(), random.nextLong()).toString();
    }
}
