package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The steps of the last run on a line of time: a row for each, or, if there are many, as few rows as have room for them. */
final class ReportTimeLine {
    private static final int WIDTH = 1_000;
    private static final int LEFT = 250;
    private static final int RIGHT = 985;
    private static final int MOST_ROWS = 40;
    private static final int MOST_LETTERS = 38;

    private final Html html;
    private final ReportRun run;
    private final Instant now;
    private final List<Step> steps = new ArrayList<>();

    private record Step(
            String name,
            String detail,
            Instant scheduled,
            Instant started,
            Instant ended,
            long attempts,
            String outcome) {}

    ReportTimeLine(Html html, ReportRun run, Instant now) {
        this.html = html;
        this.run = run;
        this.now = now;
        for (JsonNode each : run.document().path("steps")) {
            Instant scheduled = time(each, "scheduled", run.started());
            Instant started = time(each, "started", scheduled);
            steps.add(new Step(
                    each.path("step").asText(),
                    each.path("detail").asText(),
                    scheduled,
                    started,
                    time(each, "ended", now),
                    each.path("attempts").asLong(),
                    each.path("outcome").asText()));
        }
    }

    private static Instant time(JsonNode step, String name, Instant otherwise) {
        Instant time = ReportRun.time(step.path(name).asText());
        return time == null ? otherwise : time;
    }

    void write() {
        if (steps.isEmpty()) {
            return;
        }
        boolean each = steps.size() <= MOST_ROWS;
        List<List<Step>> rows = each ? steps.stream().map(List::of).toList() : lanes();
        int height = each || rows.size() <= MOST_ROWS ? 18 : 8;
        Instant from = min(
                run.started(),
                steps.stream()
                        .map(Step::scheduled)
                        .min(Comparator.naturalOrder())
                        .orElse(now));
        Instant to =
                steps.stream().map(Step::ended).max(Comparator.naturalOrder()).orElse(now);
        ReportScale time = new ReportScale(from, to.isAfter(from) ? to : from.plusMillis(1), LEFT, RIGHT);
        html.raw("\n").open("section", "class", "card").element("h3", "Steps of the last run");
        html.element("p", sentence(each, Duration.between(from, to)), "class", "muted");
        int bottom = rows.size() * height + 4;
        html.open(
                "svg",
                "class",
                "chart steps",
                "viewBox",
                "0 0 " + WIDTH + " " + (bottom + 24),
                "role",
                "img",
                "aria-label",
                "Steps of the last run");
        double whole = Math.max(0.001, Duration.between(from, to).toMillis() / 1e3);
        double step = ReportScale.stepOfSeconds(whole, 8);
        for (double at = 0; at <= whole; at += step) {
            double x = time.x(from.plusMillis(Math.round(at * 1e3)));
            html.empty("line", "class", "grid", "x1", x, "x2", x, "y1", 0, "y2", bottom);
            String label = at == 0 ? "0" : Texts.duration(Duration.ofMillis(Math.round(at * 1e3)));
            html.element("text", label, "class", "middle", "x", x, "y", bottom + 16);
        }
        String above = "";
        for (int row = 0; row < rows.size(); row++) {
            int y = row * height + 2;
            List<Step> inRow = rows.get(row);
            String label = each ? label(inRow.get(0)) : inRow.get(0).name();
            if (each || !label.equals(above)) {
                html.element("text", label, "x", 0, "y", y + Math.min(height, 14) - 2);
            }
            above = label;
            inRow.forEach(one -> bar(time, one, y, height - 4));
        }
        html.close("svg").close("section");
    }

    private void bar(ReportScale time, Step step, int y, int height) {
        html.open("g").element("title", title(step));
        double from = time.x(step.scheduled);
        double begin = time.x(step.started);
        if (begin - from > 1) {
            html.empty(
                    "rect", "class", "waits", "x", from, "y", y + height / 2.0 - 1, "width", begin - from, "height", 2);
        }
        String kind = "s " + (step.name.matches("[A-Za-z]+") ? step.name : "other")
                + (step.outcome.equals("done") ? "" : step.outcome.equals("open") ? " open" : " bad");
        double width = Math.max(1.5, time.x(step.ended) - begin);
        html.empty("rect", "class", kind, "x", begin, "y", y, "width", width, "height", height, "rx", 2);
        html.close("g");
    }

    /** Puts the steps of each name into rows, so that no two of a row overlap. */
    private List<List<Step>> lanes() {
        Map<String, List<List<Step>>> byName = new LinkedHashMap<>();
        for (Step step : steps) {
            List<List<Step>> lanes = byName.computeIfAbsent(step.name, name -> new ArrayList<>());
            List<Step> free = lanes.stream()
                    .filter(lane -> !lane.get(lane.size() - 1).ended.isAfter(step.scheduled))
                    .findFirst()
                    .orElse(null);
            if (free == null) {
                free = new ArrayList<>();
                lanes.add(free);
            }
            free.add(step);
        }
        return byName.values().stream().flatMap(List::stream).toList();
    }

    private String sentence(boolean each, Duration whole) {
        long leftOut = run.document().path("stepsLeftOut").asLong();
        return Texts.count(steps.size(), "step") + " in " + Texts.duration(whole)
                + (leftOut == 0 ? "" : ", the longest; " + Texts.number(leftOut) + " shorter ones are left out")
                + (each ? "" : ". Steps at the same time are below each other")
                + ". A thin line is the time that a step waited.";
    }

    private static String label(Step step) {
        String label = step.name + " " + step.detail;
        return label.length() <= MOST_LETTERS ? label : label.substring(0, MOST_LETTERS - 1) + "…";
    }

    private static String title(Step step) {
        Duration waited = Duration.between(step.scheduled, step.started);
        return step.name + " " + step.detail + "\n" + Texts.duration(Duration.between(step.started, step.ended)) + ", "
                + step.outcome
                + (waited.toMillis() < 100 ? "" : ", waited " + Texts.duration(waited))
                + (step.attempts > 1 ? ", attempt " + step.attempts : "");
    }

    private static Instant min(Instant one, @Nullable Instant other) {
        return other == null || one.isBefore(other) ? one : other;
    }
}
