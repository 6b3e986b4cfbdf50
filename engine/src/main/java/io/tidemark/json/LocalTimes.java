package io.tidemark.json;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;

/**
 * Converts local times of a zone to instants, like {@link ZonedDateTime}: a time that a change skips becomes later by
 * the length of the gap; a time that a change repeats is the first of the two. The zone's rules are asked only for a
 * time outside the period of constant offset that the last time was in.
 */
final class LocalTimes {
    private final ZoneId zone;
    private long from = 1;
    private long to;
    private long offset;

    LocalTimes(ZoneId zone) {
        this.zone = zone;
    }

    /** Local milliseconds since 1970-01-01T00:00 to milliseconds since 1970-01-01T00:00Z. */
    long toEpochMillis(long local) {
        if (local < from || local >= to) {
            learn(local);
        }
        return local - offset;
    }

    private void learn(long local) {
        LocalDateTime time = LocalDateTime.ofEpochSecond(
                Math.floorDiv(local, 1000), Math.floorMod(local, 1000) * 1_000_000, ZoneOffset.UTC);
        Instant instant = ZonedDateTime.of(time, zone).toInstant();
        offset = local - instant.toEpochMilli();
        ZoneRules rules = zone.getRules();
        // In a gap or an overlap the offset before the change applies, up to the end of the gap or overlap.
        ZoneOffsetTransition next = rules.getTransition(time);
        if (next == null) {
            next = rules.nextTransition(instant);
        }
        ZoneOffsetTransition last = rules.previousTransition(next == null ? instant.plusNanos(1) : next.getInstant());
        from = last == null ? Long.MIN_VALUE : over(last);
        to = next == null ? Long.MAX_VALUE : over(next);
        if (local < from || local >= to) {
            // Two changes overlap. An empty period makes each such time ask the library.
            from = 1;
            to = 0;
        }
    }

    private static long over(ZoneOffsetTransition change) {
        LocalDateTime before = change.getDateTimeBefore();
        LocalDateTime after = change.getDateTimeAfter();
        return (before.isAfter(after) ? before : after).toEpochSecond(ZoneOffset.UTC) * 1000;
    }
}
