package io.tidemark.cli;

import com.cronutils.model.Cron;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Period;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A cron expression as Temporal reads it: five fields, a name such as {@code @daily}, or {@code @every 90m}, after an
 * optional {@code CRON_TZ=zone}.
 *
 * @param text the expression for Temporal; names are replaced by fields, because the in-memory server does not know them
 * @param zone the zone it names, or UTC
 * @param cron the fields; null for {@code @every}
 * @param every the period of {@code @every}; otherwise zero
 */
record CronText(String text, ZoneId zone, @Nullable Cron cron, Duration every) {
    private static final Pattern FORM = Pattern.compile("(?:(?:CRON_TZ|TZ)=(\\S+)\\s+)?(.+)");
    private static final Pattern EVERY = Pattern.compile("@every ([1-9]\\d{0,5}[smhd])");
    private static final Map<String, String> NICKNAMES = Map.of(
            "@yearly", "0 0 1 1 *",
            "@annually", "0 0 1 1 *",
            "@monthly", "0 0 1 * *",
            "@weekly", "0 0 * * 0",
            "@daily", "0 0 * * *",
            "@midnight", "0 0 * * *",
            "@hourly", "0 * * * *");
    private static final int DAY_OF_MONTH = 2;
    private static final int DAY_OF_WEEK = 4;
    private static final Set<String> ANY = Set.of("*", "*/1");

    /** Contains a 29 February, and each day of the month on each day of the week. */
    private static final Period LOOK_AHEAD = Period.ofYears(9);

    private static final CronParser PARSER = new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));

    /**
     * Reads a cron expression.
     *
     * @throws CliException if it is not one
     */
    static CronText parse(String text) {
        Matcher form = FORM.matcher(text.strip());
        if (!form.matches()) {
            throw invalid(text, "it is empty");
        }
        ZoneId zone = form.group(1) == null ? ZoneOffset.UTC : zone(form.group(1));
        String fields = form.group(2).strip();
        Matcher every = EVERY.matcher(fields);
        if (every.matches()) {
            return new CronText(text.strip(), zone, null, new Durations().convert(every.group(1)));
        }
        try {
            // Temporal's cron reads ? as *; its schedules and the parser do not know it.
            String plain = NICKNAMES
                    .getOrDefault(fields.toLowerCase(Locale.ROOT), fields)
                    .replace('?', '*');
            String prefix = form.group(1) == null ? "" : "CRON_TZ=" + zone + " ";
            return new CronText(prefix + plain, zone, PARSER.parse(plain), Duration.ZERO);
        } catch (IllegalArgumentException e) {
            throw invalid(text, e.getMessage());
        }
    }

    static ZoneId zone(String name) {
        try {
            return ZoneId.of(name);
        } catch (DateTimeException e) {
            throw CliException.usage("'" + name + "' is not a time zone such as UTC or Europe/Berlin");
        }
    }

    /** Returns whether the text begins with a zone. */
    boolean namesZone() {
        return text.startsWith("CRON_TZ=") || text.startsWith("TZ=");
    }

    /**
     * Returns whether the fields restrict both the day of the month and the day of the week. A cron workflow then runs
     * on days that match either of them, and a schedule only on days that match both.
     */
    boolean restrictsBothDays() {
        return cron != null && restricts(DAY_OF_MONTH) && restricts(DAY_OF_WEEK);
    }

    private boolean restricts(int field) {
        return !ANY.contains(fields()[field]);
    }

    private String[] fields() {
        String[] words = text.split("\\s+");
        return Arrays.copyOfRange(words, words.length - 5, words.length);
    }

    /** Returns the next time of a cron workflow; empty for a date that does not exist, such as 30 February. */
    Optional<Instant> next(Instant after, ZoneId in) {
        if (cron == null) {
            // Temporal counts these periods from 1970-01-01T00:00:00Z.
            long period = every.toSeconds();
            return Optional.of(Instant.ofEpochSecond((after.getEpochSecond() / period + 1) * period));
        }
        return ExecutionTime.forCron(cron)
                .nextExecution(ZonedDateTime.ofInstant(after, in))
                .map(ZonedDateTime::toInstant);
    }

    /**
     * Returns the longest time between two runs of a schedule within the next years, such as three days for
     * {@code 0 9 * * MON-FRI}. Counted in UTC, so without clock changes; one day if there are not two runs.
     */
    Duration longestPause(Instant now) {
        if (cron == null) {
            return every;
        }
        LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
        return CronFields.longestPause(String.join(" ", fields()), today, today.plus(LOOK_AHEAD));
    }

    private static CliException invalid(String text, @Nullable String problem) {
        return CliException.usage(
                "'" + text + "' is not a cron expression such as '0 3 * * *', @daily or @every 90m: " + problem);
    }
}
