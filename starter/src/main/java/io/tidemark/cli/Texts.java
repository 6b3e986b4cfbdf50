package io.tidemark.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Formats numbers and times. */
final class Texts {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private static final DateTimeFormatter LOCAL = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss xxx", Locale.ROOT);

    private Texts() {}

    /** {@code 1,234,567}. */
    static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** {@code 1 row}, {@code 2,000 rows}. */
    static String count(long number, String noun) {
        return number(number) + " " + noun + (number == 1 ? "" : "s");
    }

    /** {@code 96 bytes}, {@code 4.2 KB}, {@code 41 MB}; a unit is 1,024 of the one before. */
    static String bytes(long bytes) {
        double amount = bytes;
        int unit = 0;
        for (; amount >= 1_024 && unit < 4; unit++) {
            amount /= 1_024;
        }
        String[] units = {"bytes", "KB", "MB", "GB", "TB"};
        return String.format(Locale.ROOT, unit == 0 || amount >= 10 ? "%.0f %s" : "%.1f %s", amount, units[unit]);
    }

    /** {@code 0.4 s}, {@code 12 s}, {@code 3 min 5 s}, {@code 2 h 0 min}. */
    static String duration(Duration duration) {
        if (duration.compareTo(Duration.ofSeconds(10)) < 0) {
            return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1e3);
        } else if (duration.compareTo(Duration.ofMinutes(1)) < 0) {
            return duration.toSeconds() + " s";
        } else if (duration.compareTo(Duration.ofHours(1)) < 0) {
            return duration.toMinutes() + " min " + duration.toSecondsPart() + " s";
        }
        return duration.toHours() + " h " + duration.toMinutesPart() + " min";
    }

    /** {@code 2026-11-23 00:45:00 UTC}. */
    static String time(Instant time) {
        return TIME.format(time);
    }

    /** {@code 2026-11-29 04:30:00 +01:00}: local time in a zone, with its offset; {@code UTC} for UTC. */
    static String time(Instant time, ZoneId zone) {
        return zone.normalized().equals(ZoneOffset.UTC) || zone.getId().equals("UTC")
                ? time(time)
                : LOCAL.format(time.atZone(zone));
    }

    /** Returns a bar of {@code width} characters: full up to {@code full} of {@code whole}, grey up to {@code grey}. */
    static String bar(int width, long full, long grey, long whole) {
        long all = Math.max(whole, 1);
        int fullWidth = (int) Math.min(width, width * Math.max(full, 0) / all);
        int greyWidth = (int) Math.min(width - fullWidth, Math.max(0, width * Math.max(grey, 0) / all - fullWidth));
        return "█".repeat(fullWidth) + "▒".repeat(greyWidth) + "░".repeat(width - fullWidth - greyWidth);
    }
}
