package io.tidemark.aggregate;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.SecureRandom;

/**
 * The hash of a window and a group: SipHash-1-3 (Aumasson and Bernstein, 2012) of the window's eight bytes, little-endian,
 * and those of the group. Whoever writes the input chooses the groups, and could make all of them collide if the key were
 * known. So each process has its own. No result depends on the hash.
 */
final class GroupHash {
    /** The hash of this process. */
    static final GroupHash OF_PROCESS;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int LAST_ROUNDS = 3;

    static {
        SecureRandom random = new SecureRandom();
        OF_PROCESS = new GroupHash(random.nextLong(), random.nextLong());
    }

    private final long key0;
    private final long key1;

    /** The hash with a key. */
    GroupHash(long key0, long key1) {
        this.key0 = key0;
        this.key1 = key1;
    }

    long of(long window, byte[] group, int off, int len) {
        long v0 = key0 ^ 0x736f6d6570736575L;
        long v1 = key1 ^ 0x646f72616e646f6dL;
        long v2 = key0 ^ 0x6c7967656e657261L;
        long v3 = key1 ^ 0x7465646279746573L;
        // The window, the whole words of the group, and the last word.
        int words = len / Long.BYTES + 2;
        for (int i = 0; i < words + LAST_ROUNDS; i++) {
            long word = 0;
            if (i == 0) {
                word = window;
            } else if (i < words - 1) {
                word = (long) LONGS.get(group, off + (i - 1) * Long.BYTES);
            } else if (i == words - 1) {
                word = last(group, off, len);
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

    /** The bytes after the last whole word, and the length of window and group in the highest byte. */
    private static long last(byte[] group, int off, int len) {
        long word = (long) (Long.BYTES + len) << 56;
        int rest = len % Long.BYTES;
        for (int i = 0; i < rest; i++) {
            word |= (group[off + len - rest + i] & 0xFFL) << (i * Byte.SIZE);
        }
        return word;
    }
}
