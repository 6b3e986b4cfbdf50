package io.tidemark.kafka.input;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.memory.MemoryPool;
import org.apache.kafka.common.network.InvalidReceiveException;

/**
 * Buffers for large responses, kept for reuse: to collect arrays of megabytes costs more time than to receive them. A
 * buffer that is not released is simply garbage collected.
 *
 * <p>Not safe for use by several threads.
 */
final class ReceiveBuffers implements MemoryPool {
    /**
     * Smaller responses are not pooled: they are cheap, and metadata that is parsed from them refers to their buffers
     * for longer.
     */
    private static final int SMALL = 64 * 1024;
    /** Sizes are rounded up to a multiple of this, so that a buffer also fits the next response. */
    private static final int STEP = 1024 * 1024;
    /** One is processed while the next one is filled; two in reserve for additional brokers. */
    private static final int MAX_KEPT = 4;
    /**
     * No response is larger: a broker sends at most {@code fetch.max.bytes}, or one batch. A server that does not speak
     * Kafka's protocol, such as one that expects TLS, sends bytes that look like a length of hundreds of megabytes.
     */
    static final int MAX_RESPONSE = 256 * 1024 * 1024;

    private final List<byte[]> free = new ArrayList<>();

    private int refused;

    @Override
    public ByteBuffer tryAllocate(int bytes) {
        if (bytes > MAX_RESPONSE) {
            refused = bytes;
            // The client closes the connection.
            throw new InvalidReceiveException("a response of " + bytes + " bytes");
        }
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

    /** Throws the reason why the client closed a connection, if a response was too large. */
    void requireAccepted() {
        if (refused > 0) {
            throw new KafkaException(
                    "a broker announced a response of " + refused + " bytes, and at most " + MAX_RESPONSE
                            + " are accepted; check whether bootstrap.servers and the brokers' advertised listeners fit"
                            + " security.protocol");
        }
    }

    /** Returns an array to the pool. The caller must not use it afterwards. */
    void release(byte[] bytes) {
        if (bytes.length >= SMALL) {
            free.add(bytes);
            if (free.size() > MAX_KEPT) {
                free.remove(free.stream()
                        .min(Comparator.comparingInt(each -> each.length))
                        .orElseThrow());
            }
        }
    }

    /** Drops all buffers. */
    void clear() {
        free.clear();
    }

    @Override
    public void release(ByteBuffer buffer) {
        // The client calls this for responses that it could not receive completely; they are garbage collected.
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
