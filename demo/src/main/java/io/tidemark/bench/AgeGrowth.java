package io.tidemark.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.bench.AgeWorker.Answer;
import io.tidemark.bench.GrowthPlot.Curve;
import io.tidemark.bench.GrowthPlot.Point;
import io.tidemark.bench.Result.Note;
import io.tidemark.bench.Result.Series;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.settings.KafkaSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Measures a job of windows of 15 minutes and 1,000 groups at several ages, with {@code close: {after: 24h}} and without. The
 * clock is simulated: a batch follows the other at once. Two processes execute the steps; the broker has a third one.
 */
final class AgeGrowth {
    private static final String TOPIC = "age-readings";

    /** Readings and rows that nobody reads again. A year of them would have 5 GB. */
    private static final Map<String, String> SHORT = Map.of(
            "cleanup.policy",
            "delete",
            "retention.ms",
            "-1",
            "retention.bytes",
            "67108864",
            "segment.bytes",
            "16777216");

    private static final String BROKER_HEAP = "1g";

    /** How many batches are made until the lengths of the state's records are read. */
    private static final int MEASURE = AgeReadings.BATCHES_PER_DAY;

    private final Bench bench;

    AgeGrowth(Bench bench) {
        this.bench = bench;
    }

    /** One of the two jobs, and its process. */
    private static final class Side implements AutoCloseable {
        private final String name;
        private final ChildJvm worker;
        private final TopicTail state;
        private final TopicTail rows;
        private final List<Double> wall = new ArrayList<>();
        private final List<Double> cpu = new ArrayList<>();
        private long late;
        private long heap;

        Side(String name, boolean closing, KafkaSettings kafka, String heap) {
            this.name = name;
            ObjectNode job = AgeReadings.job(name, TOPIC, closing);
            worker = ChildJvm.start(AgeWorker.class, heap, kafka.bootstrapServers(), job.toString());
            state = new TopicTail(kafka.consumer(), "tidemark." + name + ".state");
            rows = new TopicTail(kafka.consumer(), Workload.outputTopic(name));
        }

        Answer ask(String kind, int batch, long end) {
            Answer answer = Answer.parse(
                    worker.ask(kind + " " + AgeReadings.nominal(batch).toEpochMilli() + " " + end));
            late += answer.late();
            heap = Math.max(heap, answer.heap());
            return answer;
        }

        void time(Answer answer) {
            wall.add(answer.seconds());
            cpu.add(answer.cpuSeconds());
        }

        Series series() {
            Series series = new Series(name, new Figures(wall), new Figures(cpu), worker.memoryPeak());
            wall.clear();
            cpu.clear();
            return series;
        }

        @Override
        public void close() {
            rows.close();
            state.close();
            worker.close();
        }
    }

    /** Measures at each age. Returns the results in the same order. */
    List<Result> run(List<Integer> days, @Nullable Path svg) throws IOException {
        List<Integer> ages = days.stream().sorted().toList();
        List<Result> results = new ArrayList<>();
        try (ChildJvm broker = ChildJvm.start(BrokerProcess.class, BROKER_HEAP)) {
            KafkaSettings kafka = KafkaSettings.of(Map.of("bootstrap.servers", broker.read()));
            createTopics(kafka);
            try (AgeReadings readings = new AgeReadings(TOPIC, kafka.producer());
                    Side closing = new Side("closing", true, kafka, bench.workerHeap());
                    Side open = new Side("open", false, kafka, bench.workerHeap())) {
                List<Side> sides = List.of(closing, open);
                printHeading();
                int batch = 0;
                for (int age : ages) {
                    int end = age * AgeReadings.BATCHES_PER_DAY;
                    if (end - batch <= bench.runs() + 1) {
                        throw new IllegalArgumentException("--sizes is " + days + "; an age needs more than "
                                + bench.runs() + " batches of 15 minutes since the one before, for --runs");
                    }
                    while (batch < end - bench.runs() - 1) {
                        step(batch == 0 ? "run" : "batch", batch, readings, sides);
                        batch++;
                    }
                    step("heap", batch, readings, sides);
                    batch++;
                    for (; batch < end; batch++) {
                        timedRun(batch, readings, closing, open);
                    }
                    results.add(result(age, closing, open));
                    print(age, results.get(results.size() - 1));
                    if (svg != null && results.size() > 1) {
                        // After each age, because a year takes hours.
                        Files.writeString(svg, plot(ages, results));
                    }
                }
                bench.out()
                        .println(
                                "In each measured run, the rows were equal to the generator's sums: one final row of each"
                                        + " meter and closed window; " + closing.late + " late readings.");
            }
        }
        return results;
    }

    private static void createTopics(KafkaSettings kafka) {
        try (KafkaClients clients = new KafkaClients(kafka)) {
            TopicCatalog catalog = new TopicCatalog(clients);
            catalog.create(TOPIC, 1, SHORT);
            catalog.create(Workload.outputTopic("closing"), 1, SHORT);
            catalog.create(Workload.outputTopic("open"), 1, SHORT);
        }
    }

    /** Makes a batch of both jobs, without measuring its time. */
    private static void step(String kind, int batch, AgeReadings readings, List<Side> sides) {
        long end = readings.write(batch);
        sides.forEach(each -> each.ask(kind, batch, end));
        if (batch % MEASURE == 0) {
            sides.forEach(each -> each.state.measure());
        }
    }

    /** Makes a whole run of both jobs, and checks its rows. */
    private static void timedRun(int batch, AgeReadings readings, Side closing, Side open) {
        long end = readings.write(batch);
        closing.rows.skip();
        open.rows.skip();
        closing.time(closing.ask("run", batch, end));
        open.time(open.ask("run", batch, end));
        checkFinal(batch, closing.rows.read());
        checkChanged(batch, open.rows.read());
    }

    /** Checks that a run wrote one final row of each meter, for the window that it closed, and no other. */
    private static void checkFinal(int batch, List<ConsumerRecord<byte[], byte[]>> rows) {
        int window = AgeReadings.closedBy(batch);
        Map<String, ConsumerRecord<byte[], byte[]>> byKey = byKey(rows);
        int expected = window < 0 ? 0 : AgeReadings.METERS;
        if (rows.size() != expected || byKey.size() != expected) {
            throw new IllegalStateException(
                    "the run of " + AgeReadings.nominal(batch) + " wrote " + rows.size() + " rows with " + byKey.size()
                            + " keys, expected " + expected + " of " + AgeReadings.window(window));
        }
        for (int meter = 0; meter < expected; meter++) {
            ConsumerRecord<byte[], byte[]> row = row(byKey, window, meter);
            Header header = row.headers().lastHeader("tidemark.final");
            if (header == null || !TopicTail.text(header.value()).equals("true")) {
                throw new IllegalStateException("the row of " + TopicTail.text(row.key()) + " is not final");
            }
            AgeReadings.check(window, meter, batch, TopicTail.text(row.value()));
        }
    }

    /** Checks the rows of the window in which the readings of a batch arrived, and of the one that they correct. */
    private static void checkChanged(int batch, List<ConsumerRecord<byte[], byte[]>> rows) {
        Map<String, ConsumerRecord<byte[], byte[]>> byKey = byKey(rows);
        for (int meter = 0; meter < AgeReadings.METERS; meter++) {
            AgeReadings.check(
                    batch, meter, batch, TopicTail.text(row(byKey, batch, meter).value()));
            int corrected = AgeReadings.correctedBy(batch);
            ConsumerRecord<byte[], byte[]> row = byKey.get(key(corrected, meter));
            if (row != null) {
                AgeReadings.check(corrected, meter, batch, TopicTail.text(row.value()));
            }
        }
    }

    private static Map<String, ConsumerRecord<byte[], byte[]>> byKey(List<ConsumerRecord<byte[], byte[]>> rows) {
        Map<String, ConsumerRecord<byte[], byte[]>> byKey = new HashMap<>();
        rows.forEach(each -> byKey.put(new String(each.key(), StandardCharsets.UTF_8), each));
        return byKey;
    }

    private static ConsumerRecord<byte[], byte[]> row(
            Map<String, ConsumerRecord<byte[], byte[]>> byKey, int window, int meter) {
        return Objects.requireNonNull(byKey.get(key(window, meter)), () -> "there is no row " + key(window, meter));
    }

    private static String key(int window, int meter) {
        return AgeReadings.window(window) + "/" + AgeReadings.meter(meter);
    }

    private static Result result(int age, Side closing, Side open) {
        List<Note> notes = new ArrayList<>();
        for (Side side : List.of(closing, open)) {
            side.state.measure();
            notes.add(new Note("progress record, " + side.name, side.state.bytes("progress"), "bytes"));
            notes.add(new Note("state after compaction, " + side.name, side.state.liveBytes(), "bytes"));
            notes.add(new Note("heap in a transaction, " + side.name, side.heap, "bytes"));
            side.heap = 0;
        }
        return new Result("a job of " + age + (age == 1 ? " day" : " days"), closing.series(), open.series(), notes);
    }

    private void printHeading() {
        bench.out()
                .println(
                        "| age | progress record, with close / without | state after compaction | heap in a transaction"
                                + " | time of a run, median (spread) | CPU of a run |");
        bench.out().println("|--:|--:|--:|--:|--:|--:|");
    }

    private void print(int age, Result result) {
        Series open = Objects.requireNonNull(result.other());
        bench.out()
                .printf(
                        Locale.ROOT,
                        "| %s | %s | %s | %s | %s / %s | %.0f ms / %.0f ms |%n",
                        age == 1 ? "1 day" : age + " days",
                        both(result, 0, 1e3, "KB"),
                        both(result, 1, 1e6, "MB"),
                        both(result, 2, 1e6, "MB"),
                        millis(result.tidemark().wall()),
                        millis(open.wall()),
                        1e3 * result.tidemark().cpu().median(),
                        1e3 * open.cpu().median());
    }

    private static String both(Result result, int note, double unit, String name) {
        int notesOfASide = result.notes().size() / 2;
        return String.format(
                Locale.ROOT,
                "%.1f %s / %.1f %s",
                result.notes().get(note).value() / unit,
                name,
                result.notes().get(note + notesOfASide).value() / unit,
                name);
    }

    private static String millis(Figures figures) {
        return String.format(
                Locale.ROOT,
                "%.0f ms (%.0f to %.0f)",
                1e3 * figures.median(),
                1e3 * figures.min(),
                1e3 * figures.max());
    }

    private static String plot(List<Integer> ages, List<Result> results) {
        List<Point> closing = new ArrayList<>();
        List<Point> open = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            List<Note> notes = results.get(i).notes();
            closing.add(point(ages.get(i), notes.get(0)));
            open.add(point(ages.get(i), notes.get(notes.size() / 2)));
        }
        return GrowthPlot.svg(
                String.format(
                        Locale.ROOT,
                        "After %d days the progress record has %.1f KB with close, and %.0f KB without",
                        ages.get(results.size() - 1),
                        closing.get(closing.size() - 1).median(),
                        open.get(open.size() - 1).median()),
                "age of the job in days; 15-minute windows, 1,000 groups",
                "KB",
                List.of(new Curve("with close: { after: 1d }", closing), new Curve("without close", open)));
    }

    private static Point point(int age, Note note) {
        double kilobytes = note.value() / 1e3;
        return new Point(age, kilobytes, kilobytes, kilobytes);
    }
}
