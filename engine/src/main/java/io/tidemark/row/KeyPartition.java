package io.tidemark.row;

/** The partition of a row's key, as Kafka's default partitioner chooses it, so that consumers find a key where they expect it. */
public final class KeyPartition {
    private static final int SEED = 0x9747b28c;
    private static final int FACTOR = 0x5bd1e995;

    private KeyPartition() {}

    /**
     * Returns the partition of a key: its 32-bit murmur2 hash without the sign bit, modulo the number of partitions.
     *
     * @param partitions number of partitions of the output topic, at least 1
     */
    public static int of(byte[] key, int partitions) {
        return (murmur2(key) & Integer.MAX_VALUE) % partitions;
    }

    /** MurmurHash2 of Austin Appleby, with Kafka's seed. */
    private static int murmur2(byte[] data) {
        int hash = SEED ^ data.length;
        int whole = data.length & ~3;
        for (int i = 0; i < whole; i += 4) {
            int word = byteAt(data, i) | (byteAt(data, i + 1) << 8) | (byteAt(data, i + 2) << 16) | (data[i + 3] << 24);
            word *= FACTOR;
            word ^= word >>> 24;
            hash = (hash * FACTOR) ^ (word * FACTOR);
        }
        if (whole < data.length) {
            for (int i = data.length - 1; i >= whole; i--) {
                hash ^= byteAt(data, i) << (8 * (i - whole));
            }
            hash *= FACTOR;
        }
        hash ^= hash >>> 13;
        hash *= FACTOR;
        return hash ^ (hash >>> 15);
    }

    private static int byteAt(byte[] data, int index) {
        return data[index] & 0xFF;
    }
}
