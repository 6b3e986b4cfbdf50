package io.tidemark.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An axis of time, in UTC.
 *
 * @param left the coordinate of {@code from}
 * @param right the coordinate of {@code to}
 */
record ReportScale(Instant from, Instant to, double left, double right) {
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("d MMM", Locale.ENGLISH).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("HH:mm", Locale.ENGLISH).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter SECOND =
            DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ENGLISH).withZone(ZoneOffset.UTC);

    private static final long DAY_SECONDS = 86_400;
    private static final long[] STEPS = {
        1,
        5,
        10,
        30,
        60,
        300,
        600,
        1_800,
        3_600,
        10_800,
        21_600,
        43_200,
        DAY_SECONDS,
        2 * DAY_SECONDS,
        7 * DAY_SECONDS,
        14 * DAY_SECONDS,
        28 * DAY_SECONDS,
        91 * DAY_SECONDS,
        364 * DAY_SECONDS
    };

    /** A mark of an axis. */
    record Tick(double at, String label) {}

    double x(Instant time) {
        double whole = Math.max(1, Duration.between(from, to).toMillis());
        return left + (right - left) * Duration.between(from, time).toMillis() / whole;
    }

    /** Returns at most {@code most} ticks at round times. */
    List<Tick> ticks(int most) {
        long span = Math.max(1, Duration.between(from, to).toSeconds());
        long step = STEPS[STEPS.length - 1];
        for (int i = STEPS.length - 1; i >= 0 && span / STEPS[i] < most; i--) {
            step = STEPS[i];
        }
        List<Tick> ticks = new ArrayList<>();
        long first = Math.floorDiv(from.getEpochSecond() + step - 1, step) * step;
        for (long each = first; each <= to.getEpochSecond() && ticks.size() < most; each += step) {
            Instant time = Instant.ofEpochSecond(each);
            DateTimeFormatter form = each % DAY_SECONDS == 0 ? DAY : step < 60 ? SECOND : MINUTE;
            ticks.add(new Tick(x(time), form.format(time)));
        }
        return ticks;
    }

    /** Returns a round step of which {@code most} or fewer reach {@code highest}: 1, 2 or 5 times a power of ten. */
    static double step(double highest, int most) {
        double step = 1;
        while (highest / step > most) {
            double leading = step / Math.pow(10, Math.floor(Math.log10(step) + 1e-9));
            step *= leading > 1.5 && leading < 2.5 ? 2.5 : 2;
        }
        return step;
    }

    /** Returns the same for seconds: with minutes and hours as round steps. */
    static double stepOfSeconds(double highest, int most) {
        for (double each : new double[] {0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30}) {
            if (highest / each <= most) {
                return each;
            }
        }
        for (long each : STEPS) {
            if (each >= 60 && highest / each <= most) {
                return each;
            }
        }
        return step(highest, most);
    }
}
