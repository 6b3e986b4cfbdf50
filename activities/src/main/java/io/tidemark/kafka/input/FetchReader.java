package io.tidemark.kafka.input;

import io.tidemark.kafka.client.IdlePool;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.input.FetchConnection.Fetched;
import io.tidemark.run.PartitionRange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Reads with fetch requests and processes the record batches in the response's buffer: it creates no object per record
 * and takes half the time of a consumer. While one response is processed, the next one is received.
 *
 * <p>It uses the client's protocol classes, which are not public API. Only this class and its helpers ({@code Fetch*},
 * {@link RecordWalker}) use them. A test suite compares it with {@link ConsumerReader}, record by record, on everything
 * that a log can contain.
 */
final class FetchReader extends RangeReader {
    private static final Duration POLL = Duration.ofMillis(500);

    /** Creates a reader; {@code nanoTime} is {@link System#nanoTime} outside tests. */
    FetchReader(KafkaClients clients, LongSupplier nanoTime) {
        super(clients, nanoTime);
    }

    @Override
    void read(ReadRanges ranges, BooleanSupplier more, RecordHandler handler, Consumer<List<PartitionRange>> between) {
        String topic = ranges.topic();
        IdlePool<FetchConnection> idle = clients.idle(FetchConnection.class);
        FetchConnection kept = idle.takeUsedFor(topic);
        FetchConnection connection = kept != null
                ? kept
                : new FetchConnection(
                        clients.fetchConfig(),
                        topic,
                        clients::fetchOfLeader,
                        FetchConnection.RETRY_MILLIS,
                        clients.observer());
        boolean reusable = false;
        try {
            read(connection, ranges, more, handler, between);
            reusable = connection.end();
        } finally {
            if (reusable) {
                idle.giveBack(topic, connection);
            } else {
                connection.close();
            }
        }
    }

    private static void read(
            FetchConnection connection,
            ReadRanges ranges,
            BooleanSupplier more,
            RecordHandler handler,
            Consumer<List<PartitionRange>> between) {
        connection.begin(ranges);
        List<Fetched> arrived = new ArrayList<>();
        try (RecordWalker walker = new RecordWalker(handler)) {
            while (more.getAsBoolean()) {
                connection.requestMore();
                connection.poll(POLL, arrived);
                // Before the records are processed, so that the broker prepares the next response meanwhile.
                connection.requestMore();
                connection.poll(Duration.ZERO, arrived);
                arrived.forEach(each -> walker.walk(each.range(), each.data()));
                arrived.clear();
                connection.release();
                between.accept(ranges.remaining());
            }
        }
    }
}
