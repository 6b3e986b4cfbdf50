package io.tidemark.window;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.job.WindowSpec;
import io.tidemark.job.WindowSpec.Calendar;
import io.tidemark.job.WindowSpec.Unit;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where windows begin and end, by {@code dayBegins} too, and that they follow one another. */
class WindowBoundsTest {
    private static final List<Unit> LONG_UNITS = List.of(Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.QUARTER, Unit.YEAR);

    @ParameterizedTest
    @CsvSource({
        // The gas day of Europe begins at 06:00, and in summer an hour earlier by UTC.
        "day,     06:00, monday, Europe/Berlin,    2006-12-24T04:59:59Z, 2006-12-23",
        "day,     06:00, monday, Europe/Berlin,    2006-12-24T05:00:00Z, 2006-12-24",
        "day,     06:00, monday, Europe/Berlin,    2006-07-24T04:00:00Z, 2006-07-24",
        "week,    06:00, monday, Europe/Berlin,    2006-12-25T04:59:59Z, 2006-W51",
        "week,    06:00, monday, Europe/Berlin,    2006-12-25T05:00:00Z, 2006-W52",
        "week,    00:00, sunday, America/New_York, 2006-12-24T04:59:59Z, 2006-12-17",
        "week,    00:00, sunday, America/New_York, 2006-12-24T05:00:00Z, 2006-12-24",
        "week,    17:00, sunday, America/New_York, 2006-12-24T21:59:59Z, 2006-12-17",
        "week,    17:00, sunday, America/New_York, 2006-12-24T22:00:00Z, 2006-12-24",
        "month,   06:00, monday, Europe/Berlin,    2007-01-01T04:59:59Z, 2006-12",
        "quarter, 06:00, monday, Europe/Berlin,    2007-01-01T04:59:59Z, 2006-Q4",
        "quarter, 06:00, monday, Europe/Berlin,    2007-01-01T05:00:00Z, 2007-Q1",
        "year,    06:00, monday, Europe/Berlin,    2007-01-01T04:59:59Z, 2006",
        "year,    06:00, monday, Europe/Berlin,    2007-01-01T05:00:00Z, 2007",
        // The clock skipped 02:30 on that day, so the day began at 03:30.
        "day,     02:30, monday, Europe/Berlin,    2007-03-25T01:29:59Z, 2007-03-24",
        "day,     02:30, monday, Europe/Berlin,    2007-03-25T01:30:00Z, 2007-03-25",
        // The clock showed 02:30 twice, and the day began at the first.
        "day,     02:30, monday, Europe/Berlin,    2007-10-28T00:29:59Z, 2007-10-27",
        "day,     02:30, monday, Europe/Berlin,    2007-10-28T00:30:00Z, 2007-10-28",
        "day,     02:30, monday, Europe/Berlin,    2007-10-28T01:15:00Z, 2007-10-28",
        // Samoa had no 30 December 2011, a Friday.
        "day,     06:00, monday, Pacific/Apia,     2011-12-30T15:59:59Z, 2011-12-29",
        "day,     06:00, monday, Pacific/Apia,     2011-12-30T16:00:00Z, 2011-12-31",
        "week,    06:00, friday, Pacific/Apia,     2011-12-30T16:00:00Z, 2011-12-30",
    })
    void aWindowIsNamedByItsBeginning(
            String every, LocalTime dayBegins, String weekBegins, String zone, Instant time, String text) {
        WindowAssigner windows = WindowAssigner.of(new Calendar(
                Unit.valueOf(upper(every)), ZoneId.of(zone), dayBegins, DayOfWeek.valueOf(upper(weekBegins))));

        assertThat(windows.text(windows.start(time.toEpochMilli()))).isEqualTo(text);
    }

    private static String upper(String name) {
        return name.toUpperCase(Locale.ROOT);
    }

    /**
     * The rule in the fewest words: each date has a beginning by java.time, and a time belongs to the last window that has
     * begun. Times around every change of every zone.
     */
    @ParameterizedTest
    @CsvSource({"00:30, DAY", "02:30, DAY", "06:00, DAY", "23:30, DAY", "00:30, WEEK", "23:30, MONTH", "06:00, QUARTER"
    })
    void windowsThatBeginLaterAreMetAtEveryChangeOfEveryZone(LocalTime dayBegins, Unit unit) {
        Random random = new Random(dayBegins.toSecondOfDay());
        for (ZoneId zone : WindowAssignerTest.ZONES) {
            DayOfWeek first = unit == Unit.WEEK ? DayOfWeek.of(1 + random.nextInt(7)) : DayOfWeek.MONDAY;
            assertInLastWindowThatHasBegun(
                    new Calendar(unit, zone, dayBegins, first), WindowAssignerTest.timesAroundChanges(zone, 1, random));
        }
    }

    private static void assertInLastWindowThatHasBegun(Calendar spec, List<Long> times) {
        WindowAssigner windows = WindowAssigner.of(spec);
        for (long time : times) {
            // Beginnings of the dates around the time; of two dates with the same beginning the later one counts.
            TreeMap<Long, LocalDate> days = new TreeMap<>();
            LocalDate around = Instant.ofEpochMilli(time).atZone(spec.zone()).toLocalDate();
            for (int i = -3; i <= 3; i++) {
                LocalDate date = around.plusDays(i);
                days.put(beginning(date, spec), date);
            }
            LocalDate first = firstOfWindow(days.floorEntry(time).getValue(), spec);

            long start = windows.start(time);

            assertThat(start).as("%s at %s", spec, Instant.ofEpochMilli(time)).isEqualTo(beginning(first, spec));
            assertThat(windows.text(start))
                    .as("%s at %s", spec, Instant.ofEpochMilli(time))
                    .isEqualTo(name(first, spec));
        }
    }

    private static long beginning(LocalDate date, Calendar spec) {
        return ZonedDateTime.of(date, spec.dayBegins(), spec.zone()).toInstant().toEpochMilli();
    }

    private static LocalDate firstOfWindow(LocalDate day, Calendar spec) {
        LocalDate first = day;
        while (!switch (spec.every()) {
            case HOUR, DAY -> true;
            case WEEK -> first.getDayOfWeek() == spec.weekBegins();
            case MONTH -> first.getDayOfMonth() == 1;
            case QUARTER -> first.getDayOfMonth() == 1 && first.getMonthValue() % 3 == 1;
            case YEAR -> first.getDayOfYear() == 1;
        }) {
            first = first.minusDays(1);
        }
        return first;
    }

    private static String name(LocalDate first, Calendar spec) {
        return switch (spec.every()) {
            case HOUR, DAY -> first.toString();
            case WEEK ->
                spec.weekBegins() == DayOfWeek.MONDAY
                        ? first.format(DateTimeFormatter.ISO_WEEK_DATE).substring(0, 8)
                        : first.toString();
            case MONTH -> first.toString().substring(0, 7);
            case QUARTER -> first.getYear() + "-Q" + (first.getMonthValue() + 2) / 3;
            case YEAR -> "" + first.getYear();
        };
    }

    /** Closing a window depends on it: a window that ended gets no later record. */
    @Test
    void windowsFollowOneAnotherAtEveryChangeOfEveryZone() {
        Random random = new Random(11);
        for (ZoneId zone : WindowAssignerTest.ZONES) {
            List<Long> times = WindowAssignerTest.timesAroundChanges(zone, 1, random);
            Collections.sort(times);
            Unit other = LONG_UNITS.get(random.nextInt(LONG_UNITS.size()));
            assertFollowOneAnother(new Calendar(Unit.HOUR, zone), times);
            assertFollowOneAnother(new Calendar(Unit.DAY, zone), times);
            assertFollowOneAnother(new Calendar(Unit.DAY, zone, LocalTime.of(23, 30), DayOfWeek.MONDAY), times);
            assertFollowOneAnother(new Calendar(Unit.WEEK, zone, LocalTime.MIDNIGHT, DayOfWeek.SUNDAY), times);
            assertFollowOneAnother(new Calendar(other, zone), times);
            assertFollowOneAnother(new Calendar(other, zone, LocalTime.of(6, 0), DayOfWeek.MONDAY), times);
        }
    }

    private static void assertFollowOneAnother(Calendar spec, List<Long> sorted) {
        WindowAssigner windows = WindowAssigner.of(spec);
        // Only with dayBegins, and for hours, is a window one period without a break.
        boolean unbroken = spec.every() == Unit.HOUR || !spec.dayBegins().equals(LocalTime.MIDNIGHT);
        long oldestOfLater = Long.MAX_VALUE;
        for (int i = sorted.size() - 1; i >= 0; i--) {
            long time = sorted.get(i);
            long start = windows.start(time);
            long end = windows.end(start);
            long open = windows.oldestOpen(time);
            oldestOfLater = Math.min(oldestOfLater, start);
            boolean holds = start <= time
                    && start < end
                    && windows.start(start) == start
                    && windows.start(end) == end
                    && open <= oldestOfLater
                    && windows.start(open) == open
                    && (!unbroken || (time < end && windows.start(end - 1) == start && open == start));
            assertThat(holds)
                    .as(
                            "%s at %d: start %d, end %d, open %d, oldest later %d",
                            spec, time, start, end, open, oldestOfLater)
                    .isTrue();
        }
    }

    /** In Newfoundland the clock went from 00:01 back to 23:01, so a day began, was left, and began again. */
    @Test
    void aDayThatBeginsTwiceLeavesTheDayBeforeOpen() {
        WindowAssigner windows = WindowAssigner.of(new Calendar(Unit.DAY, ZoneId.of("America/St_Johns")));
        long change = Instant.parse("2006-10-29T02:31:00Z").toEpochMilli();

        assertThat(windows.text(windows.start(change - 1))).isEqualTo("2006-10-29");
        assertThat(windows.text(windows.start(change))).isEqualTo("2006-10-28");
        assertThat(windows.text(windows.oldestOpen(change - 1))).isEqualTo("2006-10-28");
        assertThat(windows.text(windows.oldestOpen(change))).isEqualTo("2006-10-28");
        assertThat(windows.text(windows.oldestOpen(change + 3_600_000))).isEqualTo("2006-10-29");
    }

    @Test
    void windowsOfOneLengthEndWhereTheNextBegins() {
        WindowAssigner windows = WindowAssigner.of(new WindowSpec.Tumbling(Duration.ofMinutes(15)));

        assertThat(windows.end(-900_000)).isZero();
        assertThat(windows.oldestOpen(-1)).isEqualTo(-900_000);
        assertThat(WindowAssigner.of(new WindowSpec.None()).end(0)).isEqualTo(Long.MAX_VALUE);
    }
}
