package io.tidemark.job;

import io.tidemark.job.form.InvalidJobException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Refuses time patterns that would give wrong times without an error. A pattern has to read back the times that it
 * writes, with a date, and with a whole time of day or none. Letters that mean something else in another country or
 * another version of Java are refused too, because each worker has to read a text as the same time.
 */
final class TimePatternCheck {
    /**
     * Afternoon, midnight, noon and morning, in years that "yy" can mean. They have tenths of a second, so that one
     * decimal is enough.
     */
    private static final List<LocalDateTime> PROBES = List.of(
            LocalDateTime.parse("2023-11-14T17:11:25.5"),
            LocalDateTime.parse("2096-02-29T00:00:00.1"),
            LocalDateTime.parse("2007-03-04T12:34:56.9"),
            LocalDateTime.parse("2001-12-31T09:08:07.2"));

    /** The zone that patterns with a zone write. All others are read in UTC, so that a zone that is lost is noticed. */
    private static final ZoneId WRITTEN = ZoneId.of("Asia/Tokyo");

    private static final String WEEK =
            "it counts weeks as one country does, and the same text is another day in other countries";
    private static final String ZONE_NAME =
            "zone names in words depend on the version of Java; write VV for names such as"
                    + " Europe/Berlin, GMT and UTC, XXX for offsets such as +01:00, or the name in quotes and its zone in `zone`";

    /** Letters that no pattern may have, with the reason. */
    private static final Map<Character, String> REFUSED = Map.of(
            'Y', WEEK,
            'w', WEEK,
            'W', WEEK,
            'e', WEEK,
            'c', WEEK,
            'F', "its meaning depends on the version of Java",
            'B', "parts of the day in words depend on the version of Java; write HH, or hh with a",
            'z', ZONE_NAME,
            'v', ZONE_NAME);

    /** Most sets of optional sections that are tried: all sets of ten sections. */
    private static final int MOST_SETS = 1 << 10;

    private TimePatternCheck() {}

    /** Throws an {@link InvalidJobException} that says what is wrong and which pattern was probably meant. */
    static void check(String pattern) {
        String problem = problem(pattern);
        if (problem != null) {
            throw new InvalidJobException("input.timestamp.pattern", problem + MeantPattern.hint(pattern));
        }
    }

    /** What is wrong with a pattern; null if nothing is. */
    static @Nullable String problem(String pattern) {
        try {
            new TimePattern(pattern);
        } catch (IllegalArgumentException e) {
            return "must be a pattern of java.time.format.DateTimeFormatter, but '" + pattern + "' is not: "
                    + e.getMessage();
        } catch (ClassCastException e) {
            return "must not have a padded field (p) next to another number, but is '" + pattern + "'";
        }
        PatternText text = PatternText.of(pattern);
        for (PatternText.Run each : text.runs()) {
            String reason = REFUSED.get(each.letter());
            if (reason != null) {
                return "must not have " + each.letter() + ", but is '" + pattern + "': " + reason;
            }
        }
        String confused = confused(text);
        return confused != null ? confused : misread(text);
    }

    /** A letter that is read back as it was written, but stands where another one belongs. */
    private static @Nullable String confused(PatternText text) {
        List<PatternText.Run> runs = text.runs();
        for (int i = 1; i < runs.size(); i++) {
            char before = text.letter(i - 1);
            String between =
                    text.pattern().substring(runs.get(i - 1).end(), runs.get(i).start());
            if (text.letter(i) == 'M' && "HhKk".indexOf(before) >= 0 && ":.".contains(between)) {
                return "must not have the month (M) after the hour (" + before + "), but is '" + text.pattern() + "'";
            }
            if (text.letter(i) == 's' && before == 's') {
                return "must not have the second (s) twice, but is '" + text.pattern() + "'";
            }
        }
        PatternText always = PatternText.of(text.with(0));
        return always.hasAny("D") && always.hasAny("ML")
                ? "must not have both the day of the year (D) and the month (M), but is '" + text.pattern() + "'"
                : null;
    }

    /**
     * Tries the pattern with sets of its optional sections. Each section has to be in a set that reads back what it
     * writes; a text that fits another set is a bad record.
     */
    private static @Nullable String misread(PatternText text) {
        long all = (1L << text.sections()) - 1;
        long good = 0;
        String problem = misread(text.with(all), text.pattern());
        if (problem == null) {
            return null;
        }
        boolean anyIsGood = false;
        for (long set = all - 1; set >= 0 && set > all - MOST_SETS && (!anyIsGood || good != all); set--) {
            if (text.isClosed(set) && misread(text.with(set), text.pattern()) == null) {
                anyIsGood = true;
                good |= set;
            }
        }
        if (!anyIsGood) {
            return problem;
        }
        int bad = Long.numberOfTrailingZeros(~good);
        return bad >= text.sections()
                ? null
                : "has an optional part that can never be read, '" + text.section(bad) + "': " + problem;
    }

    /**
     * What is wrong with a pattern whose optional sections are all there; null if it reads back what it writes.
     *
     * @param shown the pattern for the message
     */
    private static @Nullable String misread(String pattern, String shown) {
        TimePattern times = new TimePattern(pattern);
        PatternText letters = PatternText.of(pattern);
        for (LocalDateTime probe : PROBES) {
            String written = write(times, probe);
            Instant found = written == null ? null : times.read(written, ZoneOffset.UTC);
            Instant expected = probe.truncatedTo(unit(letters))
                    .atZone(letters.hasAny("VXxZO") ? WRITTEN : ZoneOffset.UTC)
                    .toInstant();
            if (expected.equals(found)) {
                continue;
            }
            if (!hasDate(letters)) {
                return "must have a whole date, with year, month and day, but is '" + shown + "'";
            }
            if (written == null) {
                return "must be able to write every time, but '" + shown + "' cannot write " + probe;
            }
            String example = "'" + shown + "' writes " + probe + " as '" + written + "'";
            return found == null && unit(letters) != ChronoUnit.DAYS
                    ? "must have a whole time of day or none, but " + example
                    : "must read back the times that it writes, but " + example;
        }
        return null;
    }

    private static @Nullable String write(TimePattern times, LocalDateTime probe) {
        try {
            return times.formatter().format(probe.atZone(WRITTEN));
        } catch (DateTimeException | ArithmeticException e) {
            return null;
        }
    }

    /** The shortest unit that the letters tell apart. */
    private static ChronoUnit unit(PatternText letters) {
        return letters.hasAny("SnNA")
                ? ChronoUnit.NANOS
                : letters.hasAny("s")
                        ? ChronoUnit.SECONDS
                        : letters.hasAny("m")
                                ? ChronoUnit.MINUTES
                                : letters.hasAny("HhKka") ? ChronoUnit.HOURS : ChronoUnit.DAYS;
    }

    private static boolean hasDate(PatternText letters) {
        boolean day = letters.hasAny("D") || (letters.hasAny("ML") && letters.hasAny("d"));
        return letters.hasAny("g") || (letters.hasAny("yu") && day);
    }
}
