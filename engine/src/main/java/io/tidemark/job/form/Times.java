package io.tidemark.job.form;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations, time zones and instants as a job has them. */
public final class Times {
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,18})(ms|s|m|h|d)");

    /** All of the years 1 to 9999, within which records are counted. */
    private static final Duration LONGEST = Duration.ofDays(9999 * 366);

    private Times() {}

    /** A duration of at least {@code least}: an amount and a unit. */
    public static Form<Duration> duration(Duration least) {
        String expected =
                "a duration such as 90s, 15m or 2h" + (least.toMillis() > 1 ? ", at least " + text(least) : "");
        return new TextForm<>(DURATION, expected, text -> duration(text, least), Times::text);
    }

    private static Duration duration(String text, Duration least) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(text);
        }
        long unit = switch (matcher.group(2)) {
            case "ms" -> 1L;
            case "s" -> 1_000L;
            case "m" -> 60_000L;
            case "h" -> 3_600_000L;
            case "d" -> 86_400_000L;
            default -> throw new IllegalStateException("the pattern allows no unit " + matcher.group(2));
        };
        long amount = Long.parseLong(matcher.group(1));
        if (amount > LONGEST.toMillis() / unit) {
            throw new InvalidJobException("", "must be at most " + text(LONGEST) + ", but is " + text);
        }
        Duration duration = Duration.ofMillis(amount * unit);
        if (duration.compareTo(least) < 0) {
            throw new InvalidJobException("", "must be at least " + text(least) + ", but is " + text);
        }
        return duration;
    }

    /** A duration in its largest whole unit: 15m, not 900s. */
    public static String text(Duration duration) {
        long millis = duration.toMillis();
        if (millis % 1000 != 0) {
            return millis + "ms";
        }
        long seconds = millis / 1000;
        if (seconds % 86_400 == 0) {
            return seconds / 86_400 + "d";
        } else if (seconds % 3_600 == 0) {
            return seconds / 3_600 + "h";
        }
        return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
    }

    /** A time of day in hours and minutes. */
    public static Form<LocalTime> timeOfDay() {
        return TextForm.text("([01][0-9]|2[0-3]):[0-5][0-9]", "a time of day in quotes, such as '06:00'")
                .as(LocalTime::parse, LocalTime::toString);
    }

    /** A time zone, by its name or as an offset. */
    public static Form<ZoneId> zone() {
        String expected = "a time zone such as UTC, Europe/Berlin or +02:00";
        return TextForm.any(
                expected,
                text -> {
                    try {
                        return ZoneId.of(text);
                    } catch (DateTimeException e) {
                        throw new InvalidJobException("", "must be " + expected + ", but is '" + text + "'");
                    }
                },
                Times::text);
    }

    /** The name of a zone that a person would write: UTC, where Java says Z. */
    public static String text(ZoneId zone) {
        return zone.equals(ZoneOffset.UTC) ? "UTC" : zone.getId();
    }

    /** An instant in ISO-8601 with a date, a time and an offset. */
    public static TextForm<Instant> instant() {
        String expected = "a time such as 2026-11-01T00:00:00Z";
        return new TextForm<>(
                Pattern.compile("[+-]?[0-9]{4,}-[0-9]{2}-[0-9]{2}T.*"),
                expected,
                text -> {
                    try {
                        return Instant.parse(text);
                    } catch (DateTimeException e) {
                        throw new InvalidJobException("", "must be " + expected + ", but is '" + text + "'");
                    }
                },
                Instant::toString);
    }
}
