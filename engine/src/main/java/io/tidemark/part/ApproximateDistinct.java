package io.tidemark.part;

import io.tidemark.number.Varint;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Counts different values approximately: UltraLogLog (Ertl, "UltraLogLog: A Practical and More Space-Efficient Alternative
 * to HyperLogLog for Approximate Distinct Counting", VLDB 2024) with {@code 2^precision} registers of one byte. The standard
 * error is {@code 0.76 / sqrt(2^precision)}: 1.2 % for precision 12.
 *
 * <p>Up to {@code 2^precision / 8} values it holds the values' tokens instead, 32 bits of each hash, and the count is
 * practically exact. Which of the two it holds depends on the set of values only, so equal sets have equal bytes.
 *
 * <p>Written: 0, the number of tokens and the gaps between them; or 1 and the registers.
 */
public final class ApproximateDistinct implements Part {
    /** The least precision: 256 bytes, error 4.8 %. */
    public static final int LEAST_PRECISION = 8;
    /** The greatest precision: 65,536 bytes, error 0.3 %. */
    public static final int MOST_PRECISION = 16;

    // The key is part of the meaning of stored bytes, so it is fixed.
    private static final SipHash HASH = new SipHash(0, 0);
    // A token: the upper 26 bits of the hash, and in 6 bits how many zeros follow them, which are 0 to 38.
    private static final int TOKEN_BITS = 26;
    private static final int ZEROS_BITS = 6;
    private static final int MOST_ZEROS = Long.SIZE - TOKEN_BITS;
    private static final int FIRST_TOKENS = 4;

    private static final byte TOKENS = 0;
    private static final byte REGISTERS = 1;
    private static final int[] NO_TOKENS = {};
    private static final byte[] NO_REGISTERS = {};

    private final int precision;
    /** Sorted as unsigned numbers; empty once there are registers. */
    private int[] tokens = NO_TOKENS;

    private int size;
    private int encodedTokens;
    /** Empty while there are tokens. */
    private byte[] registers = NO_REGISTERS;

    private ApproximateDistinct(int precision) {
        this.precision = precision;
    }

    /** The kind with {@code 2^precision} registers. */
    public static PartKind<ApproximateDistinct> kind(int precision) {
        if (precision < LEAST_PRECISION || precision > MOST_PRECISION) {
            throw new IllegalArgumentException("the precision is " + LEAST_PRECISION + " to " + MOST_PRECISION);
        }
        return new Kind(precision);
    }

    /** Adds a value: the typed bytes that a group has. */
    public void add(byte[] buf, int off, int len) {
        addHash(hash(buf, off, len));
    }

    /** The hash of a value. */
    public static long hash(byte[] buf, int off, int len) {
        return HASH.of(0, buf, off, len);
    }

    /** The hash of a value of {@code len} bytes, fewer than eight, which are a word with zeros behind them. */
    public static long hash(long bytes, int len) {
        return HASH.of(0, bytes, len);
    }

    /** The hash of a value of {@code len} bytes, 8 to 15, which are two words with zeros behind them. */
    public static long hash(long bytes, long more, int len) {
        return HASH.of(0, bytes, more, len);
    }

    /** Adds a value by its {@link #hash}. */
    public void addHash(long hash) {
        if (registers.length > 0) {
            addToRegisters(hash);
        } else {
            addToken(token(hash));
        }
    }

    private void addToRegisters(long hash) {
        int i = (int) (hash >>> (Long.SIZE - precision));
        // Zeros after the bits of the register's number; the ones that are shifted in bound them.
        int zeros = Long.numberOfLeadingZeros(~(~hash << precision));
        registers[i] = UltraRegister.add(registers[i], precision - 1 + zeros);
    }

    static int token(long hash) {
        int zeros = Long.numberOfLeadingZeros(~(~hash << TOKEN_BITS));
        return (int) (hash >>> MOST_ZEROS) << ZEROS_BITS | zeros;
    }

    /** A hash with this token. All hashes of a token change the registers alike. */
    private static long hash(int token) {
        long rest = (1L << MOST_ZEROS) - 1;
        return (long) (token >>> ZEROS_BITS) << MOST_ZEROS | rest >>> (token & ((1 << ZEROS_BITS) - 1));
    }

    private void addToken(int token) {
        int at = position(token);
        if (at < size && tokens[at] == token) {
            return;
        }
        if (size == mostTokens(precision)) {
            toRegisters();
            addToRegisters(hash(token));
            return;
        }
        if (size == tokens.length) {
            tokens = Arrays.copyOf(tokens, Math.max(FIRST_TOKENS, 2 * size));
        }
        System.arraycopy(tokens, at, tokens, at + 1, size - at);
        tokens[at] = token;
        size++;
        encodedTokens += gapSize(at) + (at + 1 < size ? gapSize(at + 1) - gapSize(at + 1, at - 1) : 0);
    }

    private void toRegisters() {
        registers = new byte[1 << precision];
        for (int i = 0; i < size; i++) {
            addToRegisters(hash(tokens[i]));
        }
        tokens = NO_TOKENS;
        size = 0;
        encodedTokens = 0;
    }

    private static int mostTokens(int precision) {
        return 1 << (precision - 3);
    }

    /** Where the token is, or where it belongs. */
    private int position(int token) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Integer.compareUnsigned(tokens[middle], token) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private int gapSize(int i) {
        return gapSize(i, i - 1);
    }

    private int gapSize(int i, int before) {
        return Varint.size(gap(i, before));
    }

    /** The difference to the token before, or the token itself if there is none. */
    private long gap(int i, int before) {
        long token = Integer.toUnsignedLong(tokens[i]);
        return before < 0 ? token : token - Integer.toUnsignedLong(tokens[before]);
    }

    /** How many different values there are, approximately. */
    public long estimate() {
        return registers.length == 0 ? size : UltraEstimate.of(registers, precision);
    }

    /** The registers, for tests; empty while there are tokens. */
    byte[] registers() {
        return registers.clone();
    }

    @Override
    public int bytes() {
        return HeapBytes.OBJECT + HeapBytes.ofInts(tokens.length) + HeapBytes.ofBytes(registers.length);
    }

    @Override
    public void merge(Part from) {
        ApproximateDistinct other = (ApproximateDistinct) from;
        if (other.registers.length > 0) {
            if (registers.length == 0) {
                toRegisters();
            }
            for (int i = 0; i < registers.length; i++) {
                registers[i] = UltraRegister.merge(registers[i], other.registers[i]);
            }
        }
        for (int i = 0; i < other.size; i++) {
            addHash(hash(other.tokens[i]));
        }
    }

    @Override
    public int encodedBytes() {
        return 1 + (registers.length > 0 ? registers.length : Varint.size(size) + encodedTokens);
    }

    @Override
    public int write(byte[] into, int at) {
        if (registers.length > 0) {
            into[at] = REGISTERS;
            System.arraycopy(registers, 0, into, at + 1, registers.length);
            return at + 1 + registers.length;
        }
        into[at] = TOKENS;
        int end = Varint.write(size, into, at + 1);
        for (int i = 0; i < size; i++) {
            end = Varint.write(gap(i, i - 1), into, end);
        }
        return end;
    }

    private static ApproximateDistinct read(ByteBuffer from, int precision) {
        int length = from.remaining();
        ApproximateDistinct part = new ApproximateDistinct(precision);
        if (Encoding.readInt(from, REGISTERS) == REGISTERS) {
            Encoding.check(from.remaining() == 1 << precision, "it has not one byte for each register");
            part.registers = new byte[1 << precision];
            from.get(part.registers);
            for (byte each : part.registers) {
                Encoding.check(UltraRegister.isPossible(each, precision), "a register has a value that cannot be");
            }
            return Encoding.complete(part, from, length);
        }
        part.tokens = new int[Encoding.readCount(from, mostTokens(precision), 1)];
        long token = 0;
        for (int i = 0; i < part.tokens.length; i++) {
            long gap = Varint.read(from);
            token += gap;
            Encoding.check(
                    gap >= 0 && gap < 1L << Integer.SIZE && (gap > 0 || i == 0) && token < 1L << Integer.SIZE,
                    "tokens are not in their order");
            Encoding.check((token & ((1 << ZEROS_BITS) - 1)) <= MOST_ZEROS, "a token has a value that cannot be");
            part.tokens[i] = (int) token;
            part.size++;
            part.encodedTokens += Varint.size(gap);
        }
        return Encoding.complete(part, from, length);
    }

    private record Kind(int precision) implements PartKind<ApproximateDistinct> {
        @Override
        public String signature() {
            return "ull.1(" + precision + ")";
        }

        @Override
        public Strength strength() {
            return Strength.EXACT;
        }

        @Override
        public long maxBytes() {
            return HeapBytes.OBJECT + HeapBytes.ofInts(0) + HeapBytes.ofBytes(1 << precision);
        }

        @Override
        public ApproximateDistinct create() {
            return new ApproximateDistinct(precision);
        }

        @Override
        public ApproximateDistinct read(ByteBuffer from) {
            return ApproximateDistinct.read(from, precision);
        }
    }
}
