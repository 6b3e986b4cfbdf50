package io.tidemark.bench;

import io.tidemark.bench.GrowthPlot.Curve;
import io.tidemark.bench.GrowthPlot.Point;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Measures how the time of a run grows with the amount of work. */
enum TimeGrowth {
    RECORDS(
            "records",
            "million records in 8 partitions",
            1e6,
            (bench, size) -> bench.wholeTopic(Workload.daily(size, 8))),
    PARTITIONS(
            "partitions",
            "partitions of 1,000 records each",
            1,
            (bench, size) ->
                    bench.nextBatches(Workload.daily(1_000L * size, size).sliced(32)));

    private interface Measurement {
        Result at(Bench bench, int size);
    }

    private final String what;
    private final String axis;
    private final double unit;
    private final Measurement measurement;

    TimeGrowth(String what, String axis, double unit, Measurement measurement) {
        this.what = what;
        this.axis = axis;
        this.unit = unit;
        this.measurement = measurement;
    }

    /** Measures each size, prints the results, and draws them. Returns them in the same order. */
    List<Result> run(Bench bench, List<Integer> sizes, @Nullable Path svg) throws IOException {
        List<Result> results =
                sizes.stream().map(size -> measurement.at(bench, size)).toList();
        print(sizes, results, bench.out());
        if (svg != null) {
            Files.writeString(svg, plot(sizes, results));
        }
        return results;
    }

    /** Prints the results and their distance from the regression line. */
    private void print(List<Integer> measured, List<Result> results, PrintWriter out) {
        Line line = Line.through(x(measured), medians(results));
        out.println();
        out.println("| " + what + " | tidemark, median (spread) | bare consumer, median (spread) | ratio |"
                + " straight line | off it |");
        out.println("|--:|--:|--:|--:|--:|--:|");
        for (int i = 0; i < results.size(); i++) {
            Result result = results.get(i);
            double expected = line.at(measured.get(i) / unit);
            double median = result.tidemark().wall().median();
            out.printf(
                    Locale.ROOT,
                    "| %,d | %s | %s | %.2f | %.2f s | %+.2f s |%n",
                    measured.get(i),
                    result.tidemark().wall(),
                    Objects.requireNonNull(result.other()).wall(),
                    result.ratio(),
                    expected,
                    median - expected);
        }
        out.println(title(line));
    }

    /** Returns the results as an SVG picture. */
    private String plot(List<Integer> measured, List<Result> results) {
        List<Point> ours = new ArrayList<>();
        List<Point> bare = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            double x = measured.get(i) / unit;
            ours.add(Point.of(x, results.get(i).tidemark().wall()));
            bare.add(Point.of(x, Objects.requireNonNull(results.get(i).other()).wall()));
        }
        return GrowthPlot.svg(
                title(Line.through(x(measured), medians(results))),
                axis,
                "seconds",
                List.of(new Curve("tidemark, whole run", ours), new Curve("bare consumer", bare)));
    }

    private String title(Line line) {
        String each = this == RECORDS ? "s for each million records" : "ms for each partition";
        return String.format(
                Locale.ROOT,
                "A whole run takes %.2f s and %.2f %s",
                line.start(),
                this == RECORDS ? line.slope() : 1_000 * line.slope(),
                each);
    }

    private List<Double> x(List<Integer> measured) {
        return measured.stream().map(size -> size / unit).toList();
    }

    private static List<Double> medians(List<Result> results) {
        return results.stream().map(each -> each.tidemark().wall().median()).toList();
    }
}
