package io.tidemark.number;

/**
 * Reads a number exactly, without garbage, from its text in the grammar of JSON (RFC 8259, section 6): a JSON number, or the
 * text between the quotes of a string. The value is a whole number of units: 12.5 with two decimals is 1,250 units. It never
 * rounds. Texts with escapes have to be unescaped before.
 *
 * <p>One instance is filled for each number. Not safe for use by several threads.
 */
public final class NumberReader {
    /** The most decimals, and the most digits of a decimal. */
    public static final int MOST_DIGITS = 18;

    /** What was found. */
    public enum Outcome {
        /** The number was read; {@link #value} has it. */
        EXACT,
        /** The number has more decimals than can be kept, other than zeros. */
        NOT_EXACT,
        /** The number without the decimals that are too many is beyond the range. */
        OUT_OF_RANGE,
        /** The text is not a number in JSON's grammar. */
        NOT_A_NUMBER
    }

    /** So many characters have at most 18 digits, which fit into a long. */
    private static final int SHORT = 18;
    /** Beyond it the exponent decides alone: a record has fewer digits. */
    private static final long MOST_EXPONENT = 1_000_000_000_000L;

    private final int scale;
    private final long least;
    private final long most;
    private long value;

    private NumberReader(int scale, long least, long most) {
        this.scale = scale;
        this.least = least;
        this.most = most;
    }

    /**
     * A reader of decimals: at most {@code scale} decimals, and less than 10^18 units.
     *
     * @param scale 0 to 18
     */
    public static NumberReader decimal(int scale) {
        if (scale < 0 || scale > MOST_DIGITS) {
            throw new IllegalArgumentException("a decimal has 0 to 18 decimals, not " + scale);
        }
        long most = PowersOfTen.of(MOST_DIGITS) - 1;
        return new NumberReader(scale, -most, most);
    }

    /** A reader of whole numbers from -2^63 to 2^63 - 1. They may be written as decimals: 1.0 and 1e3 are whole. */
    public static NumberReader integer() {
        return new NumberReader(0, Long.MIN_VALUE, Long.MAX_VALUE);
    }

    /** How many decimals are kept. */
    public int scale() {
        return scale;
    }

    /** What it can hold, in words: {@code 18 digits, of which 2 are decimals}. */
    public String range() {
        return least == Long.MIN_VALUE
                ? "the 64 bits of an integer"
                : MOST_DIGITS + " digits, of which " + scale + " are decimals";
    }

    /** The units of the number that was read last, if the outcome was {@link Outcome#EXACT}. */
    public long value() {
        return value;
    }

    /**
     * Reads a number whose digits are known already.
     *
     * @param digits the number without its point
     * @param decimals how many of the digits are decimals
     * @return whether {@link #value} has it; otherwise {@link #read} has to judge its text
     */
    public boolean readDigits(long digits, int decimals) {
        int missing = scale - decimals;
        if (missing < 0) {
            return false;
        }
        long limit = PowersOfTen.of(MOST_DIGITS - missing);
        if (digits <= -limit || digits >= limit) {
            return false;
        }
        value = digits * PowersOfTen.of(missing);
        return true;
    }

    /** Reads the number whose text is in {@code buf} from {@code start} to {@code end}, exclusively. */
    public Outcome read(byte[] buf, int start, int end) {
        if (end - start > SHORT || start >= end) {
            return readGeneral(buf, start, end);
        }
        int i = buf[start] == '-' ? start + 1 : start;
        int first = i;
        long digits = 0;
        int digit;
        while (i < end && (digit = buf[i] - '0') >= 0 && digit <= 9) {
            digits = digits * 10 + digit;
            i++;
        }
        boolean plain = i > first && (buf[first] != '0' || i == first + 1);
        int missing = scale;
        if (i < end && buf[i] == '.') {
            int point = ++i;
            while (i < end && (digit = buf[i] - '0') >= 0 && digit <= 9) {
                digits = digits * 10 + digit;
                i++;
            }
            plain &= i > point;
            missing -= i - point;
        }
        if (!plain || i < end || missing < 0 || digits >= PowersOfTen.of(MOST_DIGITS - missing)) {
            return readGeneral(buf, start, end);
        }
        long units = digits * PowersOfTen.of(missing);
        value = first > start ? -units : units;
        return Outcome.EXACT;
    }

    private Outcome readGeneral(byte[] buf, int start, int end) {
        boolean negative = start < end && buf[start] == '-';
        int first = negative ? start + 1 : start;
        int i = skipDigits(buf, first, end);
        if (i == first || (buf[first] == '0' && i > first + 1)) {
            return Outcome.NOT_A_NUMBER;
        }
        // The power of ten of the digit, in units.
        long weight = scale + (i - first) - 1L;
        if (i < end && buf[i] == '.') {
            int point = i + 1;
            i = skipDigits(buf, point, end);
            if (i == point) {
                return Outcome.NOT_A_NUMBER;
            }
        }
        int endOfDigits = i;
        if (i < end && (buf[i] | 0x20) == 'e') {
            boolean small = i + 1 < end && buf[i + 1] == '-';
            int from = small || (i + 1 < end && buf[i + 1] == '+') ? i + 2 : i + 1;
            i = skipDigits(buf, from, end);
            if (i == from) {
                return Outcome.NOT_A_NUMBER;
            }
            weight += small ? -exponent(buf, from, i) : exponent(buf, from, i);
        }
        return i < end ? Outcome.NOT_A_NUMBER : readDigits(buf, first, endOfDigits, weight, negative);
    }

    /** Reads checked digits; the first of them means {@code 10^weight} units. */
    private Outcome readDigits(byte[] buf, int first, int end, long firstWeight, boolean negative) {
        // Counts down from zero, because there is one more negative long than positive ones.
        long limit = negative ? least : -most;
        long units = 0;
        boolean cut = false;
        long weight = firstWeight;
        for (int i = first; i < end; i++) {
            if (buf[i] == '.') {
                continue;
            }
            int digit = buf[i] - '0';
            if (weight < 0) {
                cut |= digit != 0;
            } else if (units < limit / 10 || units * 10 < limit + digit) {
                return Outcome.OUT_OF_RANGE;
            } else {
                units = units * 10 - digit;
            }
            weight--;
        }
        for (; weight >= 0 && units != 0; weight--) {
            if (units < limit / 10) {
                return Outcome.OUT_OF_RANGE;
            }
            units *= 10;
        }
        if (cut) {
            return Outcome.NOT_EXACT;
        }
        value = negative ? units : -units;
        return Outcome.EXACT;
    }

    private static int skipDigits(byte[] buf, int start, int end) {
        int i = start;
        while (i < end && buf[i] >= '0' && buf[i] <= '9') {
            i++;
        }
        return i;
    }

    private static long exponent(byte[] buf, int start, int end) {
        long exponent = 0;
        for (int i = start; i < end; i++) {
            exponent = Math.min(exponent * 10 + (buf[i] - '0'), MOST_EXPONENT);
        }
        return exponent;
    }
}
