package io.tidemark.part;

/**
 * A register of UltraLogLog in one byte: the highest bit of a set of bits from {@code precision - 1} to 63, and whether the
 * set has the two bits below it. 0 is the empty set. See section 2 of the paper named in {@link ApproximateDistinct}.
 */
final class UltraRegister {
    private UltraRegister() {}

    /** The register with one more bit. */
    static byte add(byte register, int bit) {
        // Without asking whether the bit is known or too low: the processor could not foresee the answer.
        return pack(unpack(register) | 1L << bit);
    }

    static byte merge(byte a, byte b) {
        return a == b ? a : pack(unpack(a) | unpack(b));
    }

    private static long unpack(byte register) {
        // For 0 the distance is -2, which Java takes for 62, and the bit is shifted out.
        return (4L | (register & 3)) << ((register & 0xFF) >>> 2) - 2;
    }

    private static byte pack(long bits) {
        int zeros = Long.numberOfLeadingZeros(bits) + 1;
        return (byte) (-zeros << 2 | (int) (bits << zeros >>> 62));
    }

    /** Whether a register can come from bits of this precision. */
    static boolean isPossible(byte register, int precision) {
        int beyond = (register & 0xFF) - 4 * (precision - 1);
        // The lowest bit has none below it, and the next one only one.
        return register == 0 || beyond == 0 || beyond == 4 || beyond == 6 || beyond >= 8;
    }
}
