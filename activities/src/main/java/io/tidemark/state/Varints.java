package io.tidemark.state;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/** Zig-zag varints, as Protocol Buffers has them: small numbers of either sign take one byte. */
final class Varints {
    private Varints() {}

    static void write(DataOutputStream out, long value) throws IOException {
        long rest = (value << 1) ^ (value >> 63);
        while ((rest & ~0x7FL) != 0) {
            out.writeByte((int) (rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        out.writeByte((int) rest);
    }

    static long read(DataInputStream in) throws IOException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte next = in.readByte();
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw new IOException("a varint of more than ten bytes");
    }
}
