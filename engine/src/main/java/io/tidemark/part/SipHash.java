package io.tidemark.part;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * SipHash-1-3 (Aumasson and Bernstein, 2012) of a number, eight bytes little-endian, and of bytes. Safe for use by several
 * threads.
 */
public final class SipHash {
    /**
     * The hash for tables in memory, with a random key that each process chooses. Whoever writes the input chooses groups
     * and texts, and could make all of them collide if the key were known. No result may depend on this hash.
     */
    public static final SipHash OF_PROCESS;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int LAST_ROUNDS = 3;

    static {
        SecureRandom random = new SecureRandom();
        OF_PROCESS = new SipHash(random.nextLong(), random.nextLong());
    }

    private final long key0;
    private final long key1;

    /** The hash with a key of two words. */
    public SipHash(long key0, long key1) {
        this.key0 = key0;
        this.key1 = key1;
    }

    /** The hash of {@code first}, followed by {@code len} bytes from {@code off}. */
    public long of(long first, byte[] bytes, int off, int len) {
        return of(first, 0, last(bytes, off, len), len / Long.BYTES + 2, bytes, off);
    }

    /** The hash of {@code first}, followed by the first {@code len} bytes of a word, fewer than eight; the others are zero. */
    public long of(long first, long bytes, int len) {
        return of(first, 0, bytes | (long) (Long.BYTES + len) << 56, 2, null, 0);
    }

    /** The hash of {@code first}, followed by {@code len} bytes, 8 to 15, which are two words with zeros behind them. */
    public long of(long first, long bytes, long more, int len) {
        return of(first, bytes, more | (long) (Long.BYTES + len) << 56, 3, null, 0);
    }

    /**
     * The hash of words.
     *
     * @param second the second one if there are three and no {@code bytes}
     * @param bytes the words between the first and the last one, from {@code off}
     */
    private long of(long first, long second, long last, int words, byte @Nullable [] bytes, int off) {
        long v0 = key0 ^ 0x736f6d6570736575L;
        long v1 = key1 ^ 0x646f72616e646f6dL;
        long v2 = key0 ^ 0x6c7967656e657261L;
        long v3 = key1 ^ 0x7465646279746573L;
        for (int i = 0; i < words + LAST_ROUNDS; i++) {
            long word = 0;
            if (i == 0) {
                word = first;
            } else if (i == words - 1) {
                word = last;
            } else if (i < words) {
                word = bytes == null ? second : (long) LONGS.get(bytes, off + (i - 1) * Long.BYTES);
            }
            v3 ^= word;
            v0 += v1;
            v1 = Long.rotateLeft(v1, 13) ^ v0;
            v0 = Long.rotateLeft(v0, 32);
            v2 += v3;
            v3 = Long.rotateLeft(v3, 16) ^ v2;
            v0 += v3;
            v3 = Long.rotateLeft(v3, 21) ^ v0;
            v2 += v1;
            v1 = Long.rotateLeft(v1, 17) ^ v2;
            v2 = Long.rotateLeft(v2, 32);
            v0 ^= word;
            if (i == words - 1) {
                v2 ^= 0xFF;
            }
        }
        return v0 ^ v1 ^ v2 ^ v3;
    }

    /** The bytes after the last whole word, and the length of number and bytes in the highest byte. */
    private static long last(byte[] bytes, int off, int len) {
        long word = (long) (Long.BYTES + len) << 56;
        int rest = len % Long.BYTES;
        if (rest > 0 && len > Long.BYTES) {
            // The bytes before them are in the lower part of the word.
            return word | (long) LONGS.get(bytes, off + len - Long.BYTES) >>> (Long.BYTES - rest) * Byte.SIZE;
        }
        for (int i = 0; i < rest; i++) {
            word |= (bytes[off + len - rest + i] & 0xFFL) << (i * Byte.SIZE);
        }
        return word;
    }
}
