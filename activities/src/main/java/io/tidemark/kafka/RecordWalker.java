package io.tidemark.kafka;

import io.tidemark.kafka.ReadRanges.Range;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.message.FetchResponseData.AbortedTransaction;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.CloseableIterator;
import org.jspecify.annotations.Nullable;

/**
 * Walks the record batches of fetch responses and hands over the records of a range: no control records, nothing of
 * aborted transactions, nothing outside the range. The layout of records is that of
 * <a href="https://kafka.apache.org/documentation/#recordbatch">message format 2</a>; older formats, which brokers keep
 * but no longer take, go through the client's own iterator.
 *
 * <p>Headers are not looked at. Not safe for use by several threads.
 */
final class RecordWalker implements AutoCloseable {
    /** Enough for most records, so that decompressed bytes are seldom moved. */
    private static final int WINDOW = 64 * 1024;

    private static final int MAX_VARINT = 5;

    private final RecordHandler handler;
    private final BufferSupplier decompressionBuffers = BufferSupplier.create();
    // What was decompressed and not yet walked lies between these two.
    private byte[] window = new byte[0];
    private int windowFrom;
    private int windowTo;
    private int cursor;

    RecordWalker(RecordHandler handler) {
        this.handler = handler;
    }

    /**
     * Hands over the records of a response from the range's position on, and moves it.
     *
     * @throws CorruptRecordException where a batch's checksum is wrong, or it does not hold what it should
     */
    void walk(Range range, PartitionData data) {
        MemoryRecords records = (MemoryRecords) FetchResponse.recordsOrFail(data);
        Aborted aborted = new Aborted(data.abortedTransactions());
        ByteBuffer buffer = records.buffer();
        int at = buffer.arrayOffset() + buffer.position();
        for (RecordBatch batch : records.batches()) {
            int end = at + batch.sizeInBytes();
            if (!range.open()) {
                return;
            }
            batch.ensureValid();
            if (!aborted.hides(batch) && !batch.isControlBatch()) {
                if (batch instanceof DefaultRecordBatch current) {
                    walk(range, current, buffer.array(), at, end);
                } else {
                    walkOldFormat(range, batch);
                }
            }
            if (batch.partitionLeaderEpoch() != RecordBatch.NO_PARTITION_LEADER_EPOCH) {
                range.leaderEpoch = batch.partitionLeaderEpoch();
            }
            range.reached(batch.nextOffset());
            at = end;
        }
    }

    private void walk(Range range, DefaultRecordBatch batch, byte[] bytes, int from, int end) {
        int count = batch.countOrNull();
        Batch header = new Batch(batch);
        if (batch.isCompressed()) {
            walkCompressed(range, batch, header, count);
            return;
        }
        int at = from + DefaultRecordBatch.RECORD_BATCH_OVERHEAD;
        for (int i = 0; i < count; i++) {
            int length = varint(bytes, at, end);
            if (length < 0 || length > end - cursor) {
                throw new CorruptRecordException(
                        "a record of " + length + " bytes in the " + (end - cursor) + " that are left of its batch");
            }
            at = cursor + length;
            record(range, header, bytes, cursor, at);
        }
        requireNothingLeft(end - at, count);
    }

    private void walkCompressed(Range range, DefaultRecordBatch batch, Batch header, int count) {
        windowFrom = 0;
        windowTo = 0;
        try (InputStream decompressed = batch.recordInputStream(decompressionBuffers)) {
            for (int i = 0; i < count; i++) {
                fill(decompressed, MAX_VARINT);
                int length = varint(window, windowFrom, windowTo);
                windowFrom = cursor;
                fill(decompressed, length);
                if (length < 0 || length > windowTo - windowFrom) {
                    throw new CorruptRecordException("a record of " + length + " bytes in the "
                            + (windowTo - windowFrom) + " that are left of its batch");
                }
                record(range, header, window, windowFrom, windowFrom + length);
                windowFrom += length;
            }
            fill(decompressed, 1);
            requireNothingLeft(windowTo - windowFrom, count);
        } catch (IOException e) {
            throw new CorruptRecordException("a batch cannot be decompressed", e);
        }
    }

    private static void requireNothingLeft(int bytes, int count) {
        if (bytes != 0) {
            throw new CorruptRecordException(bytes + " bytes follow the last of a batch's " + count + " records");
        }
    }

    /** Makes the window hold so many bytes, or all that there are. */
    private void fill(InputStream from, int bytes) throws IOException {
        int kept = windowTo - windowFrom;
        if (kept >= bytes) {
            return;
        }
        byte[] roomy = window.length >= bytes ? window : new byte[Math.max(WINDOW, bytes)];
        System.arraycopy(window, windowFrom, roomy, 0, kept);
        window = roomy;
        windowFrom = 0;
        windowTo = kept;
        while (windowTo < bytes) {
            int read = from.read(window, windowTo, window.length - windowTo);
            if (read < 0) {
                return;
            }
            windowTo += read;
        }
    }

    /** Hands over the record whose body lies there, if it is in the range. */
    private void record(Range range, Batch batch, byte[] bytes, int from, int end) {
        // A byte of attributes, timestamp, offset, key, value; headers, of which there is at least their number.
        long timestamp = batch.baseTimestamp + varlong(bytes, from + 1, end);
        long offset = batch.baseOffset + varint(bytes, cursor, end);
        int keyLength = Math.max(varint(bytes, cursor, end), RecordHandler.NULL);
        int key = cursor;
        if (keyLength >= end - key) {
            throw new CorruptRecordException("a key goes beyond its record");
        }
        int valueLength = Math.max(varint(bytes, key + Math.max(keyLength, 0), end), RecordHandler.NULL);
        int value = cursor;
        if (valueLength >= end - value) {
            throw new CorruptRecordException("a value goes beyond its record");
        }
        if (offset >= range.position && offset < range.to) {
            handler.record(
                    range.partition.partition(),
                    offset,
                    batch.logAppendTime ? batch.maxTimestamp : timestamp,
                    bytes,
                    key,
                    keyLength,
                    value,
                    valueLength);
        }
    }

    private int varint(byte[] bytes, int at, int end) {
        return (int) varlong(bytes, at, end);
    }

    /** A zigzag number; the cursor is behind it. */
    private long varlong(byte[] bytes, int at, int end) {
        int next = at;
        long raw = 0;
        byte b = -1;
        for (int shift = 0; b < 0; shift += 7) {
            if (next >= end) {
                throw new CorruptRecordException("a record ends in the middle of a number");
            }
            b = bytes[next++];
            raw |= (long) (b & 0x7F) << shift;
        }
        cursor = next;
        return (raw >>> 1) ^ -(raw & 1);
    }

    private void walkOldFormat(Range range, RecordBatch batch) {
        try (CloseableIterator<Record> records = batch.streamingIterator(decompressionBuffers)) {
            while (records.hasNext()) {
                Record each = records.next();
                if (each.offset() >= range.position && each.offset() < range.to) {
                    each.ensureValid();
                    handler.record(
                            range.partition.partition(), each.offset(), each.timestamp(), each.key(), each.value());
                }
            }
        }
    }

    @Override
    public void close() {
        decompressionBuffers.close();
    }

    /** What all records of a batch share. */
    private static final class Batch {
        final long baseOffset;
        final long baseTimestamp;
        final long maxTimestamp;
        /** Whether the broker gave all records the same time. */
        final boolean logAppendTime;

        Batch(DefaultRecordBatch batch) {
            baseOffset = batch.baseOffset();
            baseTimestamp = batch.baseTimestamp();
            maxTimestamp = batch.maxTimestamp();
            logAppendTime = batch.timestampType() == TimestampType.LOG_APPEND_TIME;
        }
    }

    /** Which batches of a response belong to transactions that were aborted: the consumer's own rule. */
    private static final class Aborted {
        /** Those that begin at or after the batches seen so far, by their first offset. */
        private final Queue<AbortedTransaction> ahead =
                new PriorityQueue<>(Comparator.comparingLong(AbortedTransaction::firstOffset));

        /** Producers whose transaction at this place of the log was aborted. */
        private final Set<Long> producers = new HashSet<>();

        Aborted(@Nullable List<AbortedTransaction> transactions) {
            if (transactions != null) {
                ahead.addAll(transactions);
            }
        }

        /** Takes the batches in order. */
        boolean hides(RecordBatch batch) {
            if (!batch.hasProducerId()) {
                return false;
            }
            for (AbortedTransaction next = ahead.peek();
                    next != null && next.firstOffset() <= batch.lastOffset();
                    next = ahead.peek()) {
                producers.add(next.producerId());
                ahead.remove();
            }
            if (endsAborted(batch)) {
                producers.remove(batch.producerId());
            }
            return batch.isTransactional() && producers.contains(batch.producerId());
        }

        private static boolean endsAborted(RecordBatch batch) {
            if (!batch.isControlBatch()) {
                return false;
            }
            Iterator<Record> marker = batch.iterator();
            return marker.hasNext() && ControlRecordType.parse(marker.next().key()) == ControlRecordType.ABORT;
        }
    }
}
