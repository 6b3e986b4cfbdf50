package io.tidemark.job;

import java.time.Duration;
import java.time.ZoneId;
import java.util.Locale;

/** Which records belong into one row, by their event time. */
public sealed interface WindowSpec {

    /** The name of the window in the output row and in key templates; empty where there is none. */
    String fieldName();

    /** A unit of the calendar. */
    enum Unit {
        /** Sixty minutes that start at a full hour of the zone. */
        HOUR("hour"),
        /** From one start of the day to the next: 23, 24 or 25 hours. */
        DAY("date"),
        /** From a Monday to the next, as ISO-8601 counts weeks. */
        WEEK("week"),
        /** From the first of a month to the next. */
        MONTH("month");

        private final String fieldName;

        Unit(String fieldName) {
            this.fieldName = fieldName;
        }

        /** The name in a job file: {@code day}. */
        public String jsonName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Hours, days, weeks or months as a calendar in {@code zone} has them, daylight-saving changes included. */
    record Calendar(Unit unit, ZoneId zone) implements WindowSpec {
        /** Takes UTC and +00:00 for the same zone. */
        public Calendar {
            zone = zone.normalized();
        }

        @Override
        public String fieldName() {
            return unit.fieldName;
        }
    }

    /** Windows of one length, counted from 1970-01-01T00:00:00Z. */
    record Tumbling(Duration every) implements WindowSpec {
        // All of the years 1 to 9999, within which records are counted.
        private static final Duration LONGEST = Duration.ofDays(9999 * 366);

        /** Refuses anything shorter than a millisecond or longer than 9999 years. */
        public Tumbling {
            if (every.compareTo(LONGEST) > 0
                    || every.toMillis() <= 0
                    || !every.equals(Duration.ofMillis(every.toMillis()))) {
                throw new InvalidJobException(
                        "window.every",
                        every + " is not a whole number of milliseconds, from one to those of 9999 years");
            }
        }

        @Override
        public String fieldName() {
            return "window";
        }
    }

    /** One row for all of time. */
    record None() implements WindowSpec {
        @Override
        public String fieldName() {
            return "";
        }
    }
}
