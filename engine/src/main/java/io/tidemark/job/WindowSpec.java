package io.tidemark.job;

import io.tidemark.job.form.ChoiceForm;
import java.time.Duration;
import java.time.ZoneId;
import java.util.function.Function;

/** Which records go into one row, by their event time. */
public sealed interface WindowSpec {

    /** The name of the window in the output row and in key templates; empty if there are no windows. */
    String fieldName();

    /** Applies the function of this kind of window. A new kind is a new parameter, so that no caller can forget it. */
    <R> R match(Function<Calendar, R> calendar, Function<Tumbling, R> tumbling, Function<None, R> none);

    /** A unit of the calendar. */
    enum Unit {
        /** Sixty minutes from a full hour of the zone. */
        HOUR("hour"),
        /** From the start of a day to the start of the next one: 23, 24 or 25 hours. */
        DAY("date"),
        /** From a Monday to the next one: the weeks of ISO-8601. */
        WEEK("week"),
        /** From the first day of a month to that of the next one. */
        MONTH("month");

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
     * Hours, days, weeks or months of the calendar in a time zone, with its daylight-saving changes.
     *
     * @param every the length of a window
     */
    record Calendar(Unit every, ZoneId zone) implements WindowSpec {
        /** Makes UTC and +00:00 the same zone. */
        public Calendar {
            zone = zone.normalized();
        }

        @Override
        public String fieldName() {
            return every.fieldName;
        }

        @Override
        public <R> R match(Function<Calendar, R> calendar, Function<Tumbling, R> tumbling, Function<None, R> none) {
            return calendar.apply(this);
        }
    }

    /** Windows of one length, counted from 1970-01-01T00:00:00Z. */
    record Tumbling(Duration every) implements WindowSpec {
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
        public <R> R match(Function<Calendar, R> calendar, Function<Tumbling, R> tumbling, Function<None, R> none) {
            return none.apply(this);
        }
    }
}
