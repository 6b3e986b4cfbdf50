package io.tidemark.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleFunction;
import java.util.function.ToLongFunction;

/** Charts of a job's runs over the same axis of time: durations, the account of offsets, and what was not counted. */
final class ReportCharts {
    private static final int WIDTH = 1_000;
    private static final int LEFT = 62;
    private static final int RIGHT = 985;
    private static final int TOP = 16;
    private static final int BOTTOM = 150;
    private static final int HEIGHT = 176;

    private static final List<String> FATES =
            List.of("folded", "filtered", "invisible", "elsewhere", "late", "skipped", "deadLettered", "lost");

    private static final List<String> NOT_COUNTED = List.of("late", "skipped", "deadLettered", "lost");

    private static final Map<String, String> TEXTS = Map.of(
            "folded", "folded into totals",
            "filtered", "filtered by where",
            "invisible", "without a committed record",
            "elsewhere", "done by another run",
            "late", "late",
            "skipped", "bad, skipped",
            "deadLettered", "bad, dead-lettered",
            "lost", "lost to retention");

    private final Html html;
    private final List<ReportRun> runs;
    private final Instant now;
    private final long period;
    private final ReportScale time;
    private final double bar;

    /** {@code period} is the shortest time between two runs of the schedule, in seconds; 0 if there is none. */
    ReportCharts(Html html, List<ReportRun> runs, Instant now, long period) {
        this.html = html;
        this.runs = runs;
        this.now = now;
        this.period = period;
        bar = Math.min(24, Math.max(2.5, 0.6 * (RIGHT - LEFT) / Math.max(12, runs.size())));
        Instant first = runs.get(runs.size() - 1).started();
        Instant last = runs.get(0).started();
        // A single run is in the middle of its day.
        Duration around = runs.size() == 1 || first.equals(last) ? Duration.ofHours(12) : Duration.ZERO;
        time = new ReportScale(first.minus(around), last.plus(around), LEFT + bar, RIGHT - bar);
    }

    void write() {
        durations();
        account("What became of the offsets", FATES);
        if (runs.stream().anyMatch(run -> NOT_COUNTED.stream().anyMatch(fate -> run.count(fate) > 0))) {
            account("Records that were not counted", NOT_COUNTED);
        }
    }

    private void durations() {
        double longest = runs.stream()
                .mapToDouble(each -> each.took(now).toMillis() / 1e3)
                .max()
                .orElse(0);
        boolean inside = period > 0 && period <= 4 * longest;
        double highest = Math.max(0.1, Math.max(longest, inside ? period : 0)) * 1.05;
        begin("Duration", highest, ReportScale.stepOfSeconds(highest, 4), each -> seconds(each));
        for (ReportRun run : runs) {
            double took = run.took(now).toMillis() / 1e3;
            html.open("g").element("title", run.sentence(now));
            rect("o " + run.outcome().jsonName(), run, took, highest, 0);
            hit(run);
            html.close("g");
        }
        if (inside) {
            double y = y(period, highest);
            html.empty("line", "class", "period", "x1", LEFT, "x2", RIGHT, "y1", y, "y2", y);
            html.element("text", "period of the schedule", "class", "end", "x", RIGHT, "y", y - 4);
        } else if (period > 0) {
            String text =
                    "period of the schedule: " + Texts.duration(Duration.ofSeconds(period)) + ", above this chart";
            html.element("text", text, "class", "end", "x", RIGHT, "y", TOP - 5);
        }
        html.close("svg").close("section");
    }

    private void account(String heading, List<String> fates) {
        ToLongFunction<ReportRun> all =
                run -> fates.stream().mapToLong(run::count).sum();
        double highest = Math.max(1, runs.stream().mapToLong(all).max().orElse(0)) * 1.05;
        begin(heading, highest, ReportScale.step(highest, 4), ReportCharts::amount);
        Map<String, Long> sums = new TreeMap<>();
        for (ReportRun run : runs) {
            StringBuilder title = new StringBuilder(Texts.time(run.started()));
            for (String fate : fates) {
                if (run.count(fate) > 0) {
                    sums.merge(fate, run.count(fate), Long::sum);
                    title.append('\n')
                            .append(Texts.number(run.count(fate)))
                            .append(' ')
                            .append(TEXTS.get(fate));
                }
            }
            html.open("g").element("title", title.toString());
            double base = 0;
            for (String fate : fates) {
                if (run.count(fate) > 0) {
                    rect("f " + fate, run, run.count(fate), highest, base);
                    base += run.count(fate);
                }
            }
            hit(run);
            html.close("g");
        }
        html.close("svg").open("p", "class", "legend");
        for (String fate : fates) {
            if (sums.containsKey(fate)) {
                html.open("span", "class", "key " + fate).element("i", "");
                html.text(" " + Texts.number(sums.getOrDefault(fate, 0L)) + " " + TEXTS.get(fate))
                        .close("span");
            }
        }
        html.close("p").close("section");
    }

    private void begin(String heading, double highest, double step, DoubleFunction<String> label) {
        html.raw("\n").open("section", "class", "card").element("h3", heading);
        html.open("svg", "class", "chart", "viewBox", "0 0 " + WIDTH + " " + HEIGHT, "role", "img");
        html.element("title", heading);
        for (double each = 0; each <= highest; each += step) {
            double y = y(each, highest);
            html.empty("line", "class", "grid", "x1", LEFT, "x2", RIGHT, "y1", y, "y2", y);
            html.element("text", label.apply(each), "class", "end", "x", LEFT - 8, "y", y + 4);
        }
        for (ReportScale.Tick tick : time.ticks(9)) {
            html.empty("line", "class", "tick", "x1", tick.at(), "x2", tick.at(), "y1", BOTTOM, "y2", BOTTOM + 5);
            html.element("text", tick.label(), "class", "middle", "x", tick.at(), "y", BOTTOM + 19);
        }
    }

    private static double y(double value, double highest) {
        return BOTTOM - (BOTTOM - TOP) * value / highest;
    }

    private void rect(String kind, ReportRun run, double value, double highest, double base) {
        double top = y(base + value, highest);
        double height = Math.max(base == 0 ? 1 : 0.6, y(base, highest) - top);
        html.empty(
                "rect", "class", kind, "x", time.x(run.started()) - bar / 2, "y", top, "width", bar, "height", height);
    }

    /** What the pointer meets above a low bar. */
    private void hit(ReportRun run) {
        html.empty(
                "rect",
                "class",
                "hit",
                "x",
                time.x(run.started()) - bar / 2,
                "y",
                TOP,
                "width",
                bar,
                "height",
                BOTTOM - TOP);
    }

    private static String seconds(double seconds) {
        long whole = Math.round(seconds);
        return whole >= 3_600
                ? trimmed(seconds / 3_600) + " h"
                : whole >= 60 ? trimmed(seconds / 60) + " min" : trimmed(seconds) + " s";
    }

    private static String amount(double number) {
        return number >= 1e9
                ? trimmed(number / 1e9) + " bn"
                : number >= 1e6
                        ? trimmed(number / 1e6) + " M"
                        : number >= 1e4 ? trimmed(number / 1e3) + " k" : trimmed(number);
    }

    private static String trimmed(double number) {
        String text = String.format(Locale.ROOT, "%.1f", number);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }
}
