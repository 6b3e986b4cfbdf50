package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The bad records of a job's runs by their reason, as a table: what to look for in the dead letters. */
final class ReportReasons {
    private final Html html;
    private final List<ReportRun> runs;

    /** @param runs the newest first */
    ReportReasons(Html html, List<ReportRun> runs) {
        this.html = html;
        this.runs = runs;
    }

    /** Writes the table; nothing if no run knows a reason. */
    void write() {
        Map<String, Long> all = new TreeMap<>();
        for (ReportRun run : runs) {
            JsonNode reasons = reasons(run);
            reasons.fieldNames()
                    .forEachRemaining(each -> all.merge(each, reasons.path(each).asLong(), Long::sum));
        }
        if (all.isEmpty()) {
            return;
        }
        html.raw("\n").open("section", "class", "card").element("h3", "Bad records by reason");
        html.open("div", "class", "scroll")
                .open("table")
                .open("thead")
                .open("tr")
                .element("th", "reason");
        html.element("th", "last run", "class", "number").element("th", "all runs shown", "class", "number");
        html.close("tr").close("thead").open("tbody");
        all.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .forEach(each -> {
                    html.raw("\n").open("tr").element("td", each.getKey());
                    html.element(
                            "td",
                            Texts.number(
                                    reasons(runs.get(0)).path(each.getKey()).asLong()),
                            "class",
                            "number");
                    html.element("td", Texts.number(each.getValue()), "class", "number")
                            .close("tr");
                });
        html.close("tbody").close("table").close("div").close("section");
    }

    private static JsonNode reasons(ReportRun run) {
        return run.summary().path("counts").path("reasons");
    }
}
