package io.tidemark.kafka.input;

import static io.tidemark.kafka.input.RecordWalker.parsed;

import io.tidemark.fold.InputRecord;
import io.tidemark.kafka.input.ReadRanges.Range;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.LongConsumer;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.internal.AbstractLegacyRecordBatch;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.CloseableIterator;

/**
 * Parses batches of the message formats 0 and 1 with the client's own iterator, and first checks the lengths for which
 * the client would allocate memory. Not safe for use by several threads.
 */
final class OldFormatWalker {
    private static final int BUFFER = 64 * 1024;
    private static final List<Header> NO_HEADERS = List.of();

    private final RecordHandler handler;
    private final InputRecord handed = new InputRecord();
    private final int maxBytes;
    private final BufferSupplier decompressionBuffers;
    private final LongConsumer reserve;
    private byte[] buffer = new byte[0];

    /**
     * Creates a walker.
     *
     * @param reserve is called with the number of bytes that the client will allocate for a batch
     */
    OldFormatWalker(RecordHandler handler, BufferSupplier decompressionBuffers, LongConsumer reserve) {
        this.handler = handler;
        this.maxBytes = handler.maxBytes();
        this.decompressionBuffers = decompressionBuffers;
        this.reserve = reserve;
    }

    /**
     * Passes the records of a batch to the handler, if they are in the range.
     *
     * @throws CorruptRecordException if its content does not match its header
     */
    void walk(Range range, RecordBatch batch) {
        if (parsed(batch::isCompressed) && batch instanceof AbstractLegacyRecordBatch old) {
            // The client decompresses the whole batch before it returns the first record, and copies each record.
            reserve.accept(2 * decompressedBytes(old));
        }
        try (CloseableIterator<Record> records = parsed(() -> batch.streamingIterator(decompressionBuffers))) {
            while (parsed(records::hasNext)) {
                Record each = parsed(records::next);
                if (each.offset() >= range.position && each.offset() < range.to) {
                    record(range, each);
                    range.handed(each.offset(), each.timestamp());
                }
            }
        }
    }

    private void record(Range range, Record record) {
        int partition = range.partition.partition();
        long bytes = parsed(() -> RecordSize.of(record.keySize(), record.valueSize(), NO_HEADERS));
        if (bytes > maxBytes) {
            handler.tooLarge(partition, record.offset(), record.timestamp(), bytes);
        } else {
            record.ensureValid();
            ByteBuffer key = record.hasKey() ? parsed(record::key) : null;
            ByteBuffer value = record.hasValue() ? parsed(record::value) : null;
            handed.setPlace(partition, record.offset(), record.timestamp());
            handed.setContent(key, value);
            handler.record(handed);
        }
    }

    private long decompressedBytes(AbstractLegacyRecordBatch batch) {
        ByteBuffer body = parsed(() -> batch.outerRecord().value());
        if (body == null) {
            throw new CorruptRecordException("it is compressed and has no content");
        }
        if (batch.compressionType() == CompressionType.SNAPPY) {
            reserve.accept(SnappyBlocks.largest(body.duplicate()));
        }
        long bytes = 0;
        if (buffer.length == 0) {
            buffer = new byte[BUFFER];
        }
        OldEntries entries = new OldEntries();
        try (InputStream decompressed = parsed(() -> Compression.of(batch.compressionType())
                .build()
                .wrapForInput(body, batch.magic(), decompressionBuffers))) {
            for (int read = 0; read >= 0; read = parsed(() -> decompressed.read(buffer, 0, buffer.length))) {
                entries.add(buffer, read);
                bytes += read;
            }
            entries.requireWhole();
        } catch (IOException e) {
            throw new CorruptRecordException("it cannot be decompressed", e);
        }
        return bytes;
    }

    /**
     * Checks that the records of a compressed batch of an old format end with it. Each is an offset of 8 bytes, a size of 4
     * bytes, and a record of this size. The client allocates the size that a record claims before it reads the record.
     */
    private static final class OldEntries {
        private static final int HEADER = 12;

        private int header;
        private long size;
        private long left;

        void add(byte[] bytes, int length) {
            int at = 0;
            while (at < length) {
                if (left > 0) {
                    long step = Math.min(left, length - at);
                    at += (int) step;
                    left -= step;
                } else {
                    // Only the last four bytes of the header remain in the number.
                    size = (size << 8 | bytes[at++] & 0xFF) & 0xFFFF_FFFFL;
                    if (++header == HEADER) {
                        header = 0;
                        left = size;
                    }
                }
            }
        }

        void requireWhole() {
            if (left > 0 || header > 0) {
                throw new CorruptRecordException("a record of " + size + " bytes goes beyond the end");
            }
        }
    }
}
