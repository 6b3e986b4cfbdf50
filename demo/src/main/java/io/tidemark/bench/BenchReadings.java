package io.tidemark.bench;

import io.tidemark.embedded.Producers;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Generates readings in the format of the tutorial over thirty days. The same arguments give the same readings. In a
 * workload with groups, each reading has a meter, and the meters of a partition are in random order.
 */
record BenchReadings(Workload workload, long seed) {

    private static final int DAYS = 30;
    private static final int SECONDS_PER_DAY = 86_400;
    private static final LocalDate FIRST_DAY = LocalDate.of(2006, 12, 17);
    private static final int KEYS = 1_000;
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("dd/MM/yyyy", Locale.ROOT);
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);

    /**
     * Writes the readings.
     *
     * @param settings settings of the producer, without serializers
     * @param truth receives the sums of what was written
     */
    void writeTo(String topic, Map<String, Object> settings, Truth truth) {
        AtomicReference<Exception> failure = new AtomicReference<>();
        try (KafkaProducer<byte[], byte[]> producer = Producers.ofBytes(settings)) {
            String[] times = new String[SECONDS_PER_DAY];
            for (int second = 0; second < SECONDS_PER_DAY; second++) {
                times[second] = TIME.format(LocalTime.ofSecondOfDay(second));
            }
            for (int partition = 0; partition < workload.partitions(); partition++) {
                Readings readings = new Readings(partition, times);
                long count = workload.recordsIn(partition);
                for (long i = 0; i < count; i++) {
                    readings.next(i * DAYS * SECONDS_PER_DAY / count);
                    producer.send(
                            new ProducerRecord<>(topic, partition, readings.key, readings.value),
                            (metadata, exception) -> {
                                if (exception != null) {
                                    failure.compareAndSet(null, exception);
                                }
                            });
                }
                readings.addTo(truth);
            }
            producer.flush();
        }
        Exception first = failure.get();
        if (first != null) {
            throw new IllegalStateException("a reading could not be written to " + topic, first);
        }
    }

    /** Generates the readings of one partition. */
    private final class Readings {
        private final int partition;
        private final String[] times;
        private final SplittableRandom random;
        private final String[] names;
        private final byte[][] keys;
        private final long[] counts;
        private final long[] hundredths;
        private final String[] days = new String[DAYS];
        private final WideFields wide;
        private byte[] key = new byte[0];
        private byte[] value = new byte[0];

        Readings(int partition, String[] times) {
            this.partition = partition;
            this.times = times;
            this.random = new SplittableRandom(seed + partition);
            wide = WideFields.of(workload);
            int groups = workload.groupsIn(partition);
            names = new String[workload.groups() > 0 ? groups : DAYS];
            keys = new byte[workload.groups() > 0 ? groups : KEYS][];
            for (int day = 0; day < DAYS; day++) {
                days[day] = DAY.format(FIRST_DAY.plusDays(day));
            }
            for (int i = 0; i < names.length; i++) {
                names[i] = workload.groups() > 0
                        ? String.format(
                                Locale.ROOT,
                                "meter-%06d",
                                workload.spread() ? i : partition + (long) i * workload.partitions())
                        : FIRST_DAY.plusDays(i).toString();
            }
            for (int i = 0; i < keys.length; i++) {
                keys[i] = bytes(workload.groups() > 0 ? names[i] : String.format(Locale.ROOT, "meter-%04d", i));
            }
            counts = new long[names.length];
            hundredths = new long[names.length];
        }

        /**
         * @param second seconds since the start of the first day
         */
        void next(long second) {
            int day = (int) (second / SECONDS_PER_DAY);
            int volts = random.nextInt(22_000, 26_000);
            int meter = random.nextInt(keys.length);
            int row = workload.groups() > 0 ? meter : day;
            counts[row]++;
            hundredths[row] += volts;
            key = keys[meter];
            value = value(days[day], times[(int) (second % SECONDS_PER_DAY)], volts, meter);
        }

        void addTo(Truth truth) {
            for (int i = 0; i < names.length; i++) {
                truth.add(partition, names[i], counts[i], hundredths[i]);
            }
        }

        private byte[] value(String day, String time, int volts, int meter) {
            StringBuilder text = new StringBuilder(Math.max(workload.valueBytes(), 96))
                    .append('{')
                    .append(wide.before())
                    .append("\"datetime\":\"")
                    .append(day)
                    .append(' ')
                    .append(time)
                    .append("\",\"voltage\":")
                    .append(volts / 100)
                    .append('.')
                    .append((char) ('0' + volts / 10 % 10))
                    .append((char) ('0' + volts % 10));
            if (workload.groups() > 0) {
                text.append(",\"meter\":\"").append(names[meter]).append('"');
            }
            text.append(wide.after());
            // The characters ,"note":"" and the closing brace are eleven bytes.
            int fill = workload.valueBytes() - text.length() - 11;
            if (fill >= 0 || workload.fields() > 0) {
                text.append(",\"note\":\"")
                        .append("x".repeat(Math.max(fill, 0)))
                        .append('"');
            }
            return bytes(text.append('}').toString());
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
