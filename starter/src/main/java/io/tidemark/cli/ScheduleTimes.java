package io.tidemark.cli;

import io.temporal.client.schedules.ScheduleCalendarSpec;
import io.temporal.client.schedules.ScheduleIntervalSpec;
import io.temporal.client.schedules.ScheduleRange;
import io.temporal.client.schedules.ScheduleSpec;
import io.tidemark.job.form.Times;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Writes the times of a schedule as cron texts. The server stores ranges of numbers, not the texts it was given. */
final class ScheduleTimes {
    private ScheduleTimes() {}

    /** Returns cron texts such as {@code 30 4 * * *} or {@code @every 90m}, joined by "and". */
    static String cron(ScheduleSpec spec) {
        List<String> texts = new ArrayList<>(list(spec.getCronExpressions()));
        list(spec.getCalendars()).forEach(each -> texts.add(cron(each)));
        list(spec.getIntervals()).forEach(each -> texts.add(every(each)));
        return texts.isEmpty() ? "never" : String.join(" and ", texts);
    }

    /** Returns the zone of the cron texts; UTC if this machine does not know the zone. */
    static ZoneId zone(ScheduleSpec spec) {
        String name = spec.getTimeZoneName();
        return name == null || name.isEmpty() || !ZoneId.getAvailableZoneIds().contains(name)
                ? ZoneOffset.UTC
                : ZoneId.of(name);
    }

    static String cron(ScheduleCalendarSpec calendar) {
        String seconds = field(calendar.getSeconds(), 0, 59, "0");
        return String.join(
                        " ",
                        field(calendar.getMinutes(), 0, 59, "0"),
                        field(calendar.getHour(), 0, 23, "0"),
                        field(calendar.getDayOfMonth(), 1, 31, "*"),
                        field(calendar.getMonth(), 1, 12, "*"),
                        field(calendar.getDayOfWeek(), 0, 6, "*"))
                + (seconds.equals("0") ? "" : " at second " + seconds)
                + (list(calendar.getYear()).isEmpty() ? "" : " in " + field(calendar.getYear(), 0, 0, ""));
    }

    /** {@code empty} is what the server reads where there are no ranges. */
    private static String field(List<ScheduleRange> ranges, int first, int last, String empty) {
        if (list(ranges).isEmpty()) {
            return empty;
        }
        return ranges.stream()
                .map(each -> {
                    int end = Math.max(each.getStart(), each.getEnd());
                    String step = each.getStep() > 1 ? "/" + each.getStep() : "";
                    if (each.getStart() == first && end >= last && last > first) {
                        return "*" + step;
                    }
                    return each.getStart() + (end == each.getStart() ? "" : "-" + end + step);
                })
                .collect(Collectors.joining(","));
    }

    static String every(ScheduleIntervalSpec interval) {
        Duration offset = interval.getOffset();
        return "@every " + Times.text(interval.getEvery())
                + (offset == null || offset.isZero() ? "" : "/" + Times.text(offset));
    }

    /** The SDK has null for lists that are not set. */
    @SuppressWarnings("NullAway") // The SDK's annotations do not say so.
    private static <T> List<T> list(List<T> orNull) {
        return orNull == null ? List.of() : orNull;
    }
}
