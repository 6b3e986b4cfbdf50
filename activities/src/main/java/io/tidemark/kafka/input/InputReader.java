package io.tidemark.kafka.input;

import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.ReaderKind;
import io.tidemark.run.PartitionRange;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Reads ranges of an input topic, committed records only. A range is done when the reader's position reaches its end:
 * its last offsets may be control records, aborted records or removed by compaction, and such offsets yield no record
 * (docs/kafka-facts.md, 1 and 2).
 *
 * <p>There are two implementations: {@link ConsumerReader} uses the client's public interface and is the reference,
 * {@link FetchReader} uses its protocol classes and takes half the time (docs/performance.md).
 */
public interface InputReader {
    /** Returns a reader of the kind that these clients are configured for. */
    static InputReader of(KafkaClients clients) {
        return of(clients, clients.reader(), System::nanoTime);
    }

    /** Returns a reader of the given kind; {@code nanoTime} is {@link System#nanoTime} outside tests. */
    static InputReader of(KafkaClients clients, ReaderKind kind, LongSupplier nanoTime) {
        return switch (kind) {
            case FETCH -> new FallbackReader(clients, () -> new FetchReader(clients, nanoTime), nanoTime);
            case CONSUMER -> new ConsumerReader(clients, nanoTime);
        };
    }

    /**
     * What was read of one range.
     *
     * @param range from the first requested offset to where the read ended
     * @param leaderEpoch leader epoch of its last offset, or -1 if unknown
     * @param invisible number of offsets without a record for the handler: transaction markers, records of aborted
     *     transactions, records that compaction removed
     * @param newest the latest record time, in milliseconds since the epoch, or -1 without records
     * @param logStart where the log began according to the last response, or -1
     */
    record Read(PartitionRange range, int leaderEpoch, long invisible, long newest, long logStart) {}

    /**
     * Reads ranges, at timeLimit one for each partition, until all are done or the time is over. A range without offsets is
     * done at once and costs no request.
     *
     * @param timeLimit after this time no new fetch starts
     * @param handler receives each record
     * @param between receives, between fetches, the remaining part of each range; an exception that it throws ends the
     *     read
     * @throws io.tidemark.run.TidemarkException KAFKA_UNAVAILABLE if the time is over and no range has advanced: with
     *     an empty result the caller would retry forever and report nothing
     */
    List<Read> read(
            String topic,
            List<PartitionRange> ranges,
            Duration timeLimit,
            RecordHandler handler,
            Consumer<List<PartitionRange>> between);
}
