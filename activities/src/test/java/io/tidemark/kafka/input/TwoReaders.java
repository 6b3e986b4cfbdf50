package io.tidemark.kafka.input;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.fold.InputRecord;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.ReaderKind;
import io.tidemark.kafka.input.InputReader.Read;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.TidemarkException;
import io.tidemark.settings.KafkaSettings;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Reads the same ranges with both readers, and reports differences. */
final class TwoReaders implements AutoCloseable {
    /** Far longer than any test takes; tests that expect a timeout pass their own. */
    static final Duration ENOUGH = Duration.ofSeconds(40);

    private final KafkaClients clients;

    /** Creates readers of a cluster, with additional settings. */
    TwoReaders(String bootstrapServers, Map<String, String> settings) {
        // A consumer that has read to the end of a log is held up by the default of 500 ms when it is used again.
        Map<String, String> all = new HashMap<>(Map.of("fetch.max.wait.ms", "10"));
        all.putAll(settings);
        all.put("bootstrap.servers", bootstrapServers);
        this.clients = new KafkaClients(KafkaSettings.of(all));
    }

    /** A record as it was passed to the handler. */
    record Seen(
            long offset,
            long timestamp,
            @Nullable ByteBuffer key,
            @Nullable ByteBuffer value,
            List<String> headers) {}

    /**
     * The result of a reader.
     *
     * @param records by partition, in the order of arrival
     * @param reads its return value; empty if it failed
     */
    record Outcome(
            Map<Integer, List<Seen>> records,
            List<Read> reads,
            @Nullable Throwable failure) {
        List<Seen> of(int partition) {
            return records.getOrDefault(partition, List.of());
        }

        TidemarkException problem() {
            assertThat(failure).isInstanceOf(TidemarkException.class);
            return (TidemarkException) failure;
        }
    }

    KafkaClients clients() {
        return clients;
    }

    /** Collects copies of all records. */
    static RecordHandler collector(Map<Integer, List<Seen>> into) {
        return new RecordHandler() {
            @Override
            public void record(InputRecord record) {
                into.computeIfAbsent(record.partition(), unused -> new ArrayList<>())
                        .add(new Seen(
                                record.offset(),
                                record.timestamp(),
                                copy(record.bytes(), record.key(), record.keyLength()),
                                copy(record.bytes(), record.value(), record.valueLength()),
                                SeenHeaders.of(record)));
            }

            @Override
            public boolean needsHeaders() {
                return true;
            }
        };
    }

    private static @Nullable ByteBuffer copy(byte[] bytes, int from, int length) {
        return length == InputRecord.NULL ? null : ByteBuffer.wrap(Arrays.copyOfRange(bytes, from, from + length));
    }

    Outcome read(ReaderKind kind, String topic, List<PartitionRange> ranges) {
        return read(kind, topic, ranges, ENOUGH, between -> {});
    }

    Outcome read(
            ReaderKind kind,
            String topic,
            List<PartitionRange> ranges,
            Duration most,
            Consumer<List<PartitionRange>> between) {
        return read(kind, System::nanoTime, topic, ranges, most, between);
    }

    Outcome read(
            ReaderKind kind,
            LongSupplier nanoTime,
            String topic,
            List<PartitionRange> ranges,
            Duration most,
            Consumer<List<PartitionRange>> between) {
        Map<Integer, List<Seen>> records = new TreeMap<>();
        try {
            List<Read> reads =
                    InputReader.of(clients, kind, nanoTime).read(topic, ranges, most, collector(records), between);
            return new Outcome(records, reads, null);
        } catch (RuntimeException e) {
            return new Outcome(records, List.of(), e);
        }
    }

    /** Reads with both, which must succeed with the same result. */
    Outcome readAlike(String what, String topic, List<PartitionRange> ranges) {
        Outcome expected = read(ReaderKind.CONSUMER, topic, ranges);
        Outcome found = read(ReaderKind.FETCH, topic, ranges);
        assertThat(expected.failure()).as("%s: the consumer", what).isNull();
        assertThat(found.failure()).as("%s: the fetching reader", what).isNull();
        assertSame(what, expected, found);
        return found;
    }

    /** Reads with both, which must fail with the same kind of failure, and without a busy loop. */
    List<TidemarkException> failAlike(String topic, List<PartitionRange> ranges, Duration most) {
        TidemarkException expected = fail(ReaderKind.CONSUMER, topic, ranges, most);
        TidemarkException found = fail(ReaderKind.FETCH, topic, ranges, most);
        assertThat(found.kind()).as("%s and %s", expected, found).isEqualTo(expected.kind());
        return List.of(expected, found);
    }

    private TidemarkException fail(ReaderKind kind, String topic, List<PartitionRange> ranges, Duration most) {
        AtomicInteger rounds = new AtomicInteger();
        Outcome outcome = read(kind, topic, ranges, most, between -> rounds.incrementAndGet());
        assertThat(rounds.get()).as("rounds in %s", most).isLessThan((int) most.toMillis() / 2);
        return outcome.problem();
    }

    static void assertSame(String what, Outcome expected, Outcome found) {
        assertThat(found.records().keySet())
                .as("%s: partitions", what)
                .isEqualTo(expected.records().keySet());
        expected.records().forEach((partition, records) -> {
            List<Seen> others = found.of(partition);
            for (int i = 0; i < Math.min(records.size(), others.size()); i++) {
                // Compared one by one, because a message with a list of megabytes is useless.
                assertThat(others.get(i).equals(records.get(i)))
                        .as(
                                "%s: record %d of partition %d: offset %d and offset %d",
                                what,
                                i,
                                partition,
                                records.get(i).offset(),
                                others.get(i).offset())
                        .isTrue();
            }
            assertThat(others)
                    .as("%s: records of partition %d", what, partition)
                    .hasSameSizeAs(records);
        });
        for (int i = 0; i < expected.reads().size(); i++) {
            Read read = expected.reads().get(i);
            // A consumer does not return the epoch of batches without records for it.
            int epoch = read.leaderEpoch() < 0 ? found.reads().get(i).leaderEpoch() : read.leaderEpoch();
            // The readers look up the log start at different times.
            long other = found.reads().get(i).logStart();
            long logStart = other < 0 || read.logStart() < 0 ? other : read.logStart();
            assertThat(found.reads().get(i))
                    .as("%s: what was read", what)
                    .isEqualTo(new Read(read.range(), epoch, read.invisible(), read.newest(), logStart));
        }
        assertThat(found.reads()).as("%s: what was read", what).hasSameSizeAs(expected.reads());
    }

    @Override
    public void close() {
        clients.close();
    }
}
