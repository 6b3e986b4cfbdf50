package io.tidemark.kafka.input;

import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.input.FetchConnection.Fetched;
import io.tidemark.run.PartitionRange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;

/**
 * Reads with fetch requests of its own and walks the record batches where they lie in the response: no object for a
 * record, half the time of a consumer. While a response is walked the next one is on its way.
 *
 * <p>It uses the client's protocol classes, which are not its public interface. They appear in this class's helpers
 * alone ({@code Fetch*}, {@link RecordWalker}), and a suite holds it to {@link ConsumerReader}, record by record, over
 * everything that a log can hold.
 */
final class FetchReader implements InputReader {
    private static final Duration POLL = Duration.ofMillis(500);

    private final KafkaClients clients;
    private final LongSupplier nanoTime;

    /** A reader; {@code nanoTime} is {@link System#nanoTime} outside tests. */
    FetchReader(KafkaClients clients, LongSupplier nanoTime) {
        this.clients = clients;
        this.nanoTime = nanoTime;
    }

    @Override
    public List<Read> read(
            String topic,
            List<PartitionRange> asked,
            Duration most,
            RecordHandler handler,
            Consumer<List<PartitionRange>> between) {
        ReadRanges ranges = new ReadRanges(topic, asked);
        long start = nanoTime.getAsLong();
        try (FetchConnection connection =
                        new FetchConnection(clients.fetchConfig(), topic, ranges, FetchConnection.RETRY_MILLIS);
                RecordWalker walker = new RecordWalker(handler)) {
            List<Fetched> arrived = new ArrayList<>();
            while (ranges.anyOpen() && nanoTime.getAsLong() - start < most.toNanos()) {
                connection.requestMore();
                connection.poll(POLL, arrived);
                // Before anything is walked, so that the broker works while we do.
                connection.requestMore();
                connection.poll(Duration.ZERO, arrived);
                arrived.forEach(each -> walker.walk(each.range(), each.data()));
                arrived.clear();
                connection.release();
                between.accept(ranges.remaining());
            }
        } catch (OffsetOutOfRangeException e) {
            throw ConsumerReader.outOfRange(clients, topic, e);
        } catch (KafkaException e) {
            throw InputProblems.named(topic, e);
        }
        return ranges.end(most);
    }
}
