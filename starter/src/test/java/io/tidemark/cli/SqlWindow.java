package io.tidemark.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Windows of {@link DuckDbIT}.
 *
 * @param job as JSON, for a job
 * @param field the row's field with the window; null if there is one window for all of time
 * @param sql what DuckDB computes for it from {@code ms}, the time
 * @param from the earliest time of a record
 * @param length how long after {@code from} the latest one is
 */
record SqlWindow(String job, @Nullable String field, String sql, Instant from, Duration length) {
    private static final String LOCAL = "timezone('%s', make_timestamptz(ms * 1000))";

    static SqlWindow any(Random random) {
        // Lord Howe changes its clock by half an hour, Sao Paulo did at midnight, and Apia skipped a day.
        String zone = DuckDbIT.any(
                random,
                "UTC",
                "Europe/Berlin",
                "America/New_York",
                "Asia/Kolkata",
                "Asia/Kathmandu",
                "Australia/Lord_Howe",
                "America/Sao_Paulo",
                "Pacific/Apia");
        Instant from = Instant.parse("1995-01-01T00:00:00Z").plus(Duration.ofHours(random.nextInt(24 * 365 * 23)));
        Duration length = Duration.ofHours(1 + random.nextInt(DuckDbIT.any(random, 30, 24 * 40, 24 * 900)));
        ZoneOffsetTransition change = ZoneId.of(zone).getRules().nextTransition(from);
        if (change != null && random.nextBoolean()) {
            from = change.getInstant().minus(Duration.ofHours(30));
            length = Duration.ofHours(60);
        }
        String local = LOCAL.formatted(zone);
        return switch (random.nextInt(10)) {
            case 0 -> new SqlWindow("\"none\"", null, "''", from, length);
            case 1 ->
                new SqlWindow(
                        "\"hour\"",
                        "hour",
                        "strftime(date_trunc('hour', " + LOCAL.formatted("UTC") + "), '%Y-%m-%dT%H:%MZ')",
                        from,
                        length);
            case 2 -> new SqlWindow("\"15m\"", "window", "ms - ms % 900000", from, length);
            case 3 -> calendar("week", zone, "strftime(" + local + ", '%G-W%V')", from, length);
            case 4 -> calendar("month", zone, "strftime(" + local + ", '%Y-%m')", from, length);
            case 5 ->
                calendar("quarter", zone, "strftime(" + local + ", '%Y-Q') || quarter(" + local + ")", from, length);
            case 6 -> calendar("year", zone, "strftime(" + local + ", '%Y')", from, length);
            case 7 ->
                new SqlWindow(
                        "{\"every\":\"day\",\"zone\":\"" + zone + "\",\"dayBegins\":\"06:00\"}",
                        "date",
                        "strftime(" + local + " - INTERVAL 6 HOUR, '%Y-%m-%d')",
                        from,
                        length);
            case 8 ->
                new SqlWindow(
                        "{\"every\":\"week\",\"zone\":\"" + zone + "\",\"weekBegins\":\"sunday\"}",
                        "week",
                        "strftime(date_trunc('week', " + local + " + INTERVAL 1 DAY) - INTERVAL 1 DAY, '%Y-%m-%d')",
                        from,
                        length);
            default -> calendar("day", zone, "strftime(" + local + ", '%Y-%m-%d')", from, length);
        };
    }

    private static SqlWindow calendar(String unit, String zone, String sql, Instant from, Duration length) {
        return new SqlWindow(
                "{\"every\":\"" + unit + "\",\"zone\":\"" + zone + "\"}",
                unit.equals("day") ? "date" : unit,
                sql,
                from,
                length);
    }

    boolean isDuration() {
        return "window".equals(field);
    }

    /** Returns the time of a record: of few different ones, so that some are equal. */
    long time(Random random) {
        long step = length.toMillis() / 200 + 1;
        return from.toEpochMilli() + step * random.nextInt(200);
    }
}
