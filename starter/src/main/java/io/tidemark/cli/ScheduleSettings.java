package io.tidemark.cli;

import static io.tidemark.job.form.Field.field;
import static io.tidemark.job.form.Forms.choice;
import static io.tidemark.job.form.Forms.flag;
import static io.tidemark.job.form.Forms.oneOrMore;
import static io.tidemark.job.form.RecordForm.object;
import static io.tidemark.job.form.TextForm.any;
import static io.tidemark.job.form.Times.duration;

import com.fasterxml.jackson.databind.JsonNode;
import io.temporal.api.enums.v1.ScheduleOverlapPolicy;
import io.tidemark.job.form.Form;
import io.tidemark.job.form.InvalidJobException;
import io.tidemark.job.form.Place;
import io.tidemark.job.form.RecordForm;
import io.tidemark.job.form.TextForm;
import io.tidemark.job.form.Times;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a schedule file. They are read by the same forms as those of a job file.
 *
 * @param job the job file, relative to the schedule file
 * @param cron cron expressions in {@code zone}; may be empty if {@code every} is given
 * @param every the period of a schedule without cron expressions, counted from 1970-01-01T00:00:00Z
 * @param zone the zone of the cron expressions
 * @param jitter each run starts up to this time later, by chance
 * @param overlap what happens if the previous run is still in progress
 * @param pauseOnFailure whether a failed run pauses the schedule
 * @param catchUp how late a missed run may start; null for the longest time between two runs
 * @param runTimeout after which Temporal ends a run; null for the default of the job
 * @param paused whether the schedule is paused; null to leave it as it is
 * @param note a text for people, shown in the details of each run
 */
public record ScheduleSettings(
        String job,
        List<String> cron,
        @Nullable Duration every,
        ZoneId zone,
        Duration jitter,
        Overlap overlap,
        boolean pauseOnFailure,
        @Nullable Duration catchUp,
        @Nullable Duration runTimeout,
        @Nullable Boolean paused,
        String note) {

    /** What a schedule does when a run is due and the previous one is in progress. */
    public enum Overlap {
        SKIP,
        BUFFER_ONE,
        BUFFER_ALL,
        CANCEL_OTHER;

        ScheduleOverlapPolicy policy() {
            return ScheduleOverlapPolicy.valueOf("SCHEDULE_OVERLAP_POLICY_" + name());
        }
    }

    private static final Pattern ANY = Pattern.compile(".*");
    private static final Duration SECOND = Duration.ofSeconds(1);

    private static final Form<String> CRON = new TextForm<>(
            ANY, "a cron expression such as '30 4 * * *' or @daily", ScheduleSettings::readCron, text -> text);

    private static final Form<ZoneId> ZONE = new TextForm<>(
            ANY, "the name of a time zone such as UTC or Europe/Berlin", ScheduleSettings::readZone, Times::text);

    private static final RecordForm<ScheduleSettings> FORM = object(
            ScheduleSettings.class,
            field("job", any("the path of a job file, relative to this file")),
            field("cron", oneOrMore(CRON)).or(List.of(), "none"),
            field("every", duration(SECOND)).or(null, "none"),
            field("zone", ZONE).or(ZoneOffset.UTC),
            field("jitter", duration(Duration.ZERO)).or(Duration.ZERO, "none"),
            field("overlap", choice(Overlap.class)).or(Overlap.SKIP),
            field("pauseOnFailure", flag()).or(false),
            field("catchUp", duration(Duration.ofSeconds(10))).or(null, "the longest time between two runs"),
            field("runTimeout", duration(SECOND)).or(null, "`limits.time` of the job and 2 minutes"),
            field("paused", flag()).or(null, "as it is"),
            field("note", any("a text")).or(""));

    public ScheduleSettings {
        if (cron.isEmpty() == (every == null)) {
            throw new InvalidJobException(
                    "cron",
                    cron.isEmpty()
                            ? "is missing; write cron: '30 4 * * *', or every: 90m"
                            : "does not go with every; remove one of the two");
        }
    }

    /**
     * Reads the fields.
     *
     * @throws InvalidJobException with the path of the first field that is wrong
     */
    static ScheduleSettings read(JsonNode json) {
        if (!json.isObject()) {
            throw new InvalidJobException(
                    "",
                    "a schedule file must be an object of fields, such as job and cron, but this is "
                            + json.getNodeType().name().toLowerCase(Locale.ROOT));
        }
        return FORM.read(json, new Place(json, ""));
    }

    private static String readCron(String text) {
        CronText cron;
        try {
            cron = CronText.parse(text);
        } catch (CliException e) {
            throw new InvalidJobException("", String.valueOf(e.getMessage()));
        }
        if (cron.namesZone()) {
            throw new InvalidJobException("", "'" + text + "': give the zone in the field zone");
        }
        return text;
    }

    /** The server knows zones by name only: it refuses +02:00. */
    private static ZoneId readZone(String name) {
        try {
            ZoneId zone = ZoneId.of(name);
            if (!(zone instanceof ZoneOffset) || zone.equals(ZoneOffset.UTC)) {
                return zone.getId().equals("UTC") ? ZoneOffset.UTC : zone;
            }
        } catch (DateTimeException e) {
            // The error below says what is expected.
        }
        throw new InvalidJobException(
                "", "must be the name of a time zone such as UTC or Europe/Berlin, but is '" + name + "'");
    }

    /** Returns the times as cron expressions, with {@code @every 90m} for {@code every}. */
    List<CronText> times() {
        return Stream.concat(cron.stream(), Stream.ofNullable(every).map(each -> "@every " + Times.text(each)))
                .map(CronText::parse)
                .toList();
    }

    /** Returns {@code catchUp}, or its default. */
    Duration catchUp(Instant now) {
        return catchUp != null
                ? catchUp
                : times().stream()
                        .map(each -> each.longestPause(now))
                        .min(Duration::compareTo)
                        .orElse(Duration.ofDays(1));
    }
}
