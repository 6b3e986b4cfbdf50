package io.tidemark.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import io.tidemark.cli.JobFile;
import io.tidemark.demo.LibraryLogs;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code ./tidemark bench}: measures whole runs, from the start of the workflow to its result, alternating with a bare
 * consumer that only counts the same bytes. Broker, Temporal, consumer and worker are separate processes.
 */
@Command(
        name = "bench",
        description =
                "Measure whole runs on this machine and compare them with a plain Kafka consumer on the same topic.",
        sortOptions = false)
public final class BenchCommand implements Callable<Integer> {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Option(
            names = "--records",
            paramLabel = "N",
            defaultValue = "10000000",
            description = "Number of records. Default: ${DEFAULT-VALUE}.")
    private long records;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "8",
            description = "Number of partitions of the topic. Default: ${DEFAULT-VALUE}.")
    private int partitions;

    @Option(names = "--one-partition", description = "Write all records to the first partition.")
    private boolean onePartition;

    @Option(
            names = "--record-size",
            paramLabel = "BYTES",
            defaultValue = "0",
            description = "Pad values to this size. Default: no padding, 51 bytes.")
    private int recordSize;

    @Option(
            names = "--fields",
            paramLabel = "N",
            defaultValue = "0",
            description = "Give values N fields, at least 6, with those that jobs read in the middle."
                    + " Default: only the fields that jobs read.")
    private int fields;

    @Option(
            names = "--compression",
            paramLabel = "TYPE",
            defaultValue = "none",
            description = "Compression of the topic: none, gzip, snappy, lz4 or zstd. Default: ${DEFAULT-VALUE}.")
    private String compression = "none";

    @Option(
            names = "--groups",
            paramLabel = "N",
            defaultValue = "0",
            description = "Compute the means of N groups with window: none. Default: means by day, without groups.")
    private int groups;

    @Option(names = "--spread", description = "With --groups: each partition has readings of all groups.")
    private boolean spread;

    @Option(
            names = "--per-slice",
            paramLabel = "N",
            defaultValue = "1",
            description = "partitionsPerSlice of the job. Default: ${DEFAULT-VALUE}.")
    private int perSlice;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "5",
            description = "Number of measurements of each side. Default: ${DEFAULT-VALUE}.")
    private int runs;

    @Option(
            names = "--warm-up",
            paramLabel = "N",
            defaultValue = "4",
            description = "Number of runs of each side before the measurements. Default: ${DEFAULT-VALUE}.")
    private int warmUp;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "2",
            description = "Number of threads of the plain consumer. Default: ${DEFAULT-VALUE}.")
    private int threads;

    @Option(
            names = "--worker-heap",
            paramLabel = "SIZE",
            defaultValue = "256m",
            description = "Maximum heap of the worker. Default: ${DEFAULT-VALUE}.")
    private String workerHeap = "256m";

    @Option(
            names = "--timeline",
            description = "Also print when each task of the last run began, how long it waited, and how long it took.")
    private boolean timeline;

    @Option(
            names = "--scrape",
            paramLabel = "SECONDS",
            defaultValue = "0",
            description = "Scrape the metrics of the worker this often, as Prometheus does. Default: never.")
    private int scrapeSeconds;

    @Option(
            names = "--beside",
            paramLabel = "COMMAND",
            description =
                    "Compare with a program of yours instead of the plain consumer: a line for the shell, started for"
                            + " each pass. Can be given several times. See docs/performance.md for what it has to do.")
    private List<String> beside = List.of();

    @Option(
            names = "--beside-warm",
            paramLabel = "COMMAND",
            description = "The same, but the program is started once and makes all passes.")
    private List<String> besideWarm = List.of();

    @Option(
            names = "--job",
            paramLabel = "FILE",
            description = "Runs of jobs with the aggregates, the condition and the scope of this job, in turn with jobs"
                    + " that compute a count and a mean of each partition. The readings have the fields datetime, voltage and, with"
                    + " --groups, meter; the condition must be true of all. With --idle, runs of two such jobs that find"
                    + " nothing new.")
    private @Nullable Path job;

    @Option(names = "--json", description = "Print the results as JSON; the text goes to standard error.")
    private boolean json;

    @ArgGroup(
            exclusive = true,
            heading = "At most one of these. Default: a run over the whole topic, by a job whose topics exist.%n")
    private Mode mode = new Mode();

    /** At most one of these. */
    private static final class Mode {
        @Option(
                names = "--next-batch",
                description = "A later run: the job's topics exist, and N records are written before each run.")
        private boolean nextBatch;

        @Option(names = "--idle", description = "A later run that finds nothing new.")
        private boolean idle;

        @Option(
                names = "--cold",
                description =
                        "A first run, measured from the start of the worker process, and compared with Kafka Streams.")
        private boolean cold;

        @Option(
                names = "--start",
                description = "No run, only the time from the start of the worker process until it polls.")
        private boolean start;

        @ArgGroup(exclusive = false)
        private @Nullable GrowthOptions growth;

        @Option(
                names = "--table",
                paramLabel = "ROW",
                split = ",",
                arity = "0..1",
                fallbackValue = "all",
                description = "All rows of the table in docs/performance.md, or the rows with these numbers.")
        private @Nullable List<String> table;

        /** Whether the runs are such that a program that reads the whole topic cannot be compared with them. */
        boolean excludesPrograms() {
            return nextBatch || idle || start || growth != null || table != null;
        }
    }

    /** The kind of growth is required; the other options are optional. */
    private static final class GrowthOptions {
        @Option(
                names = "--growth",
                paramLabel = "WHAT",
                required = true,
                description = "How the time grows with one of: ${COMPLETION-CANDIDATES}. The age is that of a job, in"
                        + " simulated days, and is measured with close and without.")
        private Growth what = Growth.RECORDS;

        @Option(
                names = "--sizes",
                paramLabel = "N",
                split = ",",
                description = "At least two sizes, for the age in days. Default: those of docs/performance.md.")
        private List<Integer> sizes = List.of();

        @Option(names = "--svg", paramLabel = "FILE", description = "Write a chart to this file.")
        private @Nullable Path svg;
    }

    /** The JSON that {@code --json} prints. */
    private record Report(String machine, List<Result> results) {}

    @Override
    public Integer call() throws IOException {
        LibraryLogs.prepare();
        boolean programs = !(beside.isEmpty() && besideWarm.isEmpty());
        if (job != null && (programs || mode.cold || mode.excludesPrograms() && !mode.idle)) {
            throw new IllegalArgumentException(
                    "--job goes with a run over the whole topic and with --idle only; leave out the other option");
        }
        if (programs && mode.excludesPrograms()) {
            throw new IllegalArgumentException(
                    "--beside goes with a run over the whole topic and with --cold only, because"
                            + " the program reads the whole topic; leave out the other option");
        }
        PrintWriter out = writer(json ? System.err : System.out);
        Bench bench = new Bench(runs, warmUp, threads, workerHeap, timeline, scrapeSeconds, out);
        out.println(machine());
        boolean complete = true;
        List<Result> results;
        if (mode.table != null) {
            List<TableRow> rows = TableRow.of(mode.table);
            results = table(rows, bench, out);
            complete = results.size() == rows.size();
        } else if (mode.growth != null) {
            results = growth(mode.growth, bench);
        } else {
            results = List.of(one(bench));
        }
        if (json) {
            writer(System.out)
                    .println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(new Report(machine(), results)));
        }
        return complete ? 0 : 1;
    }

    private Result one(Bench bench) {
        Workload workload = new Workload(
                records, partitions, recordSize, fields, compression, groups, onePartition, perSlice, spread);
        List<Program.Line> programs = Stream.concat(
                        beside.stream().map(each -> new Program.Line(each, false)),
                        besideWarm.stream().map(each -> new Program.Line(each, true)))
                .toList();
        if (!programs.isEmpty()) {
            return bench.beside(workload, programs, mode.cold);
        }
        if (mode.cold) {
            return bench.cold(workload);
        }
        if (job != null) {
            return bench.besideMeans(workload, JobFile.read(job, List.of()).job(), mode.idle);
        }
        if (mode.start) {
            return bench.starts();
        }
        if (mode.nextBatch) {
            return bench.nextBatches(workload);
        }
        return mode.idle ? bench.idleRuns(workload) : bench.wholeTopic(workload);
    }

    /** Measures rows. A failure of one row does not stop the others. */
    private static List<Result> table(List<TableRow> rows, Bench bench, PrintWriter out) {
        List<Result> results = new ArrayList<>();
        ResultTable table = new ResultTable();
        for (TableRow row : rows) {
            try {
                Result result = row.measure(bench);
                results.add(result);
                table.add(row, result);
            } catch (RuntimeException e) {
                out.println("row " + row.number() + " was not measured: " + e.getMessage());
                table.addMissing(row, String.valueOf(e.getMessage()));
            }
        }
        out.println();
        out.print(table);
        out.flush();
        return results;
    }

    private static List<Result> growth(GrowthOptions options, Bench bench) throws IOException {
        List<Integer> sizes = options.sizes.isEmpty() ? options.what.sizes() : options.sizes;
        if (Set.copyOf(sizes).size() < 2) {
            throw new IllegalArgumentException("--sizes is " + sizes + "; growth needs at least two different sizes");
        }
        return options.what.run(bench, sizes, options.svg);
    }

    /** Returns the machine, without which the figures mean nothing. */
    private static String machine() {
        long bytes = ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize();
        return Runtime.getRuntime().availableProcessors() + " cores, " + (bytes >> 30) + " GiB, "
                + System.getProperty("os.name") + " " + System.getProperty("os.version") + ", Java "
                + Runtime.version();
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, StandardCharsets.UTF_8);
    }
}
