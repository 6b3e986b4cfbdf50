package io.tidemark.bench;

import io.tidemark.bench.Result.Series;
import io.tidemark.cli.OutputReader;
import io.tidemark.cli.OutputReader.Row;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The programs of {@code --beside}, on the servers of one measurement. Their rows are checked after each pass. */
final class Beside implements AutoCloseable {

    /** Allowed relative error of a mean, so that a program may round it to six decimals. */
    static final double RELATIVE_ERROR = 1e-8;

    private final BenchServers servers;
    private final BenchWork work;
    private final Workload workload;
    private final List<Program> programs = new ArrayList<>();
    private final List<Side> sides = new ArrayList<>();
    private final List<String> names = new ArrayList<>();

    Beside(BenchServers servers, BenchWork work, Workload workload, List<Program.Line> lines) {
        this.servers = servers;
        this.work = work;
        this.workload = workload;
        for (Program.Line line : lines) {
            programs.add(new Program(
                    line,
                    Map.of(
                            "BENCH_BOOTSTRAP_SERVERS", servers.kafka().bootstrapServers(),
                            "BENCH_INPUT", BenchWork.TOPIC,
                            "BENCH_PARTITIONS", Integer.toString(workload.partitions()))));
            sides.add(new Side());
            names.add(programs.size() + ": " + line);
        }
    }

    /** Prints the programs with their numbers, and the head of the table of runs. */
    void printHeader(PrintWriter out) {
        names.forEach(out::println);
        StringBuilder head = new StringBuilder(" ".repeat(10));
        int width = 15;
        for (int i = 1; i <= programs.size(); i++) {
            head.append(String.format(Locale.ROOT, " %" + width + "d", i));
            width = 13;
        }
        out.println(head.append(String.format(Locale.ROOT, " %" + width + "s", "tidemark")));
    }

    /**
     * Makes a pass of each program.
     *
     * @param number of the round, different in each
     * @param counted false for a warm-up
     * @return the seconds of each
     * @throws IllegalStateException if a program fails or a row is wrong
     */
    List<Double> passes(int number, boolean counted) {
        List<Double> seconds = new ArrayList<>();
        for (int i = 0; i < programs.size(); i++) {
            String output = Workload.outputTopic("beside-" + (i + 1) + "-" + number);
            servers.createTopic(output, workload.partitions());
            // A broker names the leader of a new partition before it accepts records for it, and not all clients retry.
            OutputReader.read(servers.kafka(), output, null);
            Program.Pass pass = programs.get(i).pass(output);
            seconds.add(pass.seconds());
            sides.get(i).add(pass.peak());
            if (counted) {
                sides.get(i).add(pass.seconds(), pass.cpuSeconds());
            }
            check(output, names.get(i));
        }
        return seconds;
    }

    private void check(String output, String name) {
        try {
            work.truth()
                    .check(
                            OutputReader.read(servers.kafka(), output, null).stream()
                                    .map(Beside::inItsPartition)
                                    .toList(),
                            Columns.MEAN,
                            RELATIVE_ERROR);
        } catch (IllegalStateException e) {
            throw new IllegalStateException("wrong rows of " + name + ": " + e.getMessage(), e);
        }
    }

    /** Returns a row in the partition that is named before its key, as in {@code 3/2006-12-17}, if there is one. */
    static Row inItsPartition(Row row) {
        int slash = row.key().indexOf('/');
        return slash < 0
                ? row
                : new Row(
                        Integer.parseInt(row.key().substring(0, slash)),
                        row.offset(),
                        row.key().substring(slash + 1),
                        row.value());
    }

    /** Returns the figures of each program. */
    List<Series> series() {
        List<Series> all = new ArrayList<>();
        for (int i = 0; i < programs.size(); i++) {
            all.add(sides.get(i).series(names.get(i)));
        }
        return all;
    }

    @Override
    public void close() {
        programs.forEach(Program::close);
    }
}
