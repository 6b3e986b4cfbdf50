package io.tidemark.window;

import io.tidemark.job.WindowSpec.Unit;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.time.temporal.TemporalAdjusters;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.Arrays;
import java.util.Locale;

/**
 * Hours, days, weeks and months of a zone. The local date decides to which day a time belongs, so a day may have 23 or
 * 25 hours. An hour ends when the zone changes its offset: the hour that is repeated in autumn is two windows.
 *
 * <p>The windows of up to 256 recent periods are cached, so that unsorted input does not ask the zone's rules for every
 * record.
 */
final class CalendarWindows extends WindowAssigner {
    private static final int REMEMBERED = 256;

    private final Unit unit;
    private final ZoneId zone;
    private final ZoneRules rules;
    // Times are cached by their multiple of 2^shift ms: 35 minutes for hours, 18.6 hours for all other units.
    private final int shift;
    private final long[] from = new long[REMEMBERED];
    private final long[] until = new long[REMEMBERED];
    private final long[] window = new long[REMEMBERED];

    CalendarWindows(Unit unit, ZoneId zone) {
        this.unit = unit;
        this.zone = zone;
        rules = zone.getRules();
        shift = unit == Unit.HOUR ? 21 : 26;
        Arrays.fill(from, Long.MAX_VALUE);
    }

    @Override
    public long start(long epochMillis) {
        int i = (int) (epochMillis >> shift) & (REMEMBERED - 1);
        if (epochMillis < from[i] || epochMillis >= until[i]) {
            learn(i, epochMillis);
        }
        return window[i];
    }

    private void learn(int i, long epochMillis) {
        Instant instant = Instant.ofEpochMilli(epochMillis);
        ZoneOffset offset = rules.getOffset(instant);
        LocalDateTime local = LocalDateTime.ofInstant(instant, offset);
        LocalDate first = first(local.toLocalDate());
        LocalDateTime begin;
        LocalDateTime end;
        if (unit == Unit.HOUR) {
            begin = local.truncatedTo(ChronoUnit.HOURS);
            end = begin.plusHours(1);
        } else {
            begin = first.atStartOfDay();
            end = next(first).atStartOfDay();
        }
        // The window may be longer than the period of constant offset; the cache entry ends with the shorter one.
        from[i] = begin.toInstant(offset).toEpochMilli();
        until[i] = end.toInstant(offset).toEpochMilli();
        ZoneOffsetTransition last = rules.previousTransition(instant.plusNanos(1));
        if (last != null) {
            from[i] = Math.max(from[i], last.getInstant().toEpochMilli());
        }
        ZoneOffsetTransition next = rules.nextTransition(instant);
        if (next != null) {
            until[i] = Math.min(until[i], next.getInstant().toEpochMilli());
        }
        window[i] = unit == Unit.HOUR
                ? from[i]
                : first.atStartOfDay(zone).toInstant().toEpochMilli();
    }

    private LocalDate first(LocalDate date) {
        return switch (unit) {
            case HOUR, DAY -> date;
            case WEEK -> date.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
            case MONTH -> date.withDayOfMonth(1);
        };
    }

    private LocalDate next(LocalDate first) {
        return switch (unit) {
            case HOUR, DAY -> first.plusDays(1);
            case WEEK -> first.plusWeeks(1);
            case MONTH -> first.plusMonths(1);
        };
    }

    @Override
    String describe(long start) {
        ZonedDateTime time = Instant.ofEpochMilli(start).atZone(zone);
        return switch (unit) {
            case HOUR -> time.toOffsetDateTime().toString();
            case DAY -> time.toLocalDate().toString();
            case WEEK ->
                String.format(
                        Locale.ROOT,
                        "%04d-W%02d",
                        time.get(IsoFields.WEEK_BASED_YEAR),
                        time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
            case MONTH -> time.toLocalDate().toString().substring(0, 7);
        };
    }
}
