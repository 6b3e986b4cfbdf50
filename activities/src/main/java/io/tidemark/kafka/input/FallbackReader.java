package io.tidemark.kafka.input;

import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.TidemarkException;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Reads with a {@link FetchReader}, and with a {@link ConsumerReader} if the client lacks a class or a method that the
 * former needs: these are not public API, and may change with any version of kafka-clients. This class does not use
 * them itself, so it can always be loaded.
 */
final class FallbackReader extends RangeReader {
    private final Supplier<RangeReader> fast;
    private final LongSupplier nanoTime;

    /**
     * Creates a reader.
     *
     * @param fast creates the reader that is tried first
     */
    FallbackReader(KafkaClients clients, Supplier<RangeReader> fast, LongSupplier nanoTime) {
        super(clients, nanoTime);
        this.fast = fast;
        this.nanoTime = nanoTime;
    }

    @Override
    void read(ReadRanges ranges, BooleanSupplier more, RecordHandler handler, Consumer<List<PartitionRange>> between) {
        try {
            fast.get().read(ranges, more, handler, between);
        } catch (LinkageError e) {
            clients.readWithConsumer(e);
            if (ranges.all().stream().anyMatch(each -> each.position > each.from)) {
                // The handler already has a part of the records.
                throw new TidemarkException(
                        FailureKind.UNEXPECTED,
                        "input " + ranges.topic() + ": this version of kafka-clients lacks what the fast reader needs ("
                                + e + "). The next attempt reads with a consumer",
                        e);
            }
            new ConsumerReader(clients, nanoTime).read(ranges, more, handler, between);
        }
    }
}
