package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * A run in a report.
 *
 * @param document as {@link RunDocument} makes it
 */
record ReportRun(
        JsonNode document,
        RunOutcome outcome,
        Instant started,
        @Nullable Instant ended) {
    static final Comparator<ReportRun> NEWEST_FIRST =
            Comparator.comparing(ReportRun::started).reversed();

    static ReportRun of(JsonNode document) {
        Instant started = time(document.path("started").asText());
        return new ReportRun(
                document,
                RunOutcome.named(document.path("outcome").asText()),
                started == null ? Instant.EPOCH : started,
                time(document.path("ended").asText()));
    }

    /** Returns a time in ISO 8601; null for another text. */
    static @Nullable Instant time(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    JsonNode summary() {
        return document.path("summary");
    }

    /** Returns a number of the summary; 0 if the run has none. */
    long number(String name) {
        return summary().path(name).asLong();
    }

    /** Returns a number of the account. */
    long count(String fate) {
        return summary().path("counts").path(fate).asLong();
    }

    Duration took(Instant now) {
        Duration took = Duration.between(started, ended == null ? now : ended);
        return took.isNegative() ? Duration.ZERO : took;
    }

    String error() {
        JsonNode error = document.path("error");
        return error.isObject() ? RunFailure.text(error) : "";
    }

    /** {@code 2026-11-23 00:45:00 UTC: done in 12 s, 1,000 records, 7 rows}. */
    String sentence(Instant now) {
        String took = outcome == RunOutcome.RUNNING ? " for " : outcome == RunOutcome.DONE ? " in " : " after ";
        return Texts.time(started) + ": " + outcome.text() + took + Texts.duration(took(now))
                + (summary().isObject()
                        ? ", " + Texts.count(count("folded"), "record") + ", " + Texts.count(number("rows"), "row")
                        : "");
    }
}
