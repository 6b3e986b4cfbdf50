package io.tidemark.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.cli.Main;
import io.tidemark.cli.OutputReader;
import io.tidemark.cli.OutputReader.Row;
import io.tidemark.embedded.Ports;
import io.tidemark.embedded.TemporalServer;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./tidemark demo}: runs the sample job twice, with new readings in between. */
@Command(
        name = "demo",
        description =
                "Start a Kafka broker, a Temporal server and a worker on this machine, write sample readings, run the sample"
                        + " job twice, and show its rows.",
        sortOptions = false)
public final class DemoCommand implements Callable<Integer> {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TOPIC = "airflow-input-topic";
    private static final String OUTPUT = "airflow-output-topic";
    private static final String JOB = "jobs/voltage-daily.yaml";
    private static final String VISITORS = "jobs/unique-visitors.yaml";
    private static final String VISITORS_RUN = "unique-visitors-first";
    private static final String FIRST_RUN = "voltage-daily-first";
    private static final String SECOND_RUN = "voltage-daily-second";

    @Option(names = "--keep", description = "Keep the servers and the worker running until Ctrl-C.")
    private boolean keep;

    @Option(
            names = "--readings",
            paramLabel = "N",
            defaultValue = "20000",
            description = "Number of readings for the first run. Default: ${DEFAULT-VALUE}.")
    private int readings;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "4",
            description = "Number of partitions of the input topic. Default: ${DEFAULT-VALUE}.")
    private int partitions;

    @Option(
            names = "--kafka-port",
            paramLabel = "PORT",
            description = "Port of the broker. Default: 9092, or a free port if 9092 is in use.")
    private int kafkaPort;

    @Option(
            names = "--temporal-port",
            paramLabel = "PORT",
            description = "Port of the Temporal server. Default: 7233, or a free port if 7233 is in use.")
    private int temporalPort;

    @Option(
            names = "--ui-port",
            paramLabel = "PORT",
            description = "Port of the Web UI. Default: 8233, or a free port if 8233 is in use.")
    private int webUiPort;

    private final PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    private final PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);

    @Override
    public Integer call() throws JsonProcessingException {
        long begun = System.nanoTime();
        LibraryLogs.prepare();
        out.println("Starting Kafka, Temporal and a worker ...");
        try (DemoServers servers = DemoServers.start(new DemoServers.Ports(
                kafkaPort != 0 ? kafkaPort : Ports.preferredOrFree(9092),
                temporalPort != 0 ? temporalPort : Ports.preferredOrFree(7233),
                webUiPort != 0 ? webUiPort : Ports.preferredOrFree(8233)))) {
            servers.closeLater(LocalWorker.start(servers.temporal(), servers.kafkaSettings(), servers.staging()));
            introduce(servers, begun);

            heading("Write readings of three days to the input topic.");
            tidemark(
                    servers,
                    "sample",
                    TOPIC,
                    "--partitions",
                    text(partitions),
                    "--readings",
                    text(readings),
                    "--from",
                    "2006-12-20",
                    "--days",
                    "3");
            heading("Run the job: the mean voltage of each day in each partition.");
            tidemark(servers, "run", JOB, "--id", FIRST_RUN);
            List<Row> first = rows(servers);

            heading("Write more readings. Half of them belong to a day that already has rows.");
            tidemark(
                    servers,
                    "sample",
                    TOPIC,
                    "--readings",
                    text(Math.max(1, readings / 5)),
                    "--from",
                    "2006-12-22",
                    "--days",
                    "2",
                    "--seed",
                    "2");
            heading("Run the job again. It reads only the new records and corrects the rows of that day.");
            tidemark(servers, "run", JOB, "--id", SECOND_RUN);
            List<Row> second = rows(servers);

            heading("The rows:");
            tidemark(servers, "results", JOB);
            heading("Rows that the second run corrected:");
            for (Corrections.Correction each : Corrections.between(first, second)) {
                out.printf(
                        Locale.ROOT,
                        "  %s, partition %d: %.3f became %.3f%n",
                        each.key(),
                        each.partition(),
                        voltage(each.before()),
                        voltage(each.after()));
            }
            visitors(servers);
            conclude(servers, begun);
            if (keep) {
                waitForCtrlC();
            }
            LibraryLogs.stop();
        } catch (RuntimeException e) {
            if (!LibraryLogs.isStopped()) {
                throw e;
            }
        }
        return 0;
    }

    /** A job whose records of one group are in all partitions. */
    private void visitors(DemoServers servers) {
        heading("Another job: the visitors of each advertising channel. Its visits are in all partitions, by visitor.");
        tidemark(
                servers,
                "sample",
                VISITORS,
                "--partitions",
                text(partitions),
                "--readings",
                text(Math.max(1, readings / 5)),
                "--from",
                "2006-12-20",
                "--days",
                "1");
        heading("Run it. Each hour and channel has one row, over all partitions.");
        tidemark(servers, "run", VISITORS, "--id", VISITORS_RUN);
        heading("Some rows:");
        tidemark(servers, "results", VISITORS, "--limit", "6");
    }

    private void introduce(DemoServers servers, long begun) {
        TemporalServer temporal = servers.temporal();
        out.printf(Locale.ROOT, "Started in %.1f s:%n", seconds(begun));
        out.println("  Kafka     " + servers.kafka().bootstrapServers());
        if (temporal.webUi().isPresent()) {
            out.println("  Temporal  " + temporal.target() + ", Web UI "
                    + temporal.webUi().get());
        } else {
            out.println("  Temporal  " + temporal.target() + " (in-memory server: no Web UI, no schedules)");
            out.println("            Reason: " + servers.temporalTried() + ".");
        }
    }

    private void conclude(DemoServers servers, long begun) {
        out.println();
        out.printf(Locale.ROOT, "Done after %.1f s.%n", seconds(begun));
        if (!keep) {
            out.println("Next: ./tidemark demo --keep      the same, and keep the servers running, with the Web UI");
            out.println("      " + JOB + "    the job, line by line");
            out.println("      ./tidemark --help           all commands");
            return;
        }
        servers.temporal().webUi().ifPresent(ui -> {
            String workflows = ui + "/namespaces/" + servers.temporal().namespace() + "/workflows";
            out.println("The runs in the Web UI:");
            out.println("  " + workflows + "/" + FIRST_RUN);
            out.println("  " + workflows + "/" + SECOND_RUN);
            out.println("  " + workflows + "/" + VISITORS_RUN);
        });
        String kafka = " --kafka-config " + servers.kafkaConfig();
        String temporal = " --address " + servers.temporal().target();
        out.println("The servers run until Ctrl-C. Try these in a second terminal:");
        out.println("  ./tidemark sample " + TOPIC + " --from 2006-12-23 --seed 3" + kafka);
        out.println("  ./tidemark run " + JOB + temporal);
        out.println("  ./tidemark results " + JOB + kafka);
        out.println("  ./tidemark results " + VISITORS + kafka);
        if (servers.temporal().isReal()) {
            out.println("  ./tidemark schedule create " + JOB + temporal);
        }
    }

    private void waitForCtrlC() {
        try {
            Thread.currentThread().join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void heading(String text) {
        out.println();
        out.println(text);
    }

    /** Prints a command and runs it. Throws if it fails, because the next commands need its result. */
    private void tidemark(DemoServers servers, String... arguments) {
        out.println("$ ./tidemark " + String.join(" ", arguments));
        List<String> all = new ArrayList<>(List.of(arguments));
        all.replaceAll(each -> each.startsWith("jobs/") ? home().resolve(each).toString() : each);
        if (arguments[0].equals("run")) {
            all.addAll(List.of("--address", servers.temporal().target()));
        } else {
            all.addAll(List.of("--kafka-config", servers.kafkaConfig().toString()));
        }
        int exitCode = Main.run(out, err, all.toArray(new String[0]));
        if (exitCode != 0) {
            throw new IllegalStateException(
                    "the demo stops: ./tidemark " + arguments[0] + " failed with exit code " + exitCode);
        }
    }

    private static double voltage(String row) throws JsonProcessingException {
        return JSON.readTree(row).path("voltage").asDouble();
    }

    private static List<Row> rows(DemoServers servers) {
        return OutputReader.read(servers.kafkaSettings(), OUTPUT, null);
    }

    /** Returns the folder of the project, which the launcher sets. */
    private static Path home() {
        return Path.of(System.getProperty("tidemark.home", "")).toAbsolutePath();
    }

    private static String text(int number) {
        return Integer.toString(number);
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }
}
