package io.tidemark.kafka.input;

import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.ReaderKind;
import io.tidemark.run.PartitionRange;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Reads ranges of an input topic, committed records only. A range ends when the position in its partition has reached its
 * end: the last offsets of a range may be control records, aborted or compacted away, and never be seen as records
 * (docs/kafka-facts.md, 1 and 2).
 *
 * <p>There are two: {@link ConsumerReader} on the client's public interface, the reference, and {@link FetchReader} on its
 * protocol classes, which does the same in half the time (docs/performance.md).
 */
public interface InputReader {
    /** A reader of the kind that was chosen for these clients. */
    static InputReader of(KafkaClients clients) {
        return of(clients, clients.reader(), System::nanoTime);
    }

    /** A reader of the given kind; {@code nanoTime} is {@link System#nanoTime} outside tests. */
    static InputReader of(KafkaClients clients, ReaderKind kind, LongSupplier nanoTime) {
        return switch (kind) {
            case FETCH -> new FetchReader(clients, nanoTime);
            case CONSUMER -> new ConsumerReader(clients, nanoTime);
        };
    }

    /**
     * What was read.
     *
     * @param range begins where it was asked to and ends where the reading did
     * @param leaderEpoch under which its last offset was appended, or -1 where that is not known
     * @param invisible offsets of the range without a record for the handler: transaction markers, records of aborted
     *     transactions, what compaction removed
     * @param newest the latest record time, in milliseconds since the epoch, or -1 where there was none
     * @param logStart where the log began at the last look, or -1
     */
    record Read(PartitionRange range, int leaderEpoch, long invisible, long newest, long logStart) {}

    /**
     * Reads ranges, at most one for each partition, until all are done or the time is over.
     *
     * @param most how long to go on starting new fetches
     * @param handler takes each record
     * @param between hears between fetches what is left of each range; may throw to stop
     * @throws io.tidemark.run.TidemarkException KAFKA_UNAVAILABLE where the time is over and not one offset was gained:
     *     an empty result would be asked for again without anybody being told
     */
    List<Read> read(
            String topic,
            List<PartitionRange> ranges,
            Duration most,
            RecordHandler handler,
            Consumer<List<PartitionRange>> between);
}
