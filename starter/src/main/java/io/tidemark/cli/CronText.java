package io.tidemark.cli;

import com.cronutils.model.Cron;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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
            String plain = NICKNAMES.getOrDefault(fields.toLowerCase(Locale.ROOT), fields);
            // Temporal reads ? as *; the Unix dialect of the parser does not know it.
            String prefix = form.group(1) == null ? "" : "CRON_TZ=" + zone + " ";
            return new CronText(prefix + plain, zone, PARSER.parse(plain.replace('?', '*')), Duration.ZERO);
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

    /** Returns the next time after {@code after}; empty for a date that does not exist, such as 30 February. */
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

    /** Returns the time between the next two times; one day if there are not two. */
    Duration period(Instant now, ZoneId in) {
        Optional<Instant> first = next(now, in);
        return first.flatMap(time -> next(time, in))
                .map(second -> Duration.between(first.orElseThrow(), second))
                .orElse(Duration.ofDays(1));
    }

    private static CliException invalid(String text, @Nullable String problem) {
        return CliException.usage(
                "'" + text + "' is not a cron expression such as '0 3 * * *', @daily or @every 90m: " + problem);
    }
}
