package io.tidemark.kafka.input;

import io.tidemark.fold.InputRecord;
import io.tidemark.kafka.input.ReadRanges.Range;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Reads the records that look like the one before, as most do: the length, the timestamp and the offset, with which a record
 * begins, take as many bytes as there; it has a value and no headers. So these numbers are taken out of one word without a
 * look at each byte. All that is different, or damaged, is left to {@link RecordWalker}.
 *
 * <p>Not safe for use by several threads.
 */
final class SimpleRecords {
    /** The result for a record that is not read here. */
    static final int NOT_SIMPLE = -1;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    /** A beginning, and the length of the key. */
    private static final int MIN_BYTES = Long.BYTES + 1;
    /** The bit of each byte that says that the number continues. */
    private static final long MORE = 0x8080808080808080L;
    /** The length of a null key, as it is stored. */
    private static final int NULL_LENGTH = 1;

    // The most bytes of a number that is read here.
    private static final int MOST_LENGTH = 2;
    private static final int MOST_TIME = 3;
    private static final int MOST_OFFSET = 2;

    private final InputRecord record;
    private final int maxBytes;

    /** How many bytes length, attributes, timestamp and offset have together, and how many the length has. */
    private int headBytes;

    private int lengthBytes;
    // Where numbers begin in the word, in bits.
    private int timeAt;
    private int offsetAt;
    // The bits that belong to them, once each byte has lost the one that says whether it continues.
    private int lengthBits;
    private int timeBits;
    private int offsetBits;
    /** The bits of {@link #MORE} that are the same in each such word; and what they are, which at first no word has. */
    private long moreBits;

    private long more = 1;

    /** @param record is set to each record */
    SimpleRecords(InputRecord record, int maxBytes) {
        this.record = record;
        this.maxBytes = maxBytes;
    }

    /**
     * Sets the record to the one at {@code at}, if it is in the range and simple. Returns where it ends, or {@link
     * #NOT_SIMPLE}.
     *
     * @param end where the batch ends
     */
    int read(Range range, RecordWalker.Batch batch, byte[] bytes, int at, int end) {
        if (at > end - MIN_BYTES) {
            return NOT_SIMPLE;
        }
        long word = (long) LONGS.get(bytes, at);
        if ((word & moreBits) != more) {
            return NOT_SIMPLE;
        }
        int low = (int) (word >>> offsetAt);
        low = ((low & 0x7F) | (low >>> 1 & 0x3F80)) & offsetBits;
        long offset = batch.baseOffset + (low >>> 1);
        if ((low & 1) != 0 || offset < range.position || offset >= range.to || offset > batch.lastOffset) {
            return NOT_SIMPLE;
        }
        low = (int) (word >>> timeAt);
        low = ((low & 0x7F) | (low >>> 1 & 0x3F80) | (low >>> 2 & 0x1FC000)) & timeBits;
        long timestamp = batch.logAppendTime ? batch.maxTimestamp : batch.baseTimestamp + ((low >>> 1) ^ -(low & 1));
        record.setPlace(batch.partition, offset, timestamp);
        // In all lengths the lowest bit is the sign.
        low = (int) word;
        low = ((low & 0x7F) | (low >>> 1 & 0x3F80)) & lengthBits;
        int next = at + lengthBytes + (low >>> 1);
        int key = at + headBytes + 1;
        // Behind the key are at least two numbers: the length of the value, and how many headers there are.
        if ((low & 1) != 0 || low >>> 1 > maxBytes || next > end || key > next - 2) {
            return NOT_SIMPLE;
        }
        int rawKey = bytes[key - 1];
        if (rawKey < 0 || ((rawKey & 1) != 0 && rawKey != NULL_LENGTH)) {
            return NOT_SIMPLE;
        }
        int value = key + (rawKey >>> 1) + 1;
        if (value >= next) {
            return NOT_SIMPLE;
        }
        int length = bytes[value - 1];
        if (length < 0) {
            length = length & 0x7F | bytes[value++] << 7;
        }
        int headers = value + (length >> 1);
        if ((length & 1) != 0 || headers != next - 1 || bytes[headers] != 0) {
            return NOT_SIMPLE;
        }
        record.setContent(bytes, key, (rawKey >>> 1) - (rawKey & 1), value, length >> 1);
        record.setHeaders(bytes, headers);
        return next;
    }

    /** Takes over the sizes of the numbers with which a record begins, if they are small enough. */
    void learn(byte[] bytes, int at, int end) {
        if (at > end - Long.BYTES) {
            return;
        }
        long word = (long) LONGS.get(bytes, at);
        int length = size(word);
        int time = length > MOST_LENGTH ? MOST_TIME + 1 : size(word >>> Byte.SIZE * (length + 1));
        if (time > MOST_TIME) {
            return;
        }
        int all = length + 1 + time;
        int offset = size(word >>> Byte.SIZE * all);
        all += offset;
        if (offset > MOST_OFFSET || all > Long.BYTES) {
            return;
        }
        headBytes = all;
        lengthBytes = length;
        timeAt = Byte.SIZE * (length + 1);
        offsetAt = timeAt + Byte.SIZE * time;
        lengthBits = (1 << 7 * length) - 1;
        timeBits = (1 << 7 * time) - 1;
        offsetBits = (1 << 7 * offset) - 1;
        // Without that of the attributes, which have no such bit.
        moreBits = (all == Long.BYTES ? MORE : MORE & (1L << Byte.SIZE * all) - 1) & ~(0x80L << Byte.SIZE * length);
        more = word & moreBits;
    }

    /** How many bytes the number has that the word begins with; nine if it does not end in it. */
    private static int size(long word) {
        return (Long.numberOfTrailingZeros(~word & MORE) >>> 3) + 1;
    }
}
