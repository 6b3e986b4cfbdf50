package io.tidemark.bench;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** Checks the rows of a run against {@link AgeReadings}. A difference is an {@code IllegalStateException}. */
final class AgeRows {
    private AgeRows() {}

    /** Checks that a run wrote one final row of each meter, for the window that it closed, and no other. */
    static void checkFinal(int batch, List<ConsumerRecord<byte[], byte[]>> rows) {
        int window = AgeReadings.closedBy(batch);
        Map<String, ConsumerRecord<byte[], byte[]>> byKey = byKey(rows);
        int expected = window < 0 ? 0 : AgeReadings.METERS;
        if (rows.size() != expected || byKey.size() != expected) {
            throw new IllegalStateException(
                    "the run of " + AgeReadings.nominal(batch) + " wrote " + rows.size() + " rows with " + byKey.size()
                            + " keys, expected " + expected + " of " + AgeReadings.window(window));
        }
        for (int meter = 0; meter < expected; meter++) {
            ConsumerRecord<byte[], byte[]> row = row(byKey, window, meter);
            Header header = row.headers().lastHeader("tidemark.final");
            if (header == null || !TopicTail.text(header.value()).equals("true")) {
                throw new IllegalStateException("the row of " + TopicTail.text(row.key()) + " is not final");
            }
            AgeReadings.check(window, meter, batch, TopicTail.text(row.value()));
        }
    }

    /** Checks the rows of the window in which the readings of a batch arrived, and of the one that they correct. */
    static void checkChanged(int batch, List<ConsumerRecord<byte[], byte[]>> rows) {
        Map<String, ConsumerRecord<byte[], byte[]>> byKey = byKey(rows);
        for (int meter = 0; meter < AgeReadings.METERS; meter++) {
            AgeReadings.check(
                    batch, meter, batch, TopicTail.text(row(byKey, batch, meter).value()));
            int corrected = AgeReadings.correctedBy(batch);
            ConsumerRecord<byte[], byte[]> row = byKey.get(key(corrected, meter));
            if (row != null) {
                AgeReadings.check(corrected, meter, batch, TopicTail.text(row.value()));
            }
        }
    }

    private static Map<String, ConsumerRecord<byte[], byte[]>> byKey(List<ConsumerRecord<byte[], byte[]>> rows) {
        Map<String, ConsumerRecord<byte[], byte[]>> byKey = new HashMap<>();
        rows.forEach(each -> byKey.put(TopicTail.text(each.key()), each));
        return byKey;
    }

    private static ConsumerRecord<byte[], byte[]> row(
            Map<String, ConsumerRecord<byte[], byte[]>> byKey, int window, int meter) {
        return Objects.requireNonNull(byKey.get(key(window, meter)), () -> "there is no row " + key(window, meter));
    }

    private static String key(int window, int meter) {
        return AgeReadings.window(window) + "/" + AgeReadings.meter(meter);
    }
}
