package io.tidemark.cli;

import io.tidemark.settings.KafkaSettings;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
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
public record SampleReadings(long seed, LocalDate from, int days, long readings, long bad) {
    /** The week around the tutorial's reading. */
    public static final LocalDate DEFAULT_FROM = LocalDate.of(2006, 12, 20);

    /** Enough keys to reach every partition of a small topic. */
    private static final int METERS = 50;

    private static final long SECONDS_PER_DAY = 86_400;

    /** With these limits the products below fit into a long. */
    private static final long MAX_RECORDS = 1_000_000_000;

    private static final long MAX_DAYS = 100_000;

    /** The increment of Vigna's SplitMix64. */
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    /** Rejects counts that are out of range. */
    public SampleReadings {
        check("readings", readings, 1, MAX_RECORDS);
        check("bad records", bad, 0, MAX_RECORDS);
        check("days", days, 1, MAX_DAYS);
    }

    /** Returns the number of records; indexes go from 0 to one below. */
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

    /** Returns the key of the record at {@code index}. */
    public byte[] key(long index) {
        int meter = Math.floorMod(random(index), METERS) + 1;
        byte[] key = "meter-0000".getBytes(StandardCharsets.US_ASCII);
        digits(key, 6, 4, meter);
        return key;
    }

    /** Returns the value of the record at {@code index}; null for one kind of bad record. */
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

    /**
     * Writes the records from {@code fromIndex} to one below {@code toIndex} and waits until all are acknowledged. The key
     * determines the partition.
     *
     * @throws KafkaException if a record could not be delivered
     */
    // The callback gets the same error as the future, so that the futures need not be kept.
    @SuppressWarnings("FutureReturnValueIgnored")
    public void write(KafkaSettings settings, String topic, long fromIndex, long toIndex) {
        Map<String, Object> producerSettings = settings.producer();
        producerSettings.put(ProducerConfig.ACKS_CONFIG, "all");
        producerSettings.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, "20");
        producerSettings.putIfAbsent(ProducerConfig.BATCH_SIZE_CONFIG, "131072");
        // While the leader of a new topic starts, requests in flight can overtake each other, and the first one is then
        // retried as out of order until delivery.timeout.ms (KAFKA-15591).
        producerSettings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, "1");
        AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        try (Producer<byte[], byte @Nullable []> producer = settings.client(
                () -> new KafkaProducer<>(producerSettings, new ByteArraySerializer(), new ByteArraySerializer()))) {
            for (long i = fromIndex; i < toIndex && failure.get() == null; i++) {
                producer.send(new ProducerRecord<>(topic, key(i), value(i)), (metadata, thrown) -> {
                    if (thrown != null) {
                        failure.compareAndSet(null, thrown);
                    }
                });
            }
            producer.flush();
        }
        Exception thrown = failure.get();
        if (thrown != null) {
            throw new KafkaException(
                    "a record for " + topic + " could not be delivered: " + thrown.getMessage(), thrown);
        }
    }

    /** Returns the output of SplitMix64 at a position, so that a record does not depend on those before it. */
    private long random(long position) {
        long z = seed + (position + 1) * GOLDEN_GAMMA;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
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
