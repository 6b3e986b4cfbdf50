package io.tidemark.job;

import static io.tidemark.job.form.Field.constant;
import static io.tidemark.job.form.Field.field;
import static io.tidemark.job.form.Forms.choice;
import static io.tidemark.job.form.Forms.flag;
import static io.tidemark.job.form.Forms.whole;
import static io.tidemark.job.form.RecordForm.object;
import static io.tidemark.job.form.TextForm.any;
import static io.tidemark.job.form.Times.duration;
import static io.tidemark.job.form.Times.instant;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.job.form.Field;
import io.tidemark.job.form.Form;
import io.tidemark.job.form.OneOf;
import io.tidemark.job.form.Times;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** The part of the table that has one case for each kind: of timestamps, windows and starts. */
final class TimeForms {

    private static final Form<TimestampSpec.Pattern> PATTERN = object(
                    TimestampSpec.Pattern.class,
                    timeField(),
                    field("pattern", any("a pattern such as 'dd/MM/yyyy HH:mm:ss'"))
                            .alwaysInFingerprint()
                            .about("The time is a string in a pattern of `java.time.format.DateTimeFormatter`."),
                    timeZone())
            .knownBy("pattern");

    private static final Form<TimestampSpec.Iso> ISO = object(
                    TimestampSpec.Iso.class,
                    timeField(),
                    constant("format", "iso").about("`iso`: an ISO-8601 string, with an offset or without."),
                    timeZone())
            .knownBy("format");

    private static final Form<TimestampSpec.Epoch> EPOCH = object(
                    TimestampSpec.Epoch.class,
                    timeField(),
                    field("format", choice(TimestampSpec.Epoch.Count.class))
                            .alwaysInFingerprint()
                            .about("`epochSeconds`: a number of seconds since 1970, decimals allowed. `epochMillis`,"
                                    + " `epochMicros`, `epochNanos`: a whole number of milliseconds, microseconds or"
                                    + " nanoseconds since 1970."),
                    field("quoted", flag())
                            .or(false)
                            .inFingerprint()
                            .about(
                                    "`true` reads numbers in quotes too, such as `\"1166892720000\"`; goes with the epoch"
                                            + " formats. With `false` a record with such a time is a bad record."))
            .knownBy("format");

    static final Form<TimestampSpec> TIMESTAMP = OneOf.of(
                    TimestampSpec.class, "record, { field: …, pattern: …, zone: … } or { field: …, format: … }")
            .word("record", new TimestampSpec.RecordTime())
            .form(TimestampSpec.Pattern.class, PATTERN)
            .form(TimestampSpec.Iso.class, ISO)
            .form(TimestampSpec.Epoch.class, EPOCH)
            .complete();

    private static final Form<WindowSpec.Calendar> CALENDAR = object(
                    WindowSpec.Calendar.class,
                    field("every", choice(WindowSpec.Unit.class))
                            .alwaysInFingerprint()
                            .about("The length of a window: a unit of the calendar, or any duration, counted from"
                                    + " 1970-01-01T00:00:00Z."),
                    zone("The time zone of the calendar; goes with units of the calendar."),
                    field("dayBegins", Times.timeOfDay())
                            .or(LocalTime.MIDNIGHT)
                            .inFingerprint()
                            .about("The time of day at which a window begins, such as `\"06:00\"` for the gas day; goes"
                                    + " with all units of the calendar except `hour`."),
                    field("weekBegins", choice(DayOfWeek.class))
                            .or(DayOfWeek.MONDAY)
                            .inFingerprint()
                            .about(
                                    "The first day of a week; goes with `week`. Weeks that do not begin on Monday are named"
                                            + " by their first day."),
                    span())
            .shortFor("every");

    private static final Form<WindowSpec.Tumbling> TUMBLING = object(
                    WindowSpec.Tumbling.class,
                    field("every", duration(Duration.ofMillis(1)))
                            .alwaysInFingerprint()
                            .about("The length of a window: a unit of the calendar, or any duration, counted from"
                                    + " 1970-01-01T00:00:00Z."),
                    span())
            .shortFor("every");

    static final Form<WindowSpec> WINDOW = OneOf.of(
                    WindowSpec.class,
                    "hour, day, week, month, quarter, year, a duration such as 15m, { every: …, zone: … } or none")
            .form(WindowSpec.Calendar.class, CALENDAR)
            .form(WindowSpec.Tumbling.class, TUMBLING)
            .word("none", new WindowSpec.None())
            .complete();

    private static final Form<StartSpec.GroupOffsets> GROUP = object(
                    StartSpec.GroupOffsets.class,
                    field("group", any("the name of a group"))
                            .about("The consumer group whose committed offsets the first run starts at."))
            .knownBy("group");

    static final Form<StartSpec> START = OneOf.of(
                    StartSpec.class, "earliest, latest, group, { group: … } or a time such as 2026-11-01T00:00:00Z")
            .word("earliest", new StartSpec.Earliest())
            .word("latest", new StartSpec.Latest())
            .alias("group", StartSpec.GroupOffsets.class, place -> {
                JsonNode job = place.root();
                NamesSpec names = new NamesSpec(job.path("names").path("prefix").asText(""));
                return new StartSpec.GroupOffsets(
                        JobNames.group(names, job.path("name").asText()));
            })
            .form(StartSpec.GroupOffsets.class, GROUP)
            .form(StartSpec.At.class, instant().as(StartSpec.At::new, StartSpec.At::at))
            .complete();

    private TimeForms() {}

    private static Field<String> timeField() {
        return field("field", FieldRefForm.FORM)
                .alwaysInFingerprint()
                .about(
                        "The path of the JSON field that holds the time; or a header, or the key: see *Fields of a record*.");
    }

    private static Field<Integer> span() {
        return field("span", whole(1, WindowSpec.MOST_PANES))
                .or(1)
                .inFingerprint()
                .about("How many times `every` a window is long. With more than 1, windows overlap: one ends with each"
                        + " `every`, as in `{ every: 5m, span: 12 }` for the last hour. At most 1,000, because a record"
                        + " changes that number of rows.");
    }

    private static Field<ZoneId> timeZone() {
        return zone("The time zone of times without an offset; goes with `pattern` and `format: iso`.");
    }

    private static Field<ZoneId> zone(String about) {
        return field("zone", Times.zone())
                .or(ZoneOffset.UTC)
                .alwaysInFingerprint()
                .about(about);
    }
}
