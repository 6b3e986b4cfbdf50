package io.tidemark.kafka.input;

import java.nio.ByteBuffer;
import org.apache.kafka.common.errors.CorruptRecordException;

/**
 * Checks the lengths in a batch that is compressed by Snappy before it is decompressed: the decompressor allocates an
 * array of whatever length a block declares, up to 2 GiB. Other codecs have blocks of bounded size.
 *
 * <p>The form is that of snappy-java: a header of 16 bytes, and blocks with their length before them; or a single block
 * without either.
 */
final class SnappyBlocks {
    private static final long MAGIC = 0x82534E4150505900L;
    private static final int MAGIC_HEAD = (int) (MAGIC >>> 32);
    private static final int HEADER = 16;
    /** A copy of 64 bytes takes 3 bytes; nothing expands more (google/snappy, format_description.txt). */
    private static final int MAX_EXPANSION = 22;

    private SnappyBlocks() {}

    /**
     * Returns the size of the largest block after decompression, in bytes.
     *
     * @throws CorruptRecordException if a block declares a length that it cannot have
     */
    static long largest(ByteBuffer body) {
        if (body.remaining() < HEADER || body.getLong(body.position()) != MAGIC) {
            return expanded(body, body.remaining());
        }
        body.position(body.position() + HEADER);
        long largest = 0;
        while (body.remaining() >= Integer.BYTES) {
            int length = body.getInt();
            if (length == MAGIC_HEAD && body.remaining() >= HEADER - Integer.BYTES) {
                // Streams can be concatenated.
                body.position(body.position() + HEADER - Integer.BYTES);
            } else if (length < 0 || length > body.remaining()) {
                throw new CorruptRecordException(
                        "a Snappy block of " + length + " bytes where " + body.remaining() + " are left");
            } else {
                largest = Math.max(largest, expanded(body, length));
                body.position(body.position() + length);
            }
        }
        return largest;
    }

    /** Returns the size that the block of {@code length} bytes at the buffer's position has after decompression. */
    private static long expanded(ByteBuffer body, int length) {
        long declared = 0;
        for (int i = 0; i < Math.min(length, 5); i++) {
            byte b = body.get(body.position() + i);
            declared |= (long) (b & 0x7F) << (7 * i);
            if (b >= 0) {
                break;
            }
        }
        if (declared > (long) MAX_EXPANSION * length) {
            throw new CorruptRecordException(
                    "a Snappy block of " + length + " bytes declares " + declared + " bytes after decompression");
        }
        return declared;
    }
}
