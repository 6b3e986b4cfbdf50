package io.tidemark.json;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;

/**
 * Local times of a zone to instants, as {@link ZonedDateTime} does it: a time that is skipped counts as later by the
 * length of the gap, one that is repeated as the first of the two. Asks the zone's rules only when a time lies outside
 * the stretch with one offset that the last one lay in.
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
        // In a gap or an overlap, the offset before the change counts, until the change is wholly over.
        ZoneOffsetTransition next = rules.getTransition(time);
        if (next == null) {
            next = rules.nextTransition(instant);
        }
        ZoneOffsetTransition last = rules.previousTransition(next == null ? instant.plusNanos(1) : next.getInstant());
        from = last == null ? Long.MIN_VALUE : over(last);
        to = next == null ? Long.MAX_VALUE : over(next);
        if (local < from || local >= to) {
            // Two changes within each other's reach: leave such times to the library, one by one.
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
