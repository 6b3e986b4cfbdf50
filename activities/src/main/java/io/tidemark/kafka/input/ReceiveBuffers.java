package io.tidemark.kafka.input;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.kafka.common.memory.MemoryPool;

/**
 * Where large responses are received: arrays that are used again, because new ones of megabytes cost the collector more
 * than the network costs us. What is not given back is garbage like any other.
 *
 * <p>Not safe for use by several threads.
 */
final class ReceiveBuffers implements MemoryPool {
    /** Smaller ones are no burden, and live longer: metadata is parsed from them. */
    private static final int SMALL = 64 * 1024;
    /** Sizes are rounded up to this, so that an array also serves the next response. */
    private static final int STEP = 1024 * 1024;
    /** One is walked while the next one is filled, and a broker more or less. */
    private static final int MOST_KEPT = 4;

    private final List<byte[]> free = new ArrayList<>();

    @Override
    public ByteBuffer tryAllocate(int bytes) {
        if (bytes < SMALL) {
            return ByteBuffer.allocate(bytes);
        }
        for (int i = 0; i < free.size(); i++) {
            if (free.get(i).length >= bytes) {
                return ByteBuffer.wrap(free.remove(i), 0, bytes);
            }
        }
        long rounded = (bytes + (long) STEP - 1) / STEP * STEP;
        return ByteBuffer.wrap(new byte[(int) Math.min(rounded, Integer.MAX_VALUE - 8)], 0, bytes);
    }

    /** Takes an array back; nobody may look at it any more. */
    void release(byte[] bytes) {
        if (bytes.length >= SMALL) {
            free.add(bytes);
            if (free.size() > MOST_KEPT) {
                free.remove(free.stream()
                        .min(Comparator.comparingInt(each -> each.length))
                        .orElseThrow());
            }
        }
    }

    @Override
    public void release(ByteBuffer buffer) {
        // The client drops what it could not receive whole.
    }

    @Override
    public long size() {
        return Long.MAX_VALUE;
    }

    @Override
    public long availableMemory() {
        return Long.MAX_VALUE;
    }

    @Override
    public boolean isOutOfMemory() {
        return false;
    }
}
