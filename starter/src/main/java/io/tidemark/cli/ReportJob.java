package io.tidemark.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The part of a report about one job. */
final class ReportJob {
    private static final YAMLMapper YAML = new YAMLMapper(YAMLFactory.builder()
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .build());

    private final Html html;
    private final JsonNode report;
    private final JsonNode job;
    private final Instant now;
    private final List<ReportRun> runs = new ArrayList<>();

    ReportJob(Html html, JsonNode report, JsonNode job, Instant now) {
        this.html = html;
        this.report = report;
        this.job = job;
        this.now = now;
        job.path("runs").forEach(each -> runs.add(ReportRun.of(each)));
        runs.sort(ReportRun.NEWEST_FIRST);
    }

    String name() {
        return job.path("job").asText();
    }

    /** Names of jobs are letters, digits and hyphens; in another text the others are left out. */
    String anchor() {
        return "job-" + name().replaceAll("[^A-Za-z0-9-]", "");
    }

    /** The runs, the newest first. */
    List<ReportRun> runs() {
        return runs;
    }

    String lastGood() {
        return good().map(each -> ago(each.started())).orElse("none of these");
    }

    private Optional<ReportRun> good() {
        return runs.stream().filter(each -> each.outcome() == RunOutcome.DONE).findFirst();
    }

    private String ago(Instant time) {
        return Texts.duration(Duration.between(time, now)) + " ago";
    }

    private Optional<Instant> next() {
        return Optional.ofNullable(
                ReportRun.time(job.path("schedule").path("next").path(0).asText()));
    }

    String nextRun() {
        JsonNode schedule = job.path("schedule");
        return schedule.path("paused").asBoolean()
                ? "paused"
                : next().map(each -> each.isBefore(now) ? "now" : "in " + Texts.duration(Duration.between(now, each)))
                        .orElse(schedule.isObject() ? "never" : "no schedule");
    }

    void badge() {
        if (!runs.isEmpty()) {
            RunOutcome last = runs.get(0).outcome();
            html.element("span", last.text(), "class", "badge " + last.jsonName());
        }
    }

    void write() {
        html.raw("\n").open("article", "id", anchor()).open("h2").text(name() + " ");
        badge();
        html.close("h2");
        if (runs.isEmpty()) {
            html.element("p", "No run of the job is known here.", "class", "muted");
        } else {
            ReportRun last = runs.get(0);
            JsonNode summary = runs.stream()
                    .map(ReportRun::summary)
                    .filter(JsonNode::isObject)
                    .findFirst()
                    .orElse(last.summary());
            if (summary.isObject()) {
                html.element(
                        "p",
                        summary.path("input").asText() + " to "
                                + summary.path("output").asText(),
                        "class",
                        "muted");
            }
            tiles(last);
            problems(last);
            new ReportCalendar(html, runs, now).write();
            new ReportCharts(
                            html,
                            runs,
                            now,
                            job.path("schedule").path("periodSeconds").asLong())
                    .write();
            new ReportReasons(html, runs).write();
            new ReportPartitions(html, job.path("partitions"), planned()).write();
            new ReportTimeLine(html, last, now).write();
            table();
        }
        definition();
        html.close("article");
    }

    /** The run whose partitions are shown: the last one that had something to read. */
    private ReportRun planned() {
        return runs.stream()
                .filter(each -> each.number("offsetsPlanned") > 0)
                .findFirst()
                .orElse(runs.get(0));
    }

    private void tiles(ReportRun last) {
        html.raw("\n").open("div", "class", "tiles");
        tile(
                "Last good run",
                lastGood(),
                good().map(each -> Texts.time(each.started()) + "\ntook " + Texts.duration(each.took(now)))
                        .orElse(""));
        tile(
                "Last run",
                last.outcome().text(),
                Texts.time(last.started())
                        + (last.error().isEmpty() ? "" : "\n" + last.error().split(":")[0]));
        tile(
                "Records of the last run",
                Texts.number(last.count("folded")),
                "into " + Texts.count(last.number("rows"), "row") + "\n" + Texts.bytes(last.count("bytes")) + " read");
        lag(last);
        tile(
                "Next run",
                nextRun(),
                next().map(Texts::time).orElse("")
                        + (job.path("schedule").has("cron")
                                ? "\n" + job.path("schedule").path("cron").asText() + " in "
                                        + job.path("schedule").path("timeZone").asText()
                                : ""));
        long done =
                runs.stream().filter(each -> each.outcome() == RunOutcome.DONE).count();
        tile(
                "Good runs",
                done + " of " + runs.size(),
                "since " + Texts.time(runs.get(runs.size() - 1).started()));
        html.close("div");
    }

    private void lag(ReportRun last) {
        JsonNode lag = job.path("lag");
        if (lag.isObject()) {
            tile(
                    "Unread records",
                    Texts.number(lag.path("records").asLong()),
                    "and transaction markers, in "
                            + Texts.count(lag.path("partitionsBehind").asLong(), "partition"));
            boolean unread = lag.path("headroom").isNumber();
            tile(
                    "Room until retention",
                    unread ? Texts.number(lag.path("headroom").asLong()) : "no limit",
                    unread
                            ? "records before the oldest unread one, in partition "
                                    + lag.path("headroomPartition").asInt()
                            : "nothing is unread");
        } else if (last.summary().isObject()) {
            long left = last.number("left") + last.number("heldBack");
            String by = last.summary().path("leftBy").asText("null");
            tile(
                    "Left by the last run",
                    Texts.number(left),
                    left == 0
                            ? "it read everything that there was"
                            : (by.equals("null") ? "" : "by " + by + " ") + "of which "
                                    + Texts.number(last.number("heldBack")) + " behind open transactions");
        }
    }

    private void tile(String label, String value, String detail) {
        html.open("div", "class", "tile").element("span", label, "class", "label");
        html.element("strong", value).element("span", detail, "class", "muted").close("div");
    }

    private void problems(ReportRun last) {
        JsonNode summary = last.summary();
        if (last.error().isEmpty() && summary.path("warnings").isEmpty()) {
            return;
        }
        html.open("section", "class", "card problems").element("h3", "Problems and warnings of the last run");
        if (!last.error().isEmpty()) {
            html.element("p", last.error(), "class", "error");
        }
        html.open("ul");
        for (JsonNode each : summary.path("problems")) {
            html.element(
                    "li",
                    "partition " + each.path("partition").asInt() + ": "
                            + each.path("kind").asText() + ": "
                            + each.path("message").asText());
        }
        for (JsonNode each : summary.path("warnings")) {
            html.element("li", each.asText());
        }
        html.close("ul").close("section");
    }

    private void table() {
        html.open("details", "class", "card").element("summary", "Runs: " + runs.size());
        html.open("div", "class", "scroll").open("table").open("thead").open("tr");
        html.element("th", "started").element("th", "nominal time").element("th", "outcome");
        String[] numbers = {"took", "offsets", "records", "filtered", "bad", "late", "lost", "rows"};
        for (String each : numbers) {
            html.element("th", each, "class", "number");
        }
        html.element("th", "run").close("tr").close("thead").open("tbody");
        for (ReportRun run : runs) {
            html.raw("\n").open("tr").element("td", Texts.time(run.started()));
            Instant nominal = ReportRun.time(run.document().path("nominal").asText());
            html.element("td", nominal == null ? "" : Texts.time(nominal));
            html.open("td", "title", run.error().isEmpty() ? null : run.error());
            html.element(
                    "span",
                    run.outcome().text(),
                    "class",
                    "badge " + run.outcome().jsonName());
            html.close("td").element("td", Texts.duration(run.took(now)), "class", "number");
            long bad = run.count("deadLettered") + run.count("skipped");
            for (long each : new long[] {
                run.number("offsetsDone"),
                run.count("folded"),
                run.count("filtered"),
                bad,
                run.count("late"),
                run.count("lost"),
                run.number("rows")
            }) {
                html.element("td", run.summary().isObject() ? Texts.number(each) : "", "class", "number");
            }
            html.open("td");
            String id = run.document().path("runId").asText();
            String ui = report.path("webUi").asText("");
            if (ui.matches("https?://.*")) {
                String workflow = run.document().path("workflowId").asText();
                html.element(
                        "a",
                        id,
                        "href",
                        ui + "/namespaces/" + encoded(report.path("namespace").asText()) + "/workflows/"
                                + encoded(workflow) + "/" + encoded(id),
                        "rel",
                        "noreferrer");
            } else {
                html.text(id);
            }
            html.close("td").close("tr");
        }
        html.close("tbody").close("table").close("div").close("details");
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private void definition() {
        if (!job.path("definition").isObject()) {
            return;
        }
        try {
            html.open("details", "class", "card").element("summary", "The job");
            html.element("pre", YAML.writeValueAsString(job.path("definition"))).close("details");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree can always be written", e);
        }
    }
}
