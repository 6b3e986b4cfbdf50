package io.tidemark.window;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.job.WindowSpec;
import io.tidemark.job.WindowSpec.Calendar;
import io.tidemark.job.WindowSpec.Tumbling;
import io.tidemark.job.WindowSpec.Unit;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Windows of several panes. */
class RowWindowsTest {
    private static RowWindows calendar(Unit unit, String zone, int span) {
        return RowWindows.of(new Calendar(unit, ZoneId.of(zone), LocalTime.MIDNIGHT, DayOfWeek.MONDAY, span));
    }

    @ParameterizedTest
    @CsvSource({
        "DAY,     7,  Europe/Berlin, 2006-12-22T23:00:00Z, 2006-12-17T00:00:00+01:00/2006-12-24T00:00:00+01:00",
        "DAY,     2,  UTC,           2006-12-23T00:00:00Z, 2006-12-22T00:00:00Z/2006-12-24T00:00:00Z",
        // The clock goes forward in this week, so it has 167 hours.
        "DAY,     7,  Europe/Berlin, 2007-03-24T23:00:00Z, 2007-03-19T00:00:00+01:00/2007-03-26T00:00:00+02:00",
        "HOUR,    24, Europe/Berlin, 2007-03-25T01:00:00Z, 2007-03-24T03:00:00+01:00/2007-03-25T04:00:00+02:00",
        "WEEK,    2,  UTC,           2006-12-25T00:00:00Z, 2006-12-18T00:00:00Z/2007-01-01T00:00:00Z",
        "MONTH,   12, UTC,           2006-12-01T00:00:00Z, 2006-01-01T00:00:00Z/2007-01-01T00:00:00Z",
        "QUARTER, 2,  UTC,           2007-01-01T00:00:00Z, 2006-10-01T00:00:00Z/2007-04-01T00:00:00Z",
        "YEAR,    10, UTC,           2006-01-01T00:00:00Z, 1997-01-01T00:00:00Z/2007-01-01T00:00:00Z",
        // Samoa had no 30 December 2011.
        "DAY,     3,  Pacific/Apia,  2011-12-30T10:00:00Z, 2011-12-28T00:00:00-10:00/2012-01-01T00:00:00+14:00",
    })
    void aWindowIsNamedByItsStartAndItsEnd(Unit unit, int span, String zone, Instant lastPane, String text) {
        RowWindows windows = calendar(unit, zone, span);

        assertThat(windows.text(lastPane.toEpochMilli())).isEqualTo(text);
        assertThat(windows.time(windows.start(lastPane.toEpochMilli())) + "/"
                        + windows.time(windows.end(lastPane.toEpochMilli())))
                .isEqualTo(text);
    }

    @Test
    void withoutSpanAWindowIsItsPane() {
        RowWindows days = RowWindows.of(new Calendar(Unit.DAY, ZoneId.of("Europe/Berlin")));
        long day = Instant.parse("2006-12-22T23:00:00Z").toEpochMilli();

        assertThat(days.overlap()).isFalse();
        assertThat(days.text(day)).isEqualTo("2006-12-23");
        assertThat(days.start(day)).isEqualTo(day);
        assertThat(days.last(day)).isEqualTo(day);
        assertThat(days.containing(List.of(day, day + 86_400_000), Long.MIN_VALUE, Long.MAX_VALUE))
                .containsExactly(day, day + 86_400_000);
        assertThat(RowWindows.of(new WindowSpec.None()).containing(List.of(0L), Long.MIN_VALUE, Long.MAX_VALUE))
                .containsExactly(0L);
    }

    /** The judge asks each window of a long row whether one of the panes is among its last ones. */
    @Property
    void windowsThatContainPanesAreThoseOfACount(
            @ForAll Set<@IntRange(min = -40, max = 40) Integer> panes,
            @ForAll @IntRange(min = 1, max = 12) int span,
            @ForAll @IntRange(min = -60, max = 60) int from,
            @ForAll @IntRange(min = -60, max = 60) int before) {
        RowWindows windows = RowWindows.of(new Tumbling(Duration.ofMillis(1000), span));
        List<Long> sorted =
                new TreeSet<>(panes).stream().map(pane -> pane * 1000L).toList();
        List<Long> expected = new ArrayList<>();
        for (int window = from; window < before; window++) {
            for (int pane = window - span + 1; pane <= window; pane++) {
                if (panes.contains(pane)) {
                    expected.add(window * 1000L);
                    break;
                }
            }
        }

        assertThat(windows.containing(sorted, from * 1000L, before * 1000L)).isEqualTo(expected);
        assertThat(windows.last(5_000)).isEqualTo(4_000 + span * 1000L);
        assertThat(windows.start(5_000)).isEqualTo(6_000 - span * 1000L);
        assertThat(windows.text(59_000))
                .isEqualTo(
                        span == 1
                                ? "1970-01-01T00:00:59Z"
                                : "1970-01-01T00:00:" + (60 - span) + "Z/1970-01-01T00:01:00Z");
    }

    /**
     * The panes around every change of every zone by brute force: the beginnings of all dates by java.time, of which two may
     * be the same where a zone left a date out, and the panes of the hours by asking each quarter of an hour.
     */
    @Test
    void windowsOfTheCalendarAreThoseOfTheirDatesAtEveryChangeOfEveryZone() {
        Random random = new Random(28);
        for (ZoneId zone : WindowAssignerTest.ZONES) {
            for (ZoneOffsetTransition change : changes(zone, random)) {
                int span = 2 + random.nextInt(9);
                LocalTime begins = random.nextBoolean() ? LocalTime.MIDNIGHT : LocalTime.of(random.nextInt(24), 30);
                LocalDate around = change.getDateTimeBefore().toLocalDate();
                for (Unit unit : List.of(Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.QUARTER, Unit.YEAR)) {
                    Calendar spec = new Calendar(unit, zone, begins, DayOfWeek.MONDAY, span);
                    assertWindowsOf(spec, beginnings(spec, around, 2 * span + 3));
                }
                assertHours(new Calendar(Unit.HOUR, zone, LocalTime.MIDNIGHT, DayOfWeek.MONDAY, span), change);
            }
        }
    }

    private static List<ZoneOffsetTransition> changes(ZoneId zone, Random random) {
        List<ZoneOffsetTransition> all = new ArrayList<>(zone.getRules().getTransitions());
        Instant year2030 = Instant.parse("2030-01-01T00:00:00Z");
        for (ZoneOffsetTransition next = zone.getRules().nextTransition(year2030);
                next != null && next.getInstant().isBefore(Instant.parse("2032-01-01T00:00:00Z"));
                next = zone.getRules().nextTransition(next.getInstant())) {
            all.add(next);
        }
        // A third of them, but all that leave out or repeat a midnight.
        all.removeIf(change -> random.nextInt(3) > 0
                && change.getDateTimeBefore()
                        .toLocalDate()
                        .equals(change.getDateTimeAfter().toLocalDate()));
        return all;
    }

    private static List<Long> beginnings(Calendar spec, LocalDate around, int count) {
        LocalDate first = around;
        while (!beginsWindow(first, spec.every())) {
            first = first.minusDays(1);
        }
        TreeSet<Long> beginnings = new TreeSet<>();
        LocalDate before = first;
        LocalDate after = first;
        while (beginnings.size() < count) {
            beginnings.add(beginning(before, spec));
            beginnings.add(beginning(after, spec));
            before = step(before, spec.every(), -1);
            after = step(after, spec.every(), 1);
        }
        return List.copyOf(beginnings);
    }

    private static boolean beginsWindow(LocalDate date, Unit unit) {
        return switch (unit) {
            case HOUR, DAY -> true;
            case WEEK -> date.getDayOfWeek() == DayOfWeek.MONDAY;
            case MONTH -> date.getDayOfMonth() == 1;
            case QUARTER -> date.getDayOfMonth() == 1 && date.getMonthValue() % 3 == 1;
            case YEAR -> date.getDayOfYear() == 1;
        };
    }

    private static LocalDate step(LocalDate date, Unit unit, int by) {
        return switch (unit) {
            case HOUR, DAY -> date.plusDays(by);
            case WEEK -> date.plusWeeks(by);
            case MONTH -> date.plusMonths(by);
            case QUARTER -> date.plusMonths(3L * by);
            case YEAR -> date.plusYears(by);
        };
    }

    private static long beginning(LocalDate date, Calendar spec) {
        ZonedDateTime time = spec.dayBegins().equals(LocalTime.MIDNIGHT)
                ? date.atStartOfDay(spec.zone())
                : ZonedDateTime.of(date, spec.dayBegins(), spec.zone());
        return time.toInstant().toEpochMilli();
    }

    private static void assertHours(Calendar spec, ZoneOffsetTransition change) {
        WindowAssigner hours = WindowAssigner.of(spec);
        TreeSet<Long> panes = new TreeSet<>();
        long around = change.getInstant().toEpochMilli();
        for (long time = around - 12 * 3_600_000; time < around + 12 * 3_600_000; time += 60_000) {
            panes.add(hours.start(time));
        }
        assertWindowsOf(spec, List.copyOf(panes));
    }

    /** @param panes the starts of all panes of a time */
    private static void assertWindowsOf(Calendar spec, List<Long> panes) {
        RowWindows windows = RowWindows.of(spec);
        Set<String> texts = new HashSet<>();
        int span = spec.span();
        for (int i = span - 1; i + span <= panes.size(); i++) {
            long window = panes.get(i);
            assertThat(windows.start(window))
                    .as("start of the window of %s that ends with the pane of %s", spec, Instant.ofEpochMilli(window))
                    .isEqualTo(panes.get(i - span + 1));
            assertThat(windows.last(window))
                    .as("last window of %s with the pane of %s", spec, Instant.ofEpochMilli(window))
                    .isEqualTo(panes.get(i + span - 1));
            assertThat(windows.end(window)).isEqualTo(panes.get(i + 1));
            assertThat(texts.add(windows.text(window))).isTrue();
        }
        assertThat(texts).isNotEmpty();
    }
}
