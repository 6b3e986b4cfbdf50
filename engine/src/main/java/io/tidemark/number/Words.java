package io.tidemark.number;

import java.math.BigInteger;
import java.nio.ByteBuffer;

/** Two's complement numbers in several longs, high first. */
final class Words {
    private Words() {}

    /** Adds a number of as many words; what does not fit is lost. */
    static void add(long[] into, int at, long[] other, int from, int words) {
        long carry = 0;
        for (int i = words - 1; i >= 0; i--) {
            long sum = into[at + i] + other[from + i];
            long next = Long.compareUnsigned(sum, other[from + i]) < 0 ? 1 : 0;
            sum += carry;
            next += carry > 0 && sum == 0 ? 1 : 0;
            into[at + i] = sum;
            carry = next;
        }
    }

    static BigInteger value(long[] words, int at, int count) {
        ByteBuffer bytes = ByteBuffer.allocate(count * Long.BYTES);
        for (int i = 0; i < count; i++) {
            bytes.putLong(words[at + i]);
        }
        return new BigInteger(bytes.array());
    }

    /** @throws IllegalArgumentException if the value has more bits */
    static void set(BigInteger value, long[] words, int at, int count) {
        if (value.bitLength() >= count * Long.SIZE) {
            throw new IllegalArgumentException("a sum has more than " + count * Long.SIZE + " bits");
        }
        for (int i = 0; i < count; i++) {
            words[at + i] = value.shiftRight((count - 1 - i) * Long.SIZE).longValue();
        }
    }
}
