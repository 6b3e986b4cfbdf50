package io.tidemark.bench;

import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Readings of the tutorial's form over thirty days, the same for the same arguments, and what their daily sums are.
 *
 * <p>The sums are kept in whole hundredths of a volt while the readings are made, so they owe nothing to the code that
 * they are compared with: no parsing, no window, no floating point.
 *
 * @param records how many, over all partitions
 * @param valueBytes how long a value is at least; shorter ones are filled up with a field that no job reads
 */
record BenchReadings(long records, int partitions, int valueBytes, long seed) {

    private static final int DAYS = 30;
    private static final int SECONDS_PER_DAY = 86_400;
    private static final LocalDate FIRST_DAY = LocalDate.of(2006, 12, 17);
    private static final int METERS = 1_000;
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("dd/MM/yyyy");
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");

    /** What a day in a partition adds up to. */
    static final class Day {
        long count;
        long hundredths;

        double mean() {
            return hundredths / 100.0 / count;
        }
    }

    /**
     * Writes the readings.
     *
     * @param settings of the producer, without serializers
     * @return for each partition, its days by their key in the output, such as {@code 2006-12-23}
     */
    Map<Integer, Map<String, Day>> writeTo(String topic, Map<String, Object> settings) {
        Map<Integer, Map<String, Day>> truth = new TreeMap<>();
        AtomicReference<Exception> failure = new AtomicReference<>();
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            byte[][] keys = new byte[METERS][];
            for (int meter = 0; meter < METERS; meter++) {
                keys[meter] = bytes(String.format(Locale.ROOT, "meter-%04d", meter));
            }
            byte[][] times = new byte[SECONDS_PER_DAY][];
            for (int second = 0; second < SECONDS_PER_DAY; second++) {
                times[second] = bytes(TIME.format(LocalTime.ofSecondOfDay(second)));
            }
            for (int partition = 0; partition < partitions; partition++) {
                Map<String, Day> days = new TreeMap<>();
                truth.put(partition, days);
                SplittableRandom random = new SplittableRandom(seed + partition);
                long inPartition = records / partitions + (partition < records % partitions ? 1 : 0);
                int dayNumber = -1;
                byte[] dayText = new byte[0];
                Day day = new Day();
                for (long i = 0; i < inPartition; i++) {
                    long second = i * DAYS * SECONDS_PER_DAY / inPartition;
                    if (second / SECONDS_PER_DAY != dayNumber) {
                        dayNumber = (int) (second / SECONDS_PER_DAY);
                        LocalDate date = FIRST_DAY.plusDays(dayNumber);
                        dayText = bytes(DAY.format(date));
                        day = new Day();
                        days.put(date.toString(), day);
                    }
                    int hundredths = random.nextInt(22_000, 26_000);
                    day.count++;
                    day.hundredths += hundredths;
                    byte[] value = value(dayText, times[(int) (second % SECONDS_PER_DAY)], hundredths);
                    producer.send(
                            new ProducerRecord<>(topic, partition, keys[random.nextInt(METERS)], value),
                            (metadata, exception) -> {
                                if (exception != null) {
                                    failure.compareAndSet(null, exception);
                                }
                            });
                }
            }
            producer.flush();
        }
        Exception first = failure.get();
        if (first != null) {
            throw new IllegalStateException("a reading did not reach " + topic, first);
        }
        return truth;
    }

    private byte[] value(byte[] day, byte[] time, int hundredths) {
        String voltage = hundredths / 100 + "." + (hundredths % 100 < 10 ? "0" : "") + hundredths % 100;
        StringBuilder text = new StringBuilder(Math.max(valueBytes, 64))
                .append("{\"datetime\":\"")
                .append(new String(day, StandardCharsets.ISO_8859_1))
                .append(' ')
                .append(new String(time, StandardCharsets.ISO_8859_1))
                .append("\",\"voltage\":")
                .append(voltage);
        // ,"note":"" and the closing brace are eleven bytes.
        int fill = valueBytes - text.length() - 11;
        if (fill >= 0) {
            text.append(",\"note\":\"").append("x".repeat(fill)).append('"');
        }
        return bytes(text.append('}').toString());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
