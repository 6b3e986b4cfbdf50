package io.tidemark.job;

import io.tidemark.job.form.ChoiceForm;
import io.tidemark.job.form.InvalidJobException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.function.Function;

/**
 * Which records go into one row, by their event time. A record is in one <em>pane</em>; a window is {@link #span} panes that
 * follow one another, so it is one pane unless the job says otherwise.
 */
public sealed interface WindowSpec {
    /**
     * The most panes of a window. A row is merged from all of them, and a batch writes as many rows of each group that it
     * touches, so that beyond it the rows would cost much more than the records.
     */
    int MOST_PANES = 1_000;

    /** The name of the window in the output row and in key templates; empty if there are no windows. */
    String fieldName();

    /** How many panes a window has; a record is in the windows that end with its pane or with one of the next ones. */
    int span();

    /** Applies the function of this kind of window. A new kind is a new parameter, so that no caller can forget it. */
    <R> R match(Function<Calendar, R> calendar, Function<Tumbling, R> tumbling, Function<None, R> none);

    /** Whether records are divided by their time; false for {@link None}. */
    default boolean dividesTime() {
        return match(calendar -> true, tumbling -> true, none -> false);
    }

    /** A unit of the calendar. */
    enum Unit {
        /** Sixty minutes from a full hour of the zone. */
        HOUR("hour"),
        /** From the start of a day to the start of the next one: 23, 24 or 25 hours. */
        DAY("date"),
        /** Seven days, from a Monday unless the job names another day: the weeks of ISO-8601. */
        WEEK("week"),
        /** From the first day of a month to that of the next one. */
        MONTH("month"),
        /** Three months, from the first day of January, April, July or October. */
        QUARTER("quarter"),
        /** From the first day of January to that of the next one. */
        YEAR("year");

        private final String fieldName;

        Unit(String fieldName) {
            this.fieldName = fieldName;
        }

        /** The name in a job file: {@code day}. */
        public String jsonName() {
            return ChoiceForm.name(this);
        }
    }

    /**
     * Windows of the calendar in a time zone, with its daylight-saving changes.
     *
     * @param every the length of a pane
     * @param dayBegins the time of day at which days, weeks, months, quarters and years begin
     * @param weekBegins the first day of a week
     */
    record Calendar(Unit every, ZoneId zone, LocalTime dayBegins, DayOfWeek weekBegins, int span)
            implements WindowSpec {
        /** Makes UTC and +00:00 the same zone; refuses what has no meaning for the unit. */
        public Calendar {
            zone = zone.normalized();
            if (every == Unit.HOUR && !dayBegins.equals(LocalTime.MIDNIGHT)) {
                throw unsuited(
                        "dayBegins",
                        every,
                        "an hour begins at the full hour of the zone; remove dayBegins, or use a longer window");
            }
            if (every != Unit.WEEK && weekBegins != DayOfWeek.MONDAY) {
                throw unsuited("weekBegins", every, "remove weekBegins, or write every: week");
            }
        }

        /** Windows of one pane. */
        public Calendar(Unit every, ZoneId zone, LocalTime dayBegins, DayOfWeek weekBegins) {
            this(every, zone, dayBegins, weekBegins, 1);
        }

        /** Windows of one pane that begin at midnight, and weeks that begin on Monday. */
        public Calendar(Unit every, ZoneId zone) {
            this(every, zone, LocalTime.MIDNIGHT, DayOfWeek.MONDAY);
        }

        private static InvalidJobException unsuited(String field, Unit every, String advice) {
            return new InvalidJobException(
                    "window." + field, "does not go with every: " + every.jsonName() + "; " + advice);
        }

        @Override
        public String fieldName() {
            return span == 1 ? every.fieldName : "window";
        }

        @Override
        public <R> R match(Function<Calendar, R> calendar, Function<Tumbling, R> tumbling, Function<None, R> none) {
            return calendar.apply(this);
        }
    }

    /**
     * Windows of one length, counted from 1970-01-01T00:00:00Z.
     *
     * @param every the length of a pane
     */
    record Tumbling(Duration every, int span) implements WindowSpec {
        /** Windows of one pane. */
        public Tumbling(Duration every) {
            this(every, 1);
        }

        @Override
        public String fieldName() {
            return "window";
        }

        @Override
        public <R> R match(Function<Calendar, R> calendar, Function<Tumbling, R> tumbling, Function<None, R> none) {
            return tumbling.apply(this);
        }
    }

    /** One row for all of time. */
    record None() implements WindowSpec {
        @Override
        public String fieldName() {
            return "";
        }

        @Override
        public int span() {
            return 1;
        }

        @Override
        public <R> R match(Function<Calendar, R> calendar, Function<Tumbling, R> tumbling, Function<None, R> none) {
            return none.apply(this);
        }
    }
}
