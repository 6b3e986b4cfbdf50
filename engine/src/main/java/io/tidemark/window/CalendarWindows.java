package io.tidemark.window;

import io.tidemark.job.WindowSpec.Calendar;
import io.tidemark.job.WindowSpec.Unit;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.time.temporal.TemporalAdjusters;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.Arrays;
import java.util.Locale;

/**
 * Hours, days, weeks, months, quarters and years of a zone.
 *
 * <p>Without {@code dayBegins} the local date decides to which window a time belongs. If the zone's clock goes back over
 * midnight, the repeated part of the evening belongs to the day before, although the next day began for a moment:
 * {@link #start} then steps back once, and {@link #oldestOpen} does not. With {@code dayBegins} a window lasts from its
 * beginning to that of the next window. An hour ends when the zone changes its offset: the hour that is repeated in autumn
 * is two windows.
 *
 * <p>The windows of up to 256 recent periods are cached, so that unsorted input does not ask the zone's rules for every
 * record.
 */
final class CalendarWindows extends WindowAssigner {
    private static final int REMEMBERED = 256;

    private final Unit unit;
    private final ZoneId zone;
    private final LocalTime dayBegins;
    private final DayOfWeek weekBegins;
    private final ZoneRules rules;
    // Times are cached by their multiple of 2^shift ms: 35 minutes for hours, 18.6 hours for all other units.
    private final int shift;
    private final long[] from = new long[REMEMBERED];
    private final long[] until = new long[REMEMBERED];
    private final long[] window = new long[REMEMBERED];

    CalendarWindows(Calendar spec) {
        unit = spec.every();
        zone = spec.zone();
        dayBegins = spec.dayBegins();
        weekBegins = spec.weekBegins();
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
        if (unit == Unit.HOUR) {
            window[i] = from[i] = startOfHour(epochMillis);
            until[i] = endOfHour(epochMillis);
            return;
        }
        LocalDate first = first(date(epochMillis));
        window[i] = startOf(first);
        if (dayBegins.equals(LocalTime.MIDNIGHT)) {
            // A change of the clock can split a window in two, so the cache entry ends there.
            from[i] = Math.max(onClock(first.atStartOfDay(), epochMillis), lastChange(epochMillis));
            until[i] = Math.min(onClock(next(first).atStartOfDay(), epochMillis), nextChange(epochMillis));
        } else {
            from[i] = window[i];
            until[i] = startOf(next(first));
        }
    }

    private long startOfHour(long epochMillis) {
        LocalDateTime hour = local(epochMillis).truncatedTo(ChronoUnit.HOURS);
        return Math.max(onClock(hour, epochMillis), lastChange(epochMillis));
    }

    private long endOfHour(long epochMillis) {
        LocalDateTime hour = local(epochMillis).truncatedTo(ChronoUnit.HOURS);
        return Math.min(onClock(hour.plusHours(1), epochMillis), nextChange(epochMillis));
    }

    private LocalDateTime local(long epochMillis) {
        return LocalDateTime.ofInstant(Instant.ofEpochMilli(epochMillis), zone);
    }

    /** The instant of a local time by the offset that holds at another time. */
    private long onClock(LocalDateTime local, long epochMillis) {
        return local.toInstant(rules.getOffset(Instant.ofEpochMilli(epochMillis)))
                .toEpochMilli();
    }

    /** When the offset that holds at a time began. */
    private long lastChange(long epochMillis) {
        ZoneOffsetTransition last =
                rules.previousTransition(Instant.ofEpochMilli(epochMillis).plusNanos(1));
        return last == null ? Long.MIN_VALUE : last.getInstant().toEpochMilli();
    }

    /** When the offset that holds at a time ends. */
    private long nextChange(long epochMillis) {
        ZoneOffsetTransition next = rules.nextTransition(Instant.ofEpochMilli(epochMillis));
        return next == null ? Long.MAX_VALUE : next.getInstant().toEpochMilli();
    }

    /** The day that a time belongs to: its local date, or with {@code dayBegins} the last day that has begun. */
    private LocalDate date(long epochMillis) {
        LocalDate date = local(epochMillis).toLocalDate();
        if (dayBegins.equals(LocalTime.MIDNIGHT)) {
            return date;
        }
        // A clock that goes back can show the date before, and a skipped beginning can be on the date after.
        date = date.plusDays(1);
        while (startOf(date) > epochMillis) {
            date = date.minusDays(1);
        }
        return date;
    }

    /**
     * When a day begins. A time that a change skips becomes later by the length of the gap, or the end of the gap for
     * midnight; a time that a change repeats is the first of the two.
     */
    private long startOf(LocalDate date) {
        ZonedDateTime start = dayBegins.equals(LocalTime.MIDNIGHT)
                ? date.atStartOfDay(zone)
                : ZonedDateTime.of(date, dayBegins, zone);
        return start.toInstant().toEpochMilli();
    }

    private LocalDate first(LocalDate date) {
        return switch (unit) {
            case HOUR, DAY -> date;
            case WEEK -> date.with(TemporalAdjusters.previousOrSame(weekBegins));
            case MONTH -> date.withDayOfMonth(1);
            case QUARTER -> date.with(IsoFields.DAY_OF_QUARTER, 1);
            case YEAR -> date.withDayOfYear(1);
        };
    }

    private LocalDate next(LocalDate first) {
        return switch (unit) {
            case HOUR, DAY -> first.plusDays(1);
            case WEEK -> first.plusWeeks(1);
            case MONTH -> first.plusMonths(1);
            case QUARTER -> first.plusMonths(3);
            case YEAR -> first.plusYears(1);
        };
    }

    @Override
    public long end(long start) {
        if (unit == Unit.HOUR) {
            return endOfHour(start);
        }
        return startOf(next(first(date(start))));
    }

    @Override
    public long oldestOpen(long epochMillis) {
        long start = start(epochMillis);
        long change = nextChange(epochMillis);
        return change == Long.MAX_VALUE ? start : Math.min(start, start(change));
    }

    @Override
    ZoneId zone() {
        return zone;
    }

    @Override
    String describe(long start) {
        LocalDate first = first(date(start));
        return switch (unit) {
            case HOUR ->
                Instant.ofEpochMilli(start).atZone(zone).toOffsetDateTime().toString();
            case DAY -> first.toString();
            case WEEK ->
                weekBegins == DayOfWeek.MONDAY
                        ? String.format(
                                Locale.ROOT,
                                "%04d-W%02d",
                                first.get(IsoFields.WEEK_BASED_YEAR),
                                first.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR))
                        : first.toString();
            case MONTH -> first.toString().substring(0, 7);
            case QUARTER ->
                String.format(Locale.ROOT, "%04d-Q%d", first.getYear(), first.get(IsoFields.QUARTER_OF_YEAR));
            case YEAR -> String.format(Locale.ROOT, "%04d", first.getYear());
        };
    }
}
