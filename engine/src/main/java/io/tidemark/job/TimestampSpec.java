package io.tidemark.job;

import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Where the event time of a record comes from. */
public sealed interface TimestampSpec {

    /** The path of the JSON field that holds the time, or null where it is the record's own. */
    default @Nullable String field() {
        return null;
    }

    /** The timestamp of the Kafka record: when it was produced or, by the topic's setting, appended. */
    record RecordTime() implements TimestampSpec {}

    /**
     * A string in a pattern of {@link DateTimeFormatter}.
     *
     * @param zone the zone of local times. A local time that a daylight-saving change skips counts as one hour later,
     *     one that it repeats as the first of the two, as {@link java.time.ZonedDateTime} does
     */
    record Pattern(String field, String pattern, ZoneId zone) implements TimestampSpec {
        /** Refuses a pattern that {@link DateTimeFormatter} does not know; takes UTC and +00:00 for the same zone. */
        public Pattern {
            zone = zone.normalized();
            try {
                new DateTimeFormatterBuilder().appendPattern(pattern);
            } catch (IllegalArgumentException e) {
                throw new InvalidJobException("input.timestamp.pattern", "'" + pattern + "': " + e.getMessage());
            } catch (ClassCastException e) {
                // DateTimeFormatterBuilder takes the padding for the number that it was to pad.
                throw new InvalidJobException(
                        "input.timestamp.pattern",
                        "'" + pattern + "': a field that is padded (p) cannot stand next to another number");
            }
        }

        /** The formatter that gives the pattern its meaning; times that do not exist (31 February) are refused. */
        public DateTimeFormatter formatter() {
            return new DateTimeFormatterBuilder()
                    .appendPattern(pattern)
                    // A strict resolver takes "yyyy" for a year of some era, and then asks which.
                    .parseDefaulting(ChronoField.ERA, 1)
                    .toFormatter(Locale.ENGLISH)
                    .withResolverStyle(ResolverStyle.STRICT);
        }
    }

    /** An ISO-8601 string with an offset, or a local one that is read in {@code zone}. */
    record Iso(String field, ZoneId zone) implements TimestampSpec {
        /** Takes UTC and +00:00 for the same zone. */
        public Iso {
            zone = zone.normalized();
        }
    }

    /** A number of seconds since 1970-01-01T00:00:00Z; decimals are read to the millisecond. */
    record EpochSeconds(String field) implements TimestampSpec {}

    /** A whole number of milliseconds since 1970-01-01T00:00:00Z. */
    record EpochMillis(String field) implements TimestampSpec {}
}
