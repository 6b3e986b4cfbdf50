package io.tidemark.kafka;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Takes records, one after the other. Key and value are only valid during the call: they may lie in a buffer that the
 * next record reuses.
 */
@FunctionalInterface
public interface RecordHandler {
    /**
     * Takes a record.
     *
     * @param timestamp in milliseconds since the epoch, or -1 where the record has none
     */
    void record(int partition, long offset, long timestamp, @Nullable ByteBuffer key, @Nullable ByteBuffer value);
}
