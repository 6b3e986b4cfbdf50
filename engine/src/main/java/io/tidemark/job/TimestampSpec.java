package io.tidemark.job;

import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Where the event time of a record comes from. */
public sealed interface TimestampSpec {

    /** The path of the JSON field that holds the time; null if it is the timestamp of the Kafka record. */
    default @Nullable String field() {
        return null;
    }

    /** Applies the function of this kind of timestamp. A new kind is a new parameter, so that no caller can forget it. */
    default <R> R match(
            Function<RecordTime, R> record,
            Function<Pattern, R> pattern,
            Function<Iso, R> iso,
            Function<Epoch, R> epoch) {
        return match(new Cases<>(record, pattern, iso, epoch));
    }

    /** Applies the function of this kind. */
    <R> R match(Cases<R> cases);

    /** A function for each kind. */
    record Cases<R>(
            Function<RecordTime, R> record,
            Function<Pattern, R> pattern,
            Function<Iso, R> iso,
            Function<Epoch, R> epoch) {}

    /** The timestamp of the Kafka record: when it was produced or, depending on the topic's setting, appended. */
    record RecordTime() implements TimestampSpec {
        @Override
        public <R> R match(Cases<R> cases) {
            return cases.record().apply(this);
        }
    }

    /**
     * A string in a pattern of {@link DateTimeFormatter}.
     *
     * @param zone the zone of times without an offset or a zone of their own. A local time that a daylight-saving change skips is read as later by
     *     the length of the gap, one that it repeats as the first of the two, as {@link java.time.ZonedDateTime} does
     */
    record Pattern(String field, String pattern, ZoneId zone) implements TimestampSpec {
        /** Refuses a pattern that would give wrong times or none; makes UTC and +00:00 the same zone. */
        public Pattern {
            zone = zone.normalized();
            TimePatternCheck.check(pattern);
        }

        /** Reads the times in this pattern. */
        public TimePattern times() {
            return new TimePattern(pattern);
        }

        /** The formatter of the pattern. It refuses times that do not exist, such as 31 February. */
        public DateTimeFormatter formatter() {
            return times().formatter();
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.pattern().apply(this);
        }
    }

    /** An ISO-8601 string with an offset, or one without that is read in {@code zone}. */
    record Iso(String field, ZoneId zone) implements TimestampSpec {
        /** Makes UTC and +00:00 the same zone. */
        public Iso {
            zone = zone.normalized();
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.iso().apply(this);
        }
    }

    /**
     * A number since 1970-01-01T00:00:00Z, read to the millisecond and rounded down.
     *
     * @param format what the number counts
     * @param quoted whether the number may also stand in quotes, as a string
     */
    record Epoch(String field, Count format, boolean quoted) implements TimestampSpec {
        /** What a number counts. */
        public enum Count {
            /** Seconds, with decimals or without. */
            EPOCH_SECONDS(1),
            /** Whole milliseconds. */
            EPOCH_MILLIS(1_000),
            /** Whole microseconds. */
            EPOCH_MICROS(1_000_000),
            /** Whole nanoseconds. */
            EPOCH_NANOS(1_000_000_000);

            private final int perSecond;

            Count(int perSecond) {
                this.perSecond = perSecond;
            }

            /** How many there are in a second. */
            public int perSecond() {
                return perSecond;
            }
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.epoch().apply(this);
        }
    }
}
