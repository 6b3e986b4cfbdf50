package io.tidemark.bench;

import io.tidemark.bench.GrowthPlot.Curve;
import io.tidemark.bench.GrowthPlot.Point;
import io.tidemark.bench.Result.Note;
import io.tidemark.bench.Result.Series;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Prints and draws the results of {@link AgeGrowth}. */
final class AgeTable {
    private AgeTable() {}

    static void printHeading(PrintWriter out) {
        out.println("| age | progress record, with close / without | state after compaction | heap in a transaction"
                + " | time of a run, median (spread) | CPU of a run |");
        out.println("|--:|--:|--:|--:|--:|--:|");
    }

    static void print(int age, Result result, PrintWriter out) {
        Series open = Objects.requireNonNull(result.other());
        out.printf(
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

    static String plot(List<Integer> ages, List<Result> results) {
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
