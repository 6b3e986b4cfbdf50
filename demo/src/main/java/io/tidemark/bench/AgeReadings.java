package io.tidemark.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.embedded.Producers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Readings of 1,000 meters in windows of 15 minutes, and the row of each meter and window. Batch {@code i} arrives in the
 * window {@code i}. It has a reading of each meter for that window, nine for a window 10 hours before, and one for a window 50
 * hours before, for which a job that closes its windows after a day is too late.
 */
final class AgeReadings implements AutoCloseable {
    static final int METERS = 1_000;
    static final Duration WINDOW = Duration.ofMinutes(15);
    static final int BATCHES_PER_DAY = (int) Duration.ofDays(1).dividedBy(WINDOW);

    /** How long after its end a window takes readings, in the job that closes its windows. */
    static final Duration AFTER = Duration.ofDays(1);

    private static final Instant START = Instant.parse("2025-01-01T00:00:00Z");
    private static final int DELAYED = 9;
    private static final int DELAY = 40;
    private static final int TOO_LATE = 200;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String topic;
    private final KafkaProducer<byte[], byte[]> producer;
    private long written;

    AgeReadings(String topic, Map<String, Object> settings) {
        this.topic = topic;
        settings.putAll(Map.of("linger.ms", "50", "batch.size", "262144"));
        producer = Producers.ofBytes(settings);
    }

    /** Returns the job, over this topic. With {@code closing} it closes its windows and writes final rows only. */
    static ObjectNode job(String name, String topic, boolean closing) {
        ObjectNode job = JSON.createObjectNode().put("name", name);
        job.putObject("input")
                .put("topic", topic)
                .putObject("timestamp")
                .put("field", "at")
                .put("format", "epochMillis");
        job.putObject("window").put("every", WINDOW.toMinutes() + "m");
        if (closing) {
            job.putObject("close").put("after", AFTER.toHours() + "h").put("late", "count");
        }
        job.putArray("groupBy").add("meter");
        job.putObject("aggregate").put("count", "count").putObject("volts").put("sum", "volts");
        job.putObject("output")
                .put("topic", Workload.outputTopic(name))
                .put("key", "{window}/{meter}")
                .put("emit", closing ? "final" : "changes");
        if (!closing) {
            job.putObject("limits").put("cells", Integer.MAX_VALUE);
        }
        return job.put("badRecords", "fail");
    }

    /** Returns the nominal time of the run that reads a batch: the end of its window. */
    static Instant nominal(int batch) {
        return START.plus(WINDOW.multipliedBy(batch + 1L));
    }

    /** Returns the name of a window in rows. */
    static String window(int number) {
        return START.plus(WINDOW.multipliedBy(number)).toString();
    }

    /** Returns the number of the window that is closed by the run of a batch; below 0 if there is none. */
    static int closedBy(int batch) {
        return batch - (int) AFTER.dividedBy(WINDOW);
    }

    /** Returns the number of the window whose row some readings of a batch correct; below 0 if there is none. */
    static int correctedBy(int batch) {
        return batch - DELAY;
    }

    static String meter(int number) {
        return String.format(Locale.ROOT, "meter-%04d", number);
    }

    /** Writes a batch. Returns the offset after it. */
    long write(int batch) {
        for (int meter = 0; meter < METERS; meter++) {
            send(batch, batch, meter, volts(batch, meter));
        }
        for (int i = 0; i < DELAYED && batch >= DELAY; i++) {
            send(batch, batch - DELAY, delayed(batch, i), volts(batch, i));
        }
        if (batch >= TOO_LATE) {
            send(batch, batch - TOO_LATE, batch % METERS, 1);
        }
        producer.flush();
        return written;
    }

    private void send(int batch, int window, int meter, int volts) {
        // Readings of a batch arrive one after the other, within its window.
        long step = WINDOW.toMillis() / (METERS + DELAYED + 1);
        long arrival = START.toEpochMilli() + batch * WINDOW.toMillis() + written % (METERS + DELAYED + 1) * step;
        long at = START.toEpochMilli() + window * WINDOW.toMillis() + meter;
        byte[] value = ("{\"at\":" + at + ",\"meter\":\"" + meter(meter) + "\",\"volts\":" + volts + "}")
                .getBytes(StandardCharsets.ISO_8859_1);
        producer.send(new ProducerRecord<>(topic, 0, arrival, null, value));
        written++;
    }

    private static int volts(int batch, int number) {
        return 22_000 + Math.floorMod(batch * 31 + number * 17, 4_000);
    }

    private static int delayed(int batch, int i) {
        return Math.floorMod(batch * 7 + i, METERS);
    }

    /**
     * Checks a row against the readings that were written up to a batch, without those that are too late.
     *
     * @throws IllegalStateException if count or sum differ
     */
    static void check(int window, int meter, int upTo, String value) {
        long count = 1;
        long volts = volts(window, meter);
        for (int i = 0; i < DELAYED && window + DELAY <= upTo; i++) {
            if (delayed(window + DELAY, i) == meter) {
                count++;
                volts += volts(window + DELAY, i);
            }
        }
        JsonNode row;
        try {
            row = JSON.readTree(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(
                    "the row of " + window(window) + " and " + meter(meter) + " is not JSON", e);
        }
        if (row.path("count").asLong() != count || row.path("volts").asDouble() != volts) {
            throw new IllegalStateException("the row of " + window(window) + " and " + meter(meter) + " is " + row
                    + ", expected count " + count + " and volts " + volts);
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
