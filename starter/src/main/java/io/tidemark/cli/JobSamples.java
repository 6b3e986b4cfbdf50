package io.tidemark.cli;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Sample records for the ready jobs in {@code jobs/}.
 *
 * @param kind what the records are
 * @param seed determines all values
 * @param from the first day; times are in UTC
 * @param days number of days over which the records are spread evenly
 * @param records number of good records
 * @param bad number of bad records, which are not JSON, spread evenly between them
 */
record JobSamples(Kind kind, long seed, LocalDate from, int days, long records, long bad) implements SampleRecords {
    private static final long MILLIS_PER_DAY = 86_400_000;

    /** With these limits the products below fit into a long. */
    private static final long MAX_RECORDS = 100_000_000;

    private static final long MAX_DAYS = 100_000;

    /** The kind of records that each ready job reads. */
    private static final Map<String, Kind> KINDS = new TreeMap<>(Map.of(
            "channel-visits-hourly", Kind.VISIT,
            "unique-visitors", Kind.VISIT,
            "bills-by-vendor", Kind.BILL,
            "vendor-settlement", Kind.BILL,
            "latency-5m", Kind.SPAN,
            "errors-by-host", Kind.REQUEST,
            "sensors-hourly", Kind.SENSOR));

    /** The random numbers of one record. */
    private static final class Dice {
        private final long seed;
        private final long index;
        private int thrown;

        private Dice(long seed, long index) {
            this.seed = seed;
            this.index = index;
        }

        /** Returns a number from 0 to one below. */
        private int next(int below) {
            return Math.floorMod(SampleRecords.random(seed, index * 16 + thrown++), below);
        }

        private String next(String... of) {
            return of[next(of.length)];
        }
    }

    /** What records are. The key is a field by which a consumer would want them in one partition. */
    enum Kind {
        /** Visits of a site, by visitor; few visitors come often. */
        VISIT {
            @Override
            String key(Dice dice) {
                return String.format(Locale.ROOT, "u-%04d", dice.next(dice.next(2_000) + 1));
            }

            @Override
            String value(String key, long millis, Dice dice) {
                String channel = dice.next("search", "search", "search", "social", "mail", "direct");
                return "{\"at\":" + millis + ",\"channel\":\"" + channel + "\",\"visitor\":\"" + key + "\",\"seconds\":"
                        + (1 + dice.next(600)) + "}";
            }
        },
        /** Bills of vendors, with amounts of two decimals; every fourth amount is in quotes. */
        BILL {
            @Override
            String key(Dice dice) {
                return dice.next("acme", "globex", "initech", "umbrella", "hooli", "stark", "wayne", "wonka");
            }

            @Override
            String value(String key, long millis, Dice dice) {
                String amount = String.format(Locale.ROOT, "%d.%02d", dice.next(1_000), dice.next(100));
                return "{\"issued\":\"" + Instant.ofEpochMilli(millis) + "\",\"vendor\":\"" + key + "\",\"amount\":"
                        + (dice.next(4) == 0 ? '"' + amount + '"' : amount) + "}";
            }
        },
        /** Spans of services; most durations are short and some are very long. */
        SPAN {
            @Override
            String key(Dice dice) {
                return dice.next("checkout", "search", "account", "shipping");
            }

            @Override
            String value(String key, long millis, Dice dice) {
                long micros = 500L + (1L << dice.next(20)) + dice.next(4_000);
                return "{\"startNanos\":" + millis + String.format(Locale.ROOT, "%06d", dice.next(1_000_000))
                        + ",\"service\":\"" + key + "\",\"kind\":\""
                        + dice.next("SERVER", "SERVER", "SERVER", "CLIENT") + "\",\"status\":"
                        + (dice.next(50) == 0 ? 503 : 200) + ",\"durationMs\":"
                        + String.format(Locale.ROOT, "%d.%03d", micros / 1_000, micros % 1_000) + "}";
            }
        },
        /** Requests of web servers; a request that failed has no bytes. */
        REQUEST {
            @Override
            String key(Dice dice) {
                return "web-" + (1 + dice.next(6));
            }

            @Override
            String value(String key, long millis, Dice dice) {
                String path = dice.next("/", "/cart", "/search", "/item", "/pay", "/health/ready");
                boolean failed = dice.next(path.equals("/pay") ? 8 : 40) == 0;
                return "{\"time\":\"" + Instant.ofEpochMilli(millis) + "\",\"host\":\"" + key + "\",\"path\":\"" + path
                        + "\",\"status\":" + (failed ? dice.next("500", "502", "503") : "200")
                        + (failed ? "" : ",\"bytes\":" + (100 + dice.next(50_000))) + "}";
            }
        },
        /** Measurements of sensors, which only the key names; some are broken, and few report their battery. */
        SENSOR {
            @Override
            String key(Dice dice) {
                return String.format(Locale.ROOT, "sensor-%02d", 1 + dice.next(12));
            }

            @Override
            String value(String key, long millis, Dice dice) {
                int tenths = dice.next(100) == 0 ? 8_500 : 50 + dice.next(250) - dice.next(100);
                String celsius = dice.next(60) == 0 ? "" : ",\"celsius\":" + BigDecimal.valueOf(tenths, 1);
                return "{\"at\":" + millis + celsius + (dice.next(5) == 0 ? ",\"battery\":" + dice.next(101) : "")
                        + "}";
            }
        };

        abstract String key(Dice dice);

        abstract String value(String key, long millis, Dice dice);
    }

    JobSamples {
        check("records", records, 1, MAX_RECORDS);
        check("bad records", bad, 0, MAX_RECORDS);
        check("days", days, 1, MAX_DAYS);
    }

    private static void check(String what, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + ": " + value + " is not between " + least + " and " + most);
        }
    }

    /** Returns the records that a job reads, by its name; null if it is not a ready job. */
    static @Nullable Kind kind(String job) {
        return KINDS.get(job);
    }

    /** Returns the names of the ready jobs with records of their own, for messages. */
    static String jobs() {
        return String.join(", ", KINDS.keySet());
    }

    @Override
    public long size() {
        return records + bad;
    }

    private long badBefore(long index) {
        return index * bad / size();
    }

    @Override
    public byte[] key(long index) {
        return utf8(kind.key(new Dice(seed, index)));
    }

    @Override
    public byte[] value(long index) {
        if (badBefore(index + 1) > badBefore(index)) {
            return utf8("not JSON");
        }
        long first = from.atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
        Dice dice = new Dice(seed, index);
        String key = kind.key(dice);
        return utf8(kind.value(key, first + (index - badBefore(index)) * days * MILLIS_PER_DAY / records, dice));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
