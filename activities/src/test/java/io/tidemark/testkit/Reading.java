package io.tidemark.testkit;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** A reading in the tutorial's format. */
public record Reading(String datetime, BigDecimal voltage) {
    private static final DateTimeFormatter PATTERN =
            DateTimeFormatter.ofPattern("dd/MM/uuuu HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    /** Returns minute {@code n} after 23 December 2006, with a voltage that differs by minute. */
    public static Reading number(int n) {
        int day = 23 + n / 1440;
        return new Reading(
                String.format(Locale.ROOT, "%02d/12/2006 %02d:%02d:00", day, n / 60 % 24, n % 60),
                BigDecimal.valueOf(23000 + n * 7 % 997, 2));
    }

    /** Returns a reading of a time, with the voltage of {@link #number}. */
    public static Reading at(Instant time, int n) {
        return new Reading(PATTERN.format(time), number(n).voltage());
    }

    /** Returns the day as in the rows: 2006-12-23. */
    public String date() {
        return datetime.substring(6, 10) + "-" + datetime.substring(3, 5) + "-" + datetime.substring(0, 2);
    }

    /** Returns the record's value. */
    public String json() {
        return "{\"datetime\":\"" + datetime + "\",\"voltage\":" + voltage + "}";
    }
}
