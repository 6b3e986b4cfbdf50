package io.tidemark.bench;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The rows of the table in docs/performance.md, with their targets. */
enum TableRow {
    THIRTY_MILLION("1", "ratio 1.2", "ratio 0.6", bench -> bench.wholeTopic(Workload.daily(30_000_000, 8))),
    TEN_MILLION("2", "ratio 1.5", "ratio 0.8", bench -> bench.wholeTopic(tenMillion())),
    LZ4("3a", "ratio 1.5", "ratio 0.8", bench -> bench.wholeTopic(tenMillion().compressed("lz4"))),
    ZSTD("3b", "ratio 1.5", "ratio 0.8", bench -> bench.wholeTopic(tenMillion().compressed("zstd"))),
    ONE_PARTITION(
            "4",
            "ratio 1.8",
            "ratio 0.9",
            bench -> bench.wholeTopic(tenMillion().inOnePartition())),
    GROUPS("5", "ratio 2.5", "ratio 1.3", bench -> bench.wholeTopic(tenMillion().grouped(100_000))),
    COLD("6", "ratio 0.5", "ratio 0.25", bench -> bench.cold(tenMillion())),
    IDLE("8", "1 s", "0.3 s", bench -> bench.idleRuns(Workload.daily(100_000, 8))),
    IDLE_THOUSAND(
            "9",
            "3 s",
            "1 s",
            bench -> bench.idleRuns(Workload.daily(100_000, 1_000).sliced(32))),
    THOUSAND(
            "10",
            "30 s",
            "6 s",
            bench -> bench.nextBatches(Workload.daily(1_000_000, 1_000).sliced(32))),
    FIVE_THOUSAND(
            "11",
            "120 s",
            "20 s",
            bench -> bench.nextBatches(Workload.daily(500_000, 5_000).sliced(32))),
    START("12", "5 s", "2 s", Bench::starts),
    WIDE("13", "", "", bench -> bench.wholeTopic(tenMillion().wide(40, 600))),
    DECIMALS("14a", "", "", bench -> bench.besideMeans(thousandGroups(), TableJobs.read("decimals"), false)),
    WHERE("14b", "", "", bench -> bench.besideMeans(thousandGroups(), TableJobs.read("where"), false)),
    SKETCHES("14c", "", "", bench -> bench.besideMeans(thousandGroups(), TableJobs.read("sketches"), false)),
    TOPIC_SCOPE(
            "14d",
            "",
            "",
            bench -> bench.besideMeans(thousandGroups().spreadOut(), TableJobs.read("topic-scope"), false));

    private final String number;
    private final String must;
    private final String aim;
    private final Function<Bench, Result> measurement;

    TableRow(String number, String must, String aim, Function<Bench, Result> measurement) {
        this.number = number;
        this.must = must;
        this.aim = aim;
        this.measurement = measurement;
    }

    private static Workload tenMillion() {
        return Workload.daily(10_000_000, 8);
    }

    private static Workload thousandGroups() {
        return tenMillion().grouped(1_000);
    }

    /** Returns the number for {@code --table}. */
    String number() {
        return number;
    }

    /** Returns the limit that a release must meet, or an empty text. */
    String must() {
        return must;
    }

    /** Returns the target. */
    String aim() {
        return aim;
    }

    /** Measures the row with its own servers. */
    Result measure(Bench bench) {
        return measurement.apply(bench);
    }

    /**
     * Returns the rows with these numbers, in the order of the table.
     *
     * @param numbers such as {@code 1} or {@code 3a}; {@code 3} means both 3a and 3b, {@code all} means all rows
     * @throws IllegalArgumentException if there is no such row
     */
    static List<TableRow> of(List<String> numbers) {
        for (String each : numbers) {
            if (Arrays.stream(values()).noneMatch(row -> row.is(each))) {
                throw new IllegalArgumentException("--table has no row " + each + "; it has "
                        + Arrays.stream(values()).map(TableRow::number).collect(Collectors.joining(", ")));
            }
        }
        return Arrays.stream(values())
                .filter(row -> numbers.stream().anyMatch(row::is))
                .toList();
    }

    private boolean is(String wanted) {
        return wanted.equals("all") || wanted.equals(number) || number.matches(wanted + "[a-z]");
    }
}
