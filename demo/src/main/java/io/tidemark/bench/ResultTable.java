package io.tidemark.bench;

import io.tidemark.bench.Result.Series;
import java.util.Locale;

/**
 * Formats results as the Markdown table of docs/performance.md. In cells with two figures, the first is that of
 * Tidemark.
 */
final class ResultTable {

    private final StringBuilder lines = new StringBuilder("""
            | | work | tidemark, median (spread) | baseline, median (spread) | ratio | CPU s, ours / its | peak heap MB | resident MB | must | aim |
            |---|---|--:|--:|--:|--:|--:|--:|---|---|
            """);

    /** Adds a result. */
    void add(TableRow row, Result result) {
        Series ours = result.tidemark();
        Series its = result.other();
        lines.append(String.format(
                Locale.ROOT,
                "| %s | %s | %s | %s | %s | %.2f%s | %d%s | %d%s | %s | %s |%n",
                row.number(),
                result.work(),
                ours.wall(),
                its == null ? "" : its.wall(),
                result.ratio() == null ? "" : String.format(Locale.ROOT, "%.2f", result.ratio()),
                ours.cpu().median(),
                its == null
                        ? ""
                        : String.format(Locale.ROOT, " / %.2f", its.cpu().median()),
                ours.peak().heap(),
                its == null ? "" : " / " + its.peak().heap(),
                ours.peak().resident(),
                its == null ? "" : " / " + its.peak().resident(),
                row.must(),
                row.aim()));
    }

    /** Adds a row that could not be measured. */
    void addMissing(TableRow row, String why) {
        lines.append(String.format(
                Locale.ROOT,
                "| %s | not measured: %s | | | | | | | %s | %s |%n",
                row.number(),
                why,
                row.must(),
                row.aim()));
    }

    @Override
    public String toString() {
        return lines.toString();
    }
}
