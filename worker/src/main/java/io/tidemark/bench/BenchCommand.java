package io.tidemark.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.tidemark.bench.BenchReadings.Day;
import io.tidemark.cli.OutputReader;
import io.tidemark.cli.OutputReader.Row;
import io.tidemark.demo.LocalWorker;
import io.tidemark.demo.Quiet;
import io.tidemark.embedded.Folders;
import io.tidemark.embedded.TemporalBinary;
import io.tidemark.embedded.TemporalServer;
import io.tidemark.run.RunSummary;
import io.tidemark.settings.KafkaSettings;
import io.tidemark.workflow.KafkaBatchWorkflow;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code ./tidemark bench}: the daily means of a topic by whole runs, from the start of the workflow to its result, in
 * turn with a bare consumer that only counts the same bytes. Broker, consumer and worker have a JVM each; both sides are
 * warm; each run is a first run of a job of its own, topics and all, and its rows are proved right before its time
 * counts.
 */
@Command(
        name = "bench",
        description = "Measure whole runs against a bare Kafka consumer over the same topic, on this machine.",
        sortOptions = false)
public final class BenchCommand implements Callable<Integer> {

    private static final String TOPIC = "bench-readings";
    private static final long SEED = 20061216;
    private static final double RELATIVE_ERROR = 1e-9;
    private static final ObjectMapper JSON = new ObjectMapper();

    @Option(
            names = "--records",
            paramLabel = "N",
            defaultValue = "10000000",
            description = "Default: ${DEFAULT-VALUE}.")
    private long records;

    @Option(names = "--partitions", paramLabel = "N", defaultValue = "8", description = "Default: ${DEFAULT-VALUE}.")
    private int partitions;

    @Option(
            names = "--record-size",
            paramLabel = "BYTES",
            defaultValue = "0",
            description = "Fill values up to this size. Default: as they are, 51 bytes.")
    private int recordSize;

    @Option(
            names = "--compression",
            paramLabel = "TYPE",
            defaultValue = "none",
            description = "none, gzip, snappy, lz4 or zstd. Default: ${DEFAULT-VALUE}.")
    private String compression = "none";

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "5",
            description = "How many times each side is measured. Default: ${DEFAULT-VALUE}.")
    private int runs;

    @Option(
            names = "--warm-up",
            paramLabel = "N",
            defaultValue = "2",
            description = "How many times each side runs before that. Default: ${DEFAULT-VALUE}.")
    private int warmUp;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "2",
            description = "Threads of the bare consumer. Default: ${DEFAULT-VALUE}.")
    private int threads;

    private final PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);

    @Override
    public Integer call() throws Exception {
        Quiet.prepare();
        Path staging = Folders.createTemporary("tidemark-bench-");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> Folders.delete(staging)));
        try (ChildJvm broker = ChildJvm.start(BrokerProcess.class, "1g");
                TemporalServer temporal = temporal()) {
            KafkaSettings kafka = KafkaSettings.of(Map.of("bootstrap.servers", broker.read()));
            Map<Integer, Map<String, Day>> truth = fill(kafka);
            try (LocalWorker worker = LocalWorker.start(temporal, kafka, staging);
                    ChildJvm bare = ChildJvm.start(
                            BareConsumer.class,
                            "1g",
                            kafka.bootstrapServers(),
                            TOPIC,
                            Integer.toString(partitions),
                            Integer.toString(threads))) {
                measure(worker, bare, kafka, truth);
            }
        }
        return 0;
    }

    private static TemporalServer temporal() {
        TemporalBinary.Search search = TemporalBinary.locate();
        return search.binary().isPresent()
                ? TemporalServer.startReal(search.binary().get())
                : TemporalServer.builder().startInMemory();
    }

    private Map<Integer, Map<String, Day>> fill(KafkaSettings kafka) throws Exception {
        try (Admin admin = Admin.create(kafka.common())) {
            admin.createTopics(List.of(new NewTopic(TOPIC, partitions, (short) 1)))
                    .all()
                    .get(30, TimeUnit.SECONDS);
        }
        out.printf(
                Locale.ROOT,
                "Writing %,d readings to %d partitions, compression %s ...%n",
                records,
                partitions,
                compression);
        Map<String, Object> settings = kafka.producer();
        settings.putAll(Map.of("compression.type", compression, "linger.ms", "50", "batch.size", "262144"));
        return new BenchReadings(records, partitions, recordSize, SEED).writeTo(TOPIC, settings);
    }

    private void measure(LocalWorker worker, ChildJvm bare, KafkaSettings kafka, Map<Integer, Map<String, Day>> truth)
            throws Exception {
        List<Double> bareSeconds = new ArrayList<>();
        List<Double> runSeconds = new ArrayList<>();
        out.println("             bare consumer      tidemark");
        for (int i = 1 - warmUp; i <= runs; i++) {
            double bareTime = barePass(bare);
            String job = "bench-" + (i + warmUp);
            double runTime = run(worker.client(), job, job(job));
            check(OutputReader.read(kafka, job + "-output", null), truth);
            out.printf(Locale.ROOT, "%-10s %13.2f s %11.2f s%n", i < 1 ? "warm-up" : "run " + i, bareTime, runTime);
            if (i >= 1) {
                bareSeconds.add(bareTime);
                runSeconds.add(runTime);
            }
        }
        Figures bareFigures = new Figures(bareSeconds);
        Figures runFigures = new Figures(runSeconds);
        out.println("Every run's rows were equal to the generator's sums: " + rows(truth)
                + " days, counts the same, means" + " within " + RELATIVE_ERROR + ".");
        out.println("bare consumer, " + threads + " threads: " + bareFigures.describe(records));
        out.println("tidemark, workflow start to end: " + runFigures.describe(records));
        out.printf(Locale.ROOT, "ratio of the medians: %.2f%n", runFigures.median() / bareFigures.median());
    }

    /** From asking for the run to having its result. */
    private static double run(WorkflowClient client, String name, JsonNode job) {
        WorkflowStub run = client.newUntypedWorkflowStub(
                KafkaBatchWorkflow.TYPE,
                WorkflowOptions.newBuilder()
                        .setWorkflowId(name + "-run")
                        .setTaskQueue(KafkaBatchWorkflow.TASK_QUEUE)
                        .build());
        long begun = System.nanoTime();
        run.start(job);
        RunSummary summary = run.getResult(RunSummary.class);
        double seconds = (System.nanoTime() - begun) / 1e9;
        if (summary.state() != RunSummary.State.DONE) {
            throw new IllegalStateException(name + " ended " + summary.state() + ": " + summary.error());
        }
        return seconds;
    }

    private double barePass(ChildJvm bare) {
        String[] answer = bare.ask("go").split(" ");
        if (Long.parseLong(answer[1]) != records) {
            throw new IllegalStateException(
                    "the bare consumer read " + answer[1] + " records, " + records + " were written");
        }
        return Double.parseDouble(answer[0]);
    }

    private static JsonNode job(String name) throws IOException {
        return JSON.readTree("""
                {
                  "name": "%1$s",
                  "input": {
                    "topic": "%2$s",
                    "timestamp": { "field": "datetime", "pattern": "dd/MM/yyyy HH:mm:ss", "zone": "UTC" }
                  },
                  "window": { "every": "day", "zone": "UTC" },
                  "aggregate": { "voltage": { "mean": "voltage" }, "count": "count" },
                  "output": { "topic": "%1$s-output", "key": "{date}" }
                }
                """.formatted(name, TOPIC));
    }

    private static long rows(Map<Integer, Map<String, Day>> truth) {
        return truth.values().stream().mapToLong(Map::size).sum();
    }

    /** Refuses rows that differ from the truth: a fast wrong answer has no figure. */
    private static void check(List<Row> rows, Map<Integer, Map<String, Day>> truth) throws IOException {
        if (rows.size() != rows(truth)) {
            throw new IllegalStateException(rows.size() + " rows, the generator made " + rows(truth) + " days");
        }
        for (Row row : rows) {
            Day day = truth.getOrDefault(row.partition(), Map.of()).get(row.key());
            JsonNode value = JSON.readTree(row.value());
            String where = "partition " + row.partition() + ", " + row.key() + ": ";
            if (day == null) {
                throw new IllegalStateException(where + "no readings were made for this row");
            }
            if (value.path("count").asLong() != day.count) {
                throw new IllegalStateException(
                        where + "count " + value.path("count") + ", the generator made " + day.count);
            }
            if (!(Math.abs(value.path("voltage").asDouble() - day.mean()) <= RELATIVE_ERROR * day.mean())) {
                throw new IllegalStateException(
                        where + "mean " + value.path("voltage") + ", the generator's is " + day.mean());
            }
        }
    }
}
