package io.tidemark.cli;

import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/**
 * Repeatable sample records of the tutorial's form: key {@code meter-0042}, value
 * {@code {"datetime":"23/12/2006 16:52:00","voltage":239.94}}, ordered by time. The record at an index depends only on the
 * settings and the index.
 *
 * @param seed determines meters, voltages and kinds of bad records
 * @param from the first day; times are in UTC
 * @param days number of days over which the readings are spread evenly
 * @param readings number of good records
 * @param bad number of bad records, spread evenly between them: not JSON, a missing field, a text for a number, a time
 *     that does not exist, a null value
 */
public record SampleReadings(long seed, LocalDate from, int days, long readings, long bad) implements SampleRecords {
    /** The week around the tutorial's reading. */
    public static final LocalDate DEFAULT_FROM = LocalDate.of(2006, 12, 20);

    /** Enough keys to reach every partition of a small topic. */
    private static final int METERS = 50;

    private static final long SECONDS_PER_DAY = 86_400;

    /** With these limits the products below fit into a long. */
    private static final long MAX_RECORDS = 1_000_000_000;

    private static final long MAX_DAYS = 100_000;

    /** Rejects counts that are out of range. */
    public SampleReadings {
        check("readings", readings, 1, MAX_RECORDS);
        check("bad records", bad, 0, MAX_RECORDS);
        check("days", days, 1, MAX_DAYS);
    }

    @Override
    public long size() {
        return readings + bad;
    }

    /** Returns whether the record at {@code index} is bad. */
    public boolean isBad(long index) {
        return badBefore(index + 1) > badBefore(index);
    }

    /** Returns how many of the records before {@code index} are bad. */
    public long badBefore(long index) {
        return index * bad / size();
    }

    @Override
    public byte[] key(long index) {
        int meter = Math.floorMod(random(index), METERS) + 1;
        byte[] key = "meter-0000".getBytes(StandardCharsets.US_ASCII);
        digits(key, 6, 4, meter);
        return key;
    }

    @Override
    public byte @Nullable [] value(long index) {
        long random = random(~index);
        if (isBad(index)) {
            String time = "{\"datetime\":\"" + "23/12/2006 16:52:00\"";
            return switch (Math.floorMod(random, 5)) {
                case 0 -> ascii("not JSON");
                case 1 -> ascii(time + "}");
                case 2 -> ascii(time + ",\"voltage\":\"n/a\"}");
                case 3 -> ascii("{\"datetime\":\"32/13/2006 25:00:00\",\"voltage\":239.94}");
                default -> null;
            };
        }
        long second = (index - badBefore(index)) * days * SECONDS_PER_DAY / readings;
        LocalDateTime time =
                LocalDateTime.ofEpochSecond(from.toEpochDay() * SECONDS_PER_DAY + second, 0, ZoneOffset.UTC);
        // 240 V, 3 V higher by day than by night, with 2 V of noise each way.
        double wave = Math.sin((time.toLocalTime().toSecondOfDay() / (double) SECONDS_PER_DAY - 0.25) * 2 * Math.PI);
        int hundredths = 24_000 + (int) Math.round(300 * wave) + Math.floorMod(random, 401) - 200;
        byte[] value = ascii("{\"datetime\":\"00/00/0000 00:00:00\",\"voltage\":000.00}");
        digits(value, 13, 2, time.getDayOfMonth());
        digits(value, 16, 2, time.getMonthValue());
        digits(value, 19, 4, time.getYear());
        digits(value, 24, 2, time.getHour());
        digits(value, 27, 2, time.getMinute());
        digits(value, 30, 2, time.getSecond());
        digits(value, 44, 3, hundredths / 100);
        digits(value, 48, 2, hundredths % 100);
        return value;
    }

    private long random(long position) {
        return SampleRecords.random(seed, position);
    }

    private static void check(String what, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + ": " + value + " is not between " + least + " and " + most);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static void digits(byte[] into, int at, int count, int number) {
        int rest = number;
        for (int i = at + count - 1; i >= at; i--) {
            into[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }
}
