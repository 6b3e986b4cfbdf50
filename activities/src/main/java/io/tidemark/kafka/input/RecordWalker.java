package io.tidemark.kafka.input;

import io.tidemark.fold.InputRecord;
import io.tidemark.kafka.input.ReadRanges.Range;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.utils.internals.BufferSupplier;

/**
 * Parses the record batches of fetch responses and passes the records of a range to the handler: no control records, no
 * aborted records, none outside the range. The layout of records is <a
 * href="https://kafka.apache.org/documentation/#recordbatch">message format 2</a>. Older formats, which brokers still
 * store but no longer accept, go to {@link OldFormatWalker}.
 *
 * <p>Batches are validated as strictly as by the client's own iterators. Not safe for use by
 * several threads.
 */
final class RecordWalker implements AutoCloseable {
    /** Large enough for most records, so that decompressed bytes are rarely moved. */
    private static final int WINDOW = 64 * 1024;

    // Maximum number of bytes, of seven bits each.
    private static final int MAX_VARINT = 5;
    private static final int MAX_VARLONG = 10;
    /** Attributes, timestamp and offset, with which each record begins. */
    private static final int MAX_HEAD = 1 + MAX_VARLONG + MAX_VARINT;

    private final RecordHandler handler;
    private final InputRecord record = new InputRecord();
    private final SimpleRecords simple;
    private final int maxBytes;
    private final BufferSupplier decompressionBuffers = BufferSupplier.create();
    private final OldFormatWalker oldFormats;
    // Between windowFrom and windowTo: bytes that are decompressed and not yet parsed.
    private byte[] window = new byte[0];
    private int windowFrom;
    private int windowTo;
    private int cursor;
    /** Memory that is reserved for what the client allocates, in bytes. */
    private long reserved;

    RecordWalker(RecordHandler handler) {
        this.handler = handler;
        this.maxBytes = handler.maxBytes();
        this.simple = new SimpleRecords(record, maxBytes);
        this.oldFormats = new OldFormatWalker(handler, decompressionBuffers, this::reserve);
    }

    /**
     * Passes the records of a response to the handler, from the range's position on, and moves the position.
     *
     * @throws CorruptRecordException if a batch's checksum is wrong or its content does not match its header
     */
    void walk(Range range, PartitionData data) {
        range.logStart = data.logStartOffset();
        try {
            walk(
                    range,
                    (MemoryRecords) FetchResponse.recordsOrFail(data),
                    new AbortedBatches(data.abortedTransactions()));
        } catch (CorruptRecordException e) {
            throw new CorruptRecordException(
                    "damaged batch in " + range.partition + " at or after offset " + range.position + ": "
                            + e.getMessage(),
                    e);
        }
    }

    private void walk(Range range, MemoryRecords records, AbortedBatches aborted) {
        ByteBuffer buffer = records.buffer();
        int at = buffer.arrayOffset() + buffer.position();
        for (RecordBatch batch : records.batches()) {
            int end = at + batch.sizeInBytes();
            if (!range.open()) {
                return;
            }
            batch.ensureValid();
            if (!parsed(() -> aborted.hides(batch)) && !batch.isControlBatch()) {
                if (batch instanceof DefaultRecordBatch current) {
                    walk(range, current, buffer.array(), at, end);
                } else {
                    oldFormats.walk(range, batch);
                }
            }
            if (batch.baseOffset() < range.to) {
                range.appendedUnder(batch.partitionLeaderEpoch(), batch.nextOffset());
            }
            range.reached(batch.nextOffset());
            at = end;
        }
    }

    private void walk(Range range, DefaultRecordBatch batch, byte[] bytes, int from, int end) {
        Batch header = new Batch(range.partition.partition(), batch);
        if (parsed(batch::isCompressed)) {
            if (batch.compressionType() == CompressionType.SNAPPY) {
                ByteBuffer body =
                        ByteBuffer.wrap(bytes, 0, end).position(from + DefaultRecordBatch.RECORD_BATCH_OVERHEAD);
                reserve(SnappyBlocks.largest(body));
            }
            walkCompressed(range, batch, header);
            return;
        }
        int at = from + DefaultRecordBatch.RECORD_BATCH_OVERHEAD;
        for (int i = 0; i < header.count; i++) {
            int next = simple.read(range, header, bytes, at, end);
            if (next == SimpleRecords.NOT_SIMPLE) {
                at = anyRecord(range, header, bytes, at, end);
            } else {
                handler.record(record);
                range.handed(record.offset(), record.timestamp());
                at = next;
            }
        }
        requireNothingLeft(end - at, header.count);
    }

    /** Passes the record at {@code at} to the handler, if it is in the range; returns where it ends. */
    private int anyRecord(Range range, Batch header, byte[] bytes, int at, int end) {
        simple.learn(bytes, at, end);
        int length = varint(bytes, at, end);
        requireThere(length, end - cursor);
        int body = cursor;
        int next = body + length;
        if (!tooLarge(range, header, bytes, body, next, length)) {
            record(range, header, bytes, body, next);
        }
        return next;
    }

    /** Reserves memory for what the client allocates for one batch; it is not released between batches. */
    private void reserve(long bytes) {
        if (bytes > reserved) {
            handler.reserve(bytes - reserved);
            reserved = bytes;
        }
    }

    private void walkCompressed(Range range, DefaultRecordBatch batch, Batch header) {
        windowFrom = 0;
        windowTo = 0;
        try (InputStream decompressed = parsed(() -> batch.recordInputStream(decompressionBuffers))) {
            for (int i = 0; i < header.count; i++) {
                fill(decompressed, MAX_VARINT);
                int length = varint(window, windowFrom, windowTo);
                windowFrom = cursor;
                fill(decompressed, Math.min(length, MAX_HEAD));
                if (tooLarge(range, header, window, windowFrom, windowTo, length)) {
                    skip(decompressed, length);
                } else {
                    fill(decompressed, length);
                    requireThere(length, windowTo - windowFrom);
                    record(range, header, window, windowFrom, windowFrom + length);
                    windowFrom += length;
                }
            }
            fill(decompressed, 1);
            requireNothingLeft(windowTo - windowFrom, header.count);
        } catch (IOException e) {
            throw new CorruptRecordException("it cannot be decompressed", e);
        }
    }

    /** Decompresses the body of a record without keeping it. */
    private void skip(InputStream decompressed, int length) {
        int left = length;
        while (left > 0) {
            fill(decompressed, 1);
            int there = Math.min(left, windowTo - windowFrom);
            if (there == 0) {
                requireThere(length, length - left);
            }
            windowFrom += there;
            left -= there;
        }
    }

    /**
     * Returns whether the record is larger than the handler accepts. If it also is in the range, passes its place to the
     * handler.
     *
     * @param from where its body begins
     * @param end at least the end of attributes, timestamp and offset, which do not count ({@link RecordSize})
     * @param length of the body
     */
    private boolean tooLarge(Range range, Batch batch, byte[] bytes, int from, int end, int length) {
        if (length <= maxBytes) {
            return false;
        }
        long timestamp = batch.baseTimestamp + varlong(bytes, from + 1, end);
        long offset = batch.baseOffset + varint(bytes, cursor, end);
        int size = length - (cursor - from);
        if (size <= maxBytes) {
            return false;
        }
        requireInBatch(batch, offset);
        if (offset >= range.position && offset < range.to) {
            long time = batch.logAppendTime ? batch.maxTimestamp : timestamp;
            handler.tooLarge(range.partition.partition(), offset, time, size);
            range.handed(offset, time);
        }
        return true;
    }

    private static void requireInBatch(Batch batch, long offset) {
        if (!batch.has(offset)) {
            throw new CorruptRecordException("it has offsets " + batch.baseOffset + " to " + batch.lastOffset
                    + ", and a record with offset " + offset);
        }
    }

    private static void requireThere(int length, int left) {
        if (length < 0 || length > left) {
            throw new CorruptRecordException("a record of " + length + " bytes where " + left + " are left");
        }
    }

    private static void requireNothingLeft(int bytes, int count) {
        if (bytes != 0) {
            throw new CorruptRecordException(bytes + " bytes or more follow the last of its " + count + " records");
        }
    }

    /** Fills the window up to {@code bytes} bytes, or up to the end of the stream. */
    private void fill(InputStream from, int bytes) {
        int kept = windowTo - windowFrom;
        if (kept >= bytes) {
            return;
        }
        if (window.length == 0) {
            window = new byte[WINDOW];
        }
        System.arraycopy(window, windowFrom, window, 0, kept);
        windowFrom = 0;
        windowTo = kept;
        while (windowTo < bytes) {
            if (windowTo == window.length) {
                // The window grows with the bytes that arrive, not to the given length, which may be wrong.
                int larger = (int) Math.min(bytes, 2L * window.length);
                handler.reserve(larger - window.length);
                window = Arrays.copyOf(window, larger);
            }
            int read = parsed(() -> from.read(window, windowTo, window.length - windowTo));
            if (read <= 0) {
                return;
            }
            windowTo += read;
        }
    }

    /** Passes the record with the body at {@code from} to the handler, if it is in the range. */
    private void record(Range range, Batch batch, byte[] bytes, int from, int end) {
        // Layout: one byte of attributes, timestamp, offset, key, value, headers.
        long timestamp = batch.baseTimestamp + varlong(bytes, from + 1, end);
        long offset = batch.baseOffset + varint(bytes, cursor, end);
        int keyLength = length(bytes, cursor, end);
        int key = cursor;
        int valueLength = length(bytes, key + Math.max(keyLength, 0), end);
        int value = cursor;
        int headers = value + Math.max(valueLength, 0);
        skipHeaders(bytes, headers, end);
        requireInBatch(batch, offset);
        // A record that does not come after the last one is skipped, as consumers do.
        if (offset >= range.position && offset < range.to) {
            long time = batch.logAppendTime ? batch.maxTimestamp : timestamp;
            record.setPlace(range.partition.partition(), offset, time);
            record.setContent(bytes, key, keyLength, value, valueLength);
            record.setHeaders(bytes, headers);
            handler.record(record);
            range.handed(offset, time);
        }
    }

    /** Returns the length of a key or value, which must end before {@code end}. Sets the cursor behind the number. */
    private int length(byte[] bytes, int at, int end) {
        int length = varint(bytes, at, end);
        if (length > end - cursor) {
            throw new CorruptRecordException(
                    "a field of " + length + " bytes in the " + (end - cursor) + " that are left of its record");
        }
        return Math.max(length, InputRecord.NULL);
    }

    /**
     * Skips the headers, and checks that they end where the record ends: this detects errors in the fields before them.
     */
    private void skipHeaders(byte[] bytes, int at, int end) {
        if (at == end - 1 && bytes[at] == 0) {
            return;
        }
        int count = varint(bytes, at, end);
        if (count < 0 || count > end - cursor) {
            throw new CorruptRecordException(count + " headers in " + (end - cursor) + " bytes");
        }
        for (int i = 0; i < count; i++) {
            int name = length(bytes, cursor, end);
            if (name < 0) {
                throw new CorruptRecordException("a header without a name");
            }
            int value = length(bytes, cursor + name, end);
            cursor += Math.max(value, 0);
        }
        if (cursor != end) {
            throw new CorruptRecordException((end - cursor) + " bytes follow the last header of a record");
        }
    }

    private int varint(byte[] bytes, int at, int end) {
        // Fast paths: most lengths and offset deltas are below 8,192, and take at most two bytes.
        if (at < end) {
            int low = bytes[at];
            if (low >= 0) {
                cursor = at + 1;
                return (low >>> 1) ^ -(low & 1);
            }
            if (at + 1 < end) {
                int high = bytes[at + 1];
                if (high >= 0) {
                    cursor = at + 2;
                    return ((low & 0x7F) >>> 1 | high << 6) ^ -(low & 1);
                }
            }
        }
        int raw = (int) number(bytes, at, end, MAX_VARINT);
        return (raw >>> 1) ^ -(raw & 1);
    }

    private long varlong(byte[] bytes, int at, int end) {
        if (at + 2 < end) {
            int low = bytes[at];
            if (low >= 0) {
                cursor = at + 1;
                return (low >>> 1) ^ -(low & 1);
            }
            int next = bytes[at + 1];
            if (next >= 0) {
                cursor = at + 2;
                return ((low & 0x7F) >>> 1 | next << 6) ^ -(low & 1);
            }
            int high = bytes[at + 2];
            if (high >= 0) {
                cursor = at + 3;
                return ((low & 0x7F) >>> 1 | (next & 0x7F) << 6 | high << 13) ^ -(low & 1);
            }
        }
        long raw = number(bytes, at, end, MAX_VARLONG);
        return (raw >>> 1) ^ -(raw & 1);
    }

    /**
     * Reads a number of at most {@code most} bytes, of seven bits each, before zigzag decoding. Sets the cursor behind
     * it.
     */
    private long number(byte[] bytes, int at, int end, int most) {
        int next = at;
        long raw = 0;
        byte b = -1;
        for (int shift = 0; b < 0; shift += 7) {
            if (next >= end) {
                throw new CorruptRecordException("a number that does not end");
            }
            b = bytes[next++];
            raw |= (long) (b & 0x7F) << shift;
        }
        if (next - at > most) {
            throw new CorruptRecordException("a number of " + (next - at) + " bytes");
        }
        cursor = next;
        return raw;
    }

    /**
     * Runs the client's parser or a decompressor; all that they throw for damaged bytes becomes a
     * CorruptRecordException.
     */
    static <T> T parsed(Callable<T> parser) {
        try {
            return parser.call();
        } catch (CorruptRecordException | VirtualMachineError | LinkageError e) {
            throw e;
        } catch (Throwable e) {
            // Snappy even throws an Error.
            throw new CorruptRecordException("it cannot be read", e);
        }
    }

    @Override
    public void close() {
        decompressionBuffers.close();
    }

    /** The header fields of a batch. */
    static final class Batch {
        final int partition;
        final int count;
        final long baseOffset;
        final long lastOffset;
        final long baseTimestamp;
        final long maxTimestamp;
        /** True if all records have the time at which the broker appended the batch. */
        final boolean logAppendTime;

        Batch(int partition, DefaultRecordBatch batch) {
            this.partition = partition;
            count = batch.countOrNull();
            if (count < 0) {
                throw new CorruptRecordException("it claims to have " + count + " records");
            }
            baseOffset = batch.baseOffset();
            lastOffset = batch.lastOffset();
            baseTimestamp = batch.baseTimestamp();
            maxTimestamp = batch.maxTimestamp();
            logAppendTime = batch.timestampType() == TimestampType.LOG_APPEND_TIME;
        }

        boolean has(long offset) {
            return offset >= baseOffset && offset <= lastOffset;
        }
    }
}
