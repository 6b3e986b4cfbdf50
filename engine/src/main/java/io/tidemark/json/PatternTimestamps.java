package io.tidemark.json;

import io.tidemark.job.TimePattern;
import io.tidemark.job.TimestampSpec;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/**
 * Times in a pattern. A pattern with digits at fixed places ({@code dd/MM/yyyy HH:mm:ss}) is read from the bytes; any
 * other pattern, and any text that does not fit, is left to {@link TimePattern}.
 */
final class PatternTimestamps extends TextTimestamps {
    private final TimePattern times;
    private final ZoneId zone;
    private final @Nullable FixedPattern fixed;
    private final @Nullable LastDate last;

    PatternTimestamps(TimestampSpec.Pattern spec) {
        super(spec.field(), spec.zone(), "a time such as " + spec.pattern(), "");
        times = spec.times();
        zone = spec.zone();
        fixed = FixedPattern.of(spec.pattern());
        last = fixed == null ? null : fixed.lastDate();
    }

    @Override
    long read(byte[] text, int start, int end) {
        if (last != null) {
            long time = last.read(text, start, end);
            if (time != UNREADABLE) {
                return local.toEpochMillis(time);
            }
        }
        return readWholly(text, start, end);
    }

    private long readWholly(byte[] text, int start, int end) {
        if (fixed != null && fixed.read(text, start, end)) {
            long day = day(fixed.year(), fixed.month(), fixed.day());
            if (day != UNREADABLE) {
                if (last != null) {
                    last.remember(text, start, day);
                }
                return local.toEpochMillis(day + fixed.millisOfDay());
            }
        }
        return general(new String(text, start, end - start, StandardCharsets.UTF_8));
    }

    private long general(String text) {
        Instant time = times.read(text, zone);
        try {
            return time == null ? UNREADABLE : time.toEpochMilli();
        } catch (ArithmeticException e) {
            // A year so far away that no long holds its milliseconds.
            return UNREADABLE;
        }
    }
}
