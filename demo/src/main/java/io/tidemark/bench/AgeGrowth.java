package io.tidemark.bench;

import io.tidemark.bench.Result.Note;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.settings.KafkaSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

    /** Measures at each age. Returns the results in the same order. */
    List<Result> run(List<Integer> days, @Nullable Path svg) throws IOException {
        List<Integer> ages = days.stream().sorted().toList();
        List<Result> results = new ArrayList<>();
        try (ChildJvm broker = ChildJvm.start(BrokerProcess.class, BROKER_HEAP)) {
            KafkaSettings kafka = KafkaSettings.of(Map.of("bootstrap.servers", broker.read()));
            createTopics(kafka);
            try (AgeReadings readings = new AgeReadings(TOPIC, kafka.producer());
                    AgeSide closing = new AgeSide("closing", TOPIC, true, kafka, bench.workerHeap());
                    AgeSide open = new AgeSide("open", TOPIC, false, kafka, bench.workerHeap())) {
                List<AgeSide> sides = List.of(closing, open);
                AgeTable.printHeading(bench.out());
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
                    AgeTable.print(age, results.get(results.size() - 1), bench.out());
                    if (svg != null && results.size() > 1) {
                        // After each age, because a year takes hours.
                        Files.writeString(svg, AgeTable.plot(ages, results));
                    }
                }
                bench.out()
                        .println(
                                "In each measured run, the rows were equal to the generator's sums: one final row of each"
                                        + " meter and closed window; " + closing.late() + " late readings.");
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

    /** Makes a batch of both jobs at the same time, without measuring it. */
    private static void step(String kind, int batch, AgeReadings readings, List<AgeSide> sides) {
        long end = readings.write(batch);
        sides.forEach(each -> each.tell(kind, batch, end));
        sides.forEach(AgeSide::answer);
        if (batch % MEASURE == 0) {
            sides.forEach(each -> each.state().measure());
        }
    }

    /** Makes a whole run of both jobs, and checks its rows. */
    private static void timedRun(int batch, AgeReadings readings, AgeSide closing, AgeSide open) {
        long end = readings.write(batch);
        closing.rows().skip();
        open.rows().skip();
        closing.time(closing.ask("run", batch, end));
        open.time(open.ask("run", batch, end));
        AgeRows.checkFinal(batch, closing.rows().read());
        AgeRows.checkChanged(batch, open.rows().read());
    }

    private static Result result(int age, AgeSide closing, AgeSide open) {
        List<Note> notes = new ArrayList<>(closing.notes());
        notes.addAll(open.notes());
        return new Result("a job of " + age + (age == 1 ? " day" : " days"), closing.series(), open.series(), notes);
    }
}
