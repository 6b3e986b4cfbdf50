package io.tidemark.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

/**
 * Makes the page of a report: one file of HTML that loads nothing. Its policy permits only the style and the script of this
 * program, by their hashes, so not even a text that got past the escaping could run.
 */
final class ReportPage {
    private static final ObjectWriter ASCII = JsonMapper.builder()
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .build()
            .writer();

    /** Runs in the strip of a job in the index. */
    private static final int STRIP = 20;

    private final Html html = new Html();
    private final JsonNode report;
    private final Instant now;
    private final List<ReportJob> jobs = new ArrayList<>();

    private ReportPage(JsonNode report) {
        this.report = report;
        Instant generated = ReportRun.time(report.path("generated").asText());
        now = generated == null ? Instant.EPOCH : generated;
        for (JsonNode each : report.path("jobs")) {
            jobs.add(new ReportJob(html, report, each, now));
        }
    }

    /** Returns the page of what {@link ReportData} collected. */
    static String of(JsonNode report) {
        return new ReportPage(report).write();
    }

    private String write() {
        String style = resource("report.css");
        String script = resource("report.js");
        String title = jobs.size() == 1 ? jobs.get(0).name() : "Tidemark report";
        html.raw("<!DOCTYPE html>\n").open("html", "lang", "en").raw("\n").open("head");
        html.empty("meta", "charset", "utf-8");
        html.empty(
                "meta",
                "http-equiv",
                "Content-Security-Policy",
                "content",
                "default-src 'none'; style-src " + hash(style) + "; script-src " + hash(script)
                        + "; base-uri 'none'; form-action 'none'");
        html.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
        html.empty("meta", "name", "color-scheme", "content", "light dark");
        html.element("title", title + ", " + Texts.time(now));
        html.raw("\n")
                .open("style")
                .raw(style)
                .close("style")
                .close("head")
                .raw("\n")
                .open("body");
        html.open("header").element("h1", "Tidemark report").open("p", "class", "muted");
        html.text(Texts.time(now) + ". Temporal " + report.path("server").asText() + ", namespace "
                + report.path("namespace").asText() + ".");
        html.close("p").close("header").raw("\n").open("main");
        if (jobs.isEmpty()) {
            html.element("p", "No runs of any job are known here.");
        }
        if (jobs.size() > 1) {
            index();
        }
        jobs.forEach(ReportJob::write);
        html.close("main").raw("\n");
        html.open("footer").element("button", "Download the data as JSON", "id", "download", "hidden", "hidden");
        html.close("footer").element("div", "", "id", "tip", "hidden", "hidden").raw("\n");
        html.open("script", "type", "application/json", "id", "data")
                .raw(data())
                .close("script");
        html.raw("\n")
                .open("script")
                .raw(script)
                .close("script")
                .close("body")
                .close("html")
                .raw("\n");
        return html.toString();
    }

    private void index() {
        html.open("section", "class", "card wide")
                .open("table", "class", "index")
                .open("thead")
                .open("tr");
        for (String each : new String[] {"job", "last run", "last good run", "next run", "runs, the newest first"}) {
            html.element("th", each);
        }
        html.close("tr").close("thead").open("tbody");
        for (ReportJob job : jobs) {
            html.raw("\n")
                    .open("tr")
                    .open("td")
                    .element("a", job.name(), "href", "#" + job.anchor())
                    .close("td");
            html.open("td");
            job.badge();
            html.close("td")
                    .element("td", job.lastGood())
                    .element("td", job.nextRun())
                    .open("td");
            List<ReportRun> runs =
                    job.runs().subList(0, Math.min(STRIP, job.runs().size()));
            html.open("svg", "class", "strip", "width", STRIP * 12, "height", 14, "role", "img", "aria-label", "runs");
            for (int i = 0; i < runs.size(); i++) {
                ReportRun run = runs.get(i);
                html.open("rect", "class", "o " + run.outcome().jsonName(), "x", i * 12, "y", 1, "width", 10);
                html.element("title", run.sentence(now)).close("rect");
            }
            html.close("svg").close("td").close("tr");
        }
        html.close("tbody").close("table").close("section");
    }

    /** The report's data. Within JSON these characters occur in texts only. */
    private String data() {
        try {
            return ASCII.writeValueAsString(report)
                    .replace("<", "\\u003c")
                    .replace(">", "\\u003e")
                    .replace("&", "\\u0026");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree can always be written", e);
        }
    }

    private static String resource(String name) {
        try (InputStream file = Objects.requireNonNull(ReportPage.class.getResourceAsStream(name), name)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String hash(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "'sha256-" + Base64.getEncoder().encodeToString(hash) + "'";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }
}
