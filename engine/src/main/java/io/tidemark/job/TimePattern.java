package io.tidemark.job;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads times in a pattern of {@link DateTimeFormatter}. {@link TimePatternCheck} says which patterns a job may have. */
public final class TimePattern {
    private final DateTimeFormatter formatter;

    /**
     * @throws IllegalArgumentException if {@link DateTimeFormatter} does not accept the pattern
     * @throws ClassCastException if padding stands between two numbers: the builder casts the padding to a number
     */
    TimePattern(String pattern) {
        formatter = new DateTimeFormatterBuilder()
                .appendPattern(pattern)
                // A strict resolver reads "yyyy" as the year of an era, so it needs a default era.
                .parseDefaulting(ChronoField.ERA, 1)
                // The names of months and days, and AM and PM, are English.
                .toFormatter(Locale.ENGLISH)
                .withResolverStyle(ResolverStyle.STRICT);
    }

    /** The formatter of the pattern. It refuses times that do not exist, such as 31 February. */
    DateTimeFormatter formatter() {
        return formatter;
    }

    /**
     * The time that a text means. An offset or a zone in the text holds; without them the local time is one of {@code
     * zone}, by the rules of {@link java.time.ZonedDateTime}. A text without a time of day is the start of its day.
     *
     * @return null if the text does not fit the pattern, has no date, or has only a part of a time of day, such as an
     *     hour from 1 to 12 without AM or PM
     */
    public @Nullable Instant read(String text, ZoneId zone) {
        try {
            TemporalAccessor time = formatter.parse(text);
            if (time.isSupported(ChronoField.INSTANT_SECONDS)) {
                return Instant.from(time);
            }
            LocalDate date = time.query(TemporalQueries.localDate());
            LocalTime clock = time.query(TemporalQueries.localTime());
            if (date == null || (clock == null && hasPartOfAClock(time))) {
                return null;
            }
            // The offset or, without one, the named zone.
            ZoneId own = time.query(TemporalQueries.offset());
            if (own == null) {
                own = time.query(TemporalQueries.zoneId());
            }
            return (clock == null ? date.atStartOfDay() : date.atTime(clock))
                    .atZone(own == null ? zone : own)
                    .toInstant();
        } catch (DateTimeException | ArithmeticException e) {
            return null;
        }
    }

    /** Whether the formatter kept fields that do not make a time of day together. It does so without an error. */
    private static boolean hasPartOfAClock(TemporalAccessor time) {
        for (ChronoField each : ChronoField.values()) {
            if (each.isTimeBased() && time.isSupported(each)) {
                return true;
            }
        }
        return false;
    }
}
