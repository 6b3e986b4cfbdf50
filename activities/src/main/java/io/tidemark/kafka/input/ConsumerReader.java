package io.tidemark.kafka.input;

import io.tidemark.fold.HeaderBytes;
import io.tidemark.fold.InputRecord;
import io.tidemark.kafka.client.ConsumerPool;
import io.tidemark.kafka.client.KafkaCalls;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.input.ReadRanges.Range;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.TidemarkException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** Reads with a {@code KafkaConsumer}, and checks its position after each poll. */
final class ConsumerReader extends RangeReader {
    private static final Duration POLL = Duration.ofMillis(500);
    private static final int STARTS_TIMEOUT_MILLIS = 2_000;

    /** Creates a reader; {@code nanoTime} is {@link System#nanoTime} outside tests. */
    ConsumerReader(KafkaClients clients, LongSupplier nanoTime) {
        super(clients, nanoTime);
    }

    @Override
    void read(ReadRanges ranges, BooleanSupplier more, RecordHandler handler, Consumer<List<PartitionRange>> between) {
        // A range without offsets closes windows only.
        List<Range> toRead = ranges.all().stream().filter(Range::open).toList();
        try (ConsumerPool.Loan<ByteBuffer> loan = clients.inputConsumer(ranges.topic(), toRead.size())) {
            var consumer = loan.consumer();
            InputRecord record = new InputRecord();
            HeaderBytes headers = handler.needsHeaders() ? new HeaderBytes(handler::reserve) : null;
            List<TopicPartition> partitions =
                    toRead.stream().map(each -> each.partition).toList();
            loan.assign(partitions);
            toRead.forEach(each -> consumer.seek(each.partition, each.from));
            while (more.getAsBoolean()) {
                ConsumerRecords<ByteBuffer, ByteBuffer> records = consumer.poll(POLL);
                for (TopicPartition partition : records.partitions()) {
                    hand(records.records(partition), ranges.of(partition), handler, record, headers);
                }
                records.nextOffsets().forEach((partition, next) -> {
                    Range range = ranges.of(partition);
                    // The next offset may be the end of a batch beyond the range.
                    if (next.offset() <= range.to) {
                        range.appendedUnder(next.leaderEpoch().orElse(-1), next.offset());
                    }
                });
                List<TopicPartition> done = new ArrayList<>();
                for (Range each : toRead) {
                    if (each.open()) {
                        each.reached(consumer.position(each.partition));
                        if (!each.open()) {
                            done.add(each.partition);
                        }
                    }
                }
                consumer.pause(done);
                between.accept(ranges.remaining());
            }
            if (ranges.all().stream().anyMatch(each -> each.position > each.from)) {
                lookAtStarts(ranges);
            }
            loan.done();
        }
    }

    /**
     * Reads where the logs begin. The admin client asks, because the consumer has already sent its next fetch request:
     * at the end of a log the broker answers it after {@code fetch.max.wait.ms}, and no other request of the same
     * connection before it. Only a warning depends on the answer, so a failure is ignored.
     */
    private void lookAtStarts(ReadRanges ranges) {
        Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
        ranges.all().forEach(each -> wanted.put(each.partition, OffsetSpec.earliest()));
        try {
            KafkaCalls.get(
                            "first offsets of topic " + ranges.topic(),
                            clients.admin()
                                    .listOffsets(wanted, new ListOffsetsOptions().timeoutMs(STARTS_TIMEOUT_MILLIS))
                                    .all())
                    .forEach((partition, first) -> ranges.of(partition).logStart = first.offset());
        } catch (TidemarkException e) {
            // The topic may have been deleted during the read.
        }
    }

    private static void hand(
            List<ConsumerRecord<ByteBuffer, ByteBuffer>> records,
            Range range,
            RecordHandler handler,
            InputRecord record,
            @Nullable HeaderBytes headers) {
        for (int i = 0; i < records.size(); i++) {
            ConsumerRecord<ByteBuffer, ByteBuffer> each = records.get(i);
            if (each.offset() >= range.to) {
                return;
            }
            // The consumer has already decompressed it: all records of a poll are in memory at once.
            long bytes = RecordSize.of(each.serializedKeySize(), each.serializedValueSize(), each.headers());
            if (bytes > handler.maxBytes()) {
                handler.tooLarge(range.partition.partition(), each.offset(), each.timestamp(), bytes);
            } else {
                record.setPlace(range.partition.partition(), each.offset(), each.timestamp());
                record.setContent(each.key(), each.value());
                if (headers != null) {
                    set(headers, each.headers());
                    headers.set(record);
                }
                handler.record(record);
            }
            range.handed(each.offset(), each.timestamp());
            range.appendedUnder(each.leaderEpoch().orElse(-1), each.offset() + 1);
        }
    }

    private static void set(HeaderBytes into, Headers headers) {
        Header[] all = headers.toArray();
        into.begin(all.length);
        for (Header each : all) {
            into.add(each.key(), each.value());
        }
    }
}
