package io.tidemark.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.tidemark.job.WindowSpec;
import io.tidemark.job.WindowSpec.Unit;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class WindowAssignerTest {
    /** One zone for each set of rules: many zones only have another name. */
    static final List<ZoneId> ZONES = List.copyOf(ZoneId.getAvailableZoneIds().stream()
            .sorted()
            .map(ZoneId::of)
            .collect(Collectors.toMap(ZoneId::getRules, zone -> zone, (first, second) -> first, LinkedHashMap::new))
            .values());

    private static final DateTimeFormatter MONTH = DateTimeFormatter.ofPattern("uuuu-MM");
    private static final DateTimeFormatter QUARTER = DateTimeFormatter.ofPattern("uuuu-'Q'Q");
    private static final DateTimeFormatter YEAR = DateTimeFormatter.ofPattern("uuuu");

    @ParameterizedTest
    @CsvSource({
        "hour,  UTC,                 2006-12-23T16:52:00Z, 2006-12-23T16:00Z",
        "hour,  Europe/Berlin,       2006-12-23T15:52:00Z, 2006-12-23T16:00+01:00",
        "hour,  Asia/Kolkata,        2006-12-23T15:52:00Z, 2006-12-23T21:00+05:30",
        "hour,  Europe/Berlin,       2007-10-28T00:30:00Z, 2007-10-28T02:00+02:00",
        "hour,  Europe/Berlin,       2007-10-28T01:30:00Z, 2007-10-28T02:00+01:00",
        "hour,  Australia/Lord_Howe, 2007-10-27T15:30:00Z, 2007-10-28T02:30+11:00",
        "day,   UTC,                 2006-12-23T16:52:00Z, 2006-12-23",
        "day,   Asia/Tokyo,          2006-12-23T16:52:00Z, 2006-12-24",
        "week,  UTC,                 2006-12-24T23:59:59Z, 2006-W51",
        "week,  UTC,                 2006-12-25T00:00:00Z, 2006-W52",
        "week,  UTC,                 2007-01-01T00:00:00Z, 2007-W01",
        "week,  UTC,                 2010-01-03T23:59:59Z, 2009-W53",
        "month, UTC,                 2006-12-31T23:59:59Z, 2006-12",
        "month, Europe/Berlin,       2006-12-31T23:59:59Z, 2007-01",
        "quarter, UTC,               2006-12-31T23:59:59Z, 2006-Q4",
        "quarter, UTC,               2006-10-01T00:00:00Z, 2006-Q4",
        "quarter, UTC,               2006-09-30T23:59:59Z, 2006-Q3",
        "quarter, Europe/Berlin,     2006-12-31T23:59:59Z, 2007-Q1",
        "year,  UTC,                 2006-12-31T23:59:59Z, 2006",
        "year,  Asia/Tokyo,          2006-12-31T15:00:00Z, 2007",
    })
    void aWindowIsNamedAsPeopleNameIt(String unit, String zone, Instant time, String text) {
        WindowAssigner windows = WindowAssigner.of(
                new WindowSpec.Calendar(Unit.valueOf(unit.toUpperCase(Locale.ROOT)), ZoneId.of(zone)));

        assertThat(windows.text(windows.start(time.toEpochMilli()))).isEqualTo(text);
    }

    /** The text is part of a row's key, so workers with different default locales must write the same one. */
    @ParameterizedTest
    @ValueSource(strings = {"ar-EG-u-nu-arab", "fa-IR", "mr-IN-u-nu-deva", "th-TH-u-nu-thai", "tr-TR"})
    void theDefaultLocaleDoesNotShow(String locale) {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag(locale));
        try {
            assertThat(textOf(new WindowSpec.Calendar(Unit.HOUR, ZoneId.of("Asia/Kathmandu"))))
                    .isEqualTo("2006-12-23T22:00+05:45");
            assertThat(textOf(new WindowSpec.Calendar(Unit.DAY, ZoneId.of("UTC"))))
                    .isEqualTo("2006-12-23");
            assertThat(textOf(new WindowSpec.Calendar(Unit.WEEK, ZoneId.of("UTC"))))
                    .isEqualTo("2006-W51");
            assertThat(textOf(new WindowSpec.Calendar(Unit.MONTH, ZoneId.of("UTC"))))
                    .isEqualTo("2006-12");
            assertThat(textOf(new WindowSpec.Calendar(Unit.QUARTER, ZoneId.of("UTC"))))
                    .isEqualTo("2006-Q4");
            assertThat(textOf(new WindowSpec.Calendar(Unit.YEAR, ZoneId.of("UTC"))))
                    .isEqualTo("2006");
            assertThat(textOf(new WindowSpec.Tumbling(Duration.ofMinutes(15)))).isEqualTo("2006-12-23T16:45:00Z");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void theTextOfTheWindowBeforeIsNotTakenForAnother() {
        WindowAssigner windows = WindowAssigner.of(new WindowSpec.Tumbling(Duration.ofMillis(1)));

        assertThat(List.of(windows.text(0), windows.text(1), windows.text(1), windows.text(0), windows.text(-1)))
                .containsExactly(
                        "1970-01-01T00:00:00Z",
                        "1970-01-01T00:00:00.001Z",
                        "1970-01-01T00:00:00.001Z",
                        "1970-01-01T00:00:00Z",
                        "1969-12-31T23:59:59.999Z");
    }

    private static String textOf(WindowSpec spec) {
        WindowAssigner windows = WindowAssigner.of(spec);
        return windows.text(windows.start(Instant.parse("2006-12-23T16:52:00Z").toEpochMilli()));
    }

    @ParameterizedTest
    @CsvSource({"2007-03-25, 23", "2007-10-28, 25", "2007-10-29, 24"})
    void daysOfAChangeHave23And25Hours(String day, int hours) {
        ZoneId zone = ZoneId.of("Europe/Berlin");
        WindowAssigner windows = WindowAssigner.of(new WindowSpec.Calendar(Unit.DAY, zone));
        WindowAssigner hourly = WindowAssigner.of(new WindowSpec.Calendar(Unit.HOUR, zone));
        Instant around = Instant.parse(day + "T12:00:00Z").minus(Duration.ofDays(1));

        long found = IntStream.range(0, 49 * 4)
                .mapToLong(quarter -> around.toEpochMilli() + quarter * 900_000L)
                .filter(time -> windows.text(windows.start(time)).equals(day))
                .map(hourly::start)
                .distinct()
                .count();

        assertThat(found).isEqualTo(hours);
    }

    @Test
    void windowsOfOneLengthCountFrom1970() {
        WindowAssigner windows = WindowAssigner.of(new WindowSpec.Tumbling(Duration.ofMinutes(15)));

        assertThat(windows.text(
                        windows.start(Instant.parse("2006-12-23T16:52:00Z").toEpochMilli())))
                .isEqualTo("2006-12-23T16:45:00Z");
        assertThat(windows.start(-1)).isEqualTo(-900_000);
    }

    @Test
    void withoutWindowsAllTimeIsOne() {
        WindowAssigner windows = WindowAssigner.of(new WindowSpec.None());

        assertThat(windows.start(1_166_892_720_000L)).isZero();
        assertThat(windows.text(0)).isEmpty();
    }

    /** Times around every change of every zone, in random order, against java.time one by one. */
    @ParameterizedTest
    @EnumSource(Unit.class)
    void everyChangeOfEveryZoneIsMet(Unit unit) {
        Random random = new Random(7);
        for (ZoneId zone : ZONES) {
            assertNamedAsByJavaTime(new WindowSpec.Calendar(unit, zone), timesAroundChanges(zone, 6, random));
        }
    }

    /** Any day of the week is skipped or repeated by some zone. */
    @ParameterizedTest
    @EnumSource(DayOfWeek.class)
    void weeksThatBeginOnAnyDayAreMet(DayOfWeek first) {
        Random random = new Random(first.getValue());
        for (ZoneId zone : ZONES) {
            assertNamedAsByJavaTime(
                    new WindowSpec.Calendar(Unit.WEEK, zone, LocalTime.MIDNIGHT, first),
                    timesAroundChanges(zone, 1, random));
        }
    }

    /** Times around every change of a zone until 2050, in random order. */
    static List<Long> timesAroundChanges(ZoneId zone, int perChange, Random random) {
        List<Long> times = new ArrayList<>();
        ZoneRules rules = zone.getRules();
        ZoneOffsetTransition change = rules.nextTransition(Instant.parse("0002-01-01T00:00:00Z"));
        while (change != null && change.getDateTimeBefore().getYear() < 2050) {
            long at = change.getInstant().toEpochMilli();
            for (int i = 0; i < perChange; i++) {
                times.add(at + random.nextLong(-90_000_000, 90_000_000));
                times.add(at + random.nextLong(-5_000_000, 5_000_000));
            }
            Collections.addAll(times, at - 1, at, at + 1);
            change = rules.nextTransition(change.getInstant());
        }
        Collections.shuffle(times, random);
        return times;
    }

    @Property(tries = 2_000)
    void anyTimeOfAnyZoneIsMet(@ForAll long seed) {
        Random random = new Random(seed);
        ZoneId zone = ZONES.get(random.nextInt(ZONES.size()));
        Unit unit = List.of(Unit.values()).get(random.nextInt(Unit.values().length));
        DayOfWeek weekBegins = unit == Unit.WEEK ? DayOfWeek.of(1 + random.nextInt(7)) : DayOfWeek.MONDAY;
        List<Long> times = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            times.add(random.nextLong(-62_135_510_400_000L, 253_402_214_400_000L));
            times.add(random.nextLong(1_100_000_000_000L, 1_200_000_000_000L));
        }
        assertNamedAsByJavaTime(new WindowSpec.Calendar(unit, zone, LocalTime.MIDNIGHT, weekBegins), times);
    }

    /** The right name for each time; one start for one name; and the start lies within the window. */
    private static void assertNamedAsByJavaTime(WindowSpec.Calendar spec, List<Long> times) {
        WindowAssigner windows = WindowAssigner.of(spec);
        Map<String, Long> starts = new HashMap<>();
        Map<Long, String> names = new HashMap<>();
        for (long time : times) {
            long start = windows.start(time);
            String name = windows.text(start);
            String expected = byJavaTime(spec, Instant.ofEpochMilli(time).atZone(spec.zone()));
            long startOfName = starts.merge(name, start, (was, is) -> was);
            String nameOfStart = names.merge(start, name, (was, is) -> was);
            // One comparison instead of four assertions, because there are millions of times.
            if (!name.equals(expected)
                    || startOfName != start
                    || !nameOfStart.equals(name)
                    || windows.start(start) != start) {
                fail(
                        "%s at %s is in %s, which starts at %d; expected %s. Before, the name had the start %d, and the"
                                + " start the name %s. The start itself is in the window from %d.",
                        spec,
                        Instant.ofEpochMilli(time),
                        name,
                        start,
                        expected,
                        startOfName,
                        nameOfStart,
                        windows.start(start));
            }
        }
    }

    private static String byJavaTime(WindowSpec.Calendar spec, ZonedDateTime time) {
        return switch (spec.every()) {
            case DAY -> time.format(DateTimeFormatter.ISO_LOCAL_DATE);
            case WEEK -> {
                LocalDate first = time.toLocalDate();
                while (first.getDayOfWeek() != spec.weekBegins()) {
                    first = first.minusDays(1);
                }
                yield spec.weekBegins() == DayOfWeek.MONDAY
                        ? time.format(DateTimeFormatter.ISO_WEEK_DATE).substring(0, 8)
                        : first.toString();
            }
            case MONTH -> time.format(MONTH);
            case QUARTER -> time.format(QUARTER);
            case YEAR -> time.format(YEAR);
            case HOUR -> {
                // Back to the full hour of the clock on the wall, but not past a change of that clock.
                Instant full =
                        time.toLocalDateTime().truncatedTo(ChronoUnit.HOURS).toInstant(time.getOffset());
                ZoneOffsetTransition change = time.getZone()
                        .getRules()
                        .previousTransition(time.toInstant().plusNanos(1));
                Instant start = change != null && change.getInstant().isAfter(full) ? change.getInstant() : full;
                yield start.atOffset(time.getOffset()).toString();
            }
        };
    }

    @Test
    void windowsStayOpenForAsLongAsTheJobSays() {
        WindowAssigner days = WindowAssigner.of(new WindowSpec.Calendar(Unit.DAY, ZoneId.of("UTC")));
        long midnight = Instant.parse("2006-12-24T00:00:00Z").toEpochMilli();

        assertThat(days.oldestOpen(midnight + 3_600_000, Duration.ofHours(1))).isEqualTo(midnight);
        assertThat(days.oldestOpen(midnight + 3_599_999, Duration.ofHours(1))).isEqualTo(midnight - 86_400_000);
        assertThat(days.oldestOpen(midnight, Duration.ofDays(1_000_000))).isLessThan(days.oldestOpen(0));
    }
}
