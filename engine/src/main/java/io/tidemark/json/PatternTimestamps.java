package io.tidemark.json;

import io.tidemark.job.TimestampSpec;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import org.jspecify.annotations.Nullable;

/**
 * Times in a pattern. A pattern with digits at fixed places ({@code dd/MM/yyyy HH:mm:ss}) is read from the bytes; any
 * other pattern, and any text that does not fit, is left to {@link DateTimeFormatter}. A time without a clock part is
 * the start of its day.
 */
final class PatternTimestamps extends TextTimestamps {
    private final DateTimeFormatter formatter;
    private final ZoneId zone;
    private final @Nullable FixedPattern fixed;

    PatternTimestamps(TimestampSpec.Pattern spec) {
        super(spec.field(), spec.zone(), "a time such as " + spec.pattern());
        formatter = spec.formatter();
        zone = spec.zone();
        fixed = FixedPattern.of(spec.pattern());
    }

    @Override
    long read(byte[] text, int start, int end) {
        if (fixed != null && fixed.read(text, start, end)) {
            long day = day(fixed.year(), fixed.month(), fixed.day());
            if (day != UNREADABLE) {
                return local.toEpochMillis(day + fixed.millisOfDay());
            }
        }
        return general(new String(text, start, end - start, StandardCharsets.UTF_8));
    }

    private long general(String text) {
        try {
            TemporalAccessor time = formatter.parse(text);
            if (time.isSupported(ChronoField.INSTANT_SECONDS)) {
                return Instant.from(time).toEpochMilli();
            }
            LocalDate date = time.query(TemporalQueries.localDate());
            if (date == null) {
                return UNREADABLE;
            }
            LocalTime clock = time.query(TemporalQueries.localTime());
            ZoneOffset offset = time.query(TemporalQueries.offset());
            return (clock == null ? date.atStartOfDay() : date.atTime(clock))
                    .atZone(offset == null ? zone : offset)
                    .toInstant()
                    .toEpochMilli();
        } catch (DateTimeException | ArithmeticException e) {
            return UNREADABLE;
        }
    }
}
