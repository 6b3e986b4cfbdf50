package io.tidemark.json;

import io.tidemark.number.PowersOfTen;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The values of JSON numbers. All methods except {@link #isNumber} expect a well-formed number; {@link JsonCursor} checks
 * that.
 */
final class JsonNumbers {
    /** How much more room than its source the canonical form of a number may take, also while it is written. */
    static final int CANONICAL_SLACK = 32;

    /** What {@link #scaled} returns if there is no answer. */
    static final long NO_LONG = Long.MIN_VALUE;

    // Both factors are exact doubles up to here, so one multiplication or division rounds once: Clinger 1990.
    private static final long MAX_EXACT_LONG = 1L << 53;
    static final double[] EXACT_POWERS = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22
    };
    private static final int MAX_LONG_DIGITS = 18;
    private static final long MAX_SCALED = 1_000_000_000_000_000_000L / 10;
    // An integer with more zeros at its end is written with an exponent.
    private static final int MAX_PLAIN_ZEROS = 20;
    private static final int MAX_LEADING_ZEROS = 5;
    private static final long MAX_EXPONENT = 999_999_999;

    private JsonNumbers() {}

    /** Whether bytes are one JSON number and nothing else, by RFC 8259. */
    static boolean isNumber(byte[] buf, int start, int end) {
        int i = start < end && buf[start] == '-' ? start + 1 : start;
        int digits = endOfRow(buf, i, end);
        if (digits == i || (buf[i] == '0' && digits > i + 1)) {
            return false;
        }
        i = digits;
        if (i < end && buf[i] == '.') {
            digits = endOfRow(buf, ++i, end);
            if (digits == i) {
                return false;
            }
            i = digits;
        }
        if (i < end && (buf[i] | 0x20) == 'e') {
            i++;
            if (i < end && (buf[i] == '+' || buf[i] == '-')) {
                i++;
            }
            digits = endOfRow(buf, i, end);
            return digits > i && digits == end;
        }
        return i == end;
    }

    /** Where a row of digits ends. */
    private static int endOfRow(byte[] buf, int start, int end) {
        int i = start;
        while (i < end && buf[i] >= '0' && buf[i] <= '9') {
            i++;
        }
        return i;
    }

    /** The same value as {@link Double#parseDouble}. Allocates only if the number has more than about 15 digits. */
    static double parse(byte[] buf, int start, int end) {
        int i = start;
        boolean negative = buf[i] == '-';
        if (negative) {
            i++;
        }
        long digits = 0;
        int count = 0;
        int exponent = 0;
        byte b = 0;
        for (; i < end && (b = buf[i]) >= '0'; i++) { // '.' and '-' are below '0', 'e' and 'E' above '9'
            if (b > '9') {
                break;
            }
            digits = digits * 10 + (b - '0');
            count += digits == 0 ? 0 : 1;
            if (count > MAX_LONG_DIGITS) {
                return general(buf, start, end);
            }
        }
        if (i < end && b == '.') {
            int point = ++i;
            for (; i < end && (b = buf[i]) >= '0' && b <= '9'; i++) {
                digits = digits * 10 + (b - '0');
                count += digits == 0 ? 0 : 1;
                if (count > MAX_LONG_DIGITS) {
                    return general(buf, start, end);
                }
            }
            exponent = point - i;
        }
        if (i < end) {
            exponent += (int) exponent(buf, i + 1, end);
        }
        if (digits > MAX_EXACT_LONG || exponent < -22 || exponent > 22) {
            return digits == 0 ? (negative ? -0.0 : 0.0) : general(buf, start, end);
        }
        double value = exponent < 0 ? digits / EXACT_POWERS[-exponent] : digits * EXACT_POWERS[exponent];
        return negative ? -value : value;
    }

    private static double general(byte[] buf, int start, int end) {
        return Double.parseDouble(new String(buf, start, end - start, StandardCharsets.ISO_8859_1));
    }

    /** The exponent after its 'e', at most a billion either way. */
    private static long exponent(byte[] buf, int start, int end) {
        int i = start;
        boolean negative = buf[i] == '-';
        if (negative || buf[i] == '+') {
            i++;
        }
        long value = 0;
        for (; i < end; i++) {
            value = Math.min(value * 10 + (buf[i] - '0'), MAX_EXPONENT + 1);
        }
        return negative ? -value : value;
    }

    private static int endOfDigits(byte[] buf, int start, int end) {
        int i = start;
        while (i < end && (buf[i] | 0x20) != 'e') {
            i++;
        }
        return i;
    }

    /**
     * The number times a power of ten, cut to the next lower integer.
     *
     * @param decimals how many digits after the integer may be cut; there is no answer for a number with another digit than
     *     0 beyond them
     * @return the integer, or {@link #NO_LONG} if it has more than 17 digits
     */
    static long scaled(byte[] buf, int start, int end, int power, int decimals) {
        int endOfDigits = endOfDigits(buf, start, end);
        boolean negative = buf[start] == '-';
        int first = negative ? start + 1 : start;
        long weight = power + (long) integerDigits(buf, first, endOfDigits) - 1;
        if (endOfDigits < end) {
            weight += exponent(buf, endOfDigits + 1, end);
        }
        long value = 0;
        boolean cut = false;
        for (int i = first; i < endOfDigits; i++) {
            if (buf[i] == '.') {
                continue;
            }
            if (weight < 0) {
                if (buf[i] != '0') {
                    cut = true;
                    if (weight < -(long) decimals) {
                        return NO_LONG;
                    }
                }
            } else {
                value = value * 10 + (buf[i] - '0');
                if (value >= MAX_SCALED) {
                    return NO_LONG;
                }
            }
            weight--;
        }
        for (; weight >= 0 && value != 0; weight--) {
            value *= 10;
            if (value >= MAX_SCALED) {
                return NO_LONG;
            }
        }
        return negative ? -value - (cut ? 1 : 0) : value;
    }

    private static int integerDigits(byte[] buf, int start, int end) {
        int i = start;
        while (i < end && buf[i] != '.') {
            i++;
        }
        return i - start;
    }

    /**
     * Writes the number in the one form that all numbers of the same value have: all digits, no superfluous zeros, an
     * exponent only where it saves a long row of zeros, 0 for -0.
     *
     * @return how many bytes were written, at most {@link #CANONICAL_SLACK} more than there were, or -1 if the exponent
     *     has more than 9 digits, as it is written or without the decimals
     */
    static int canonical(byte[] buf, int start, int end, byte[] into, int at) {
        return copyIfCanonical(buf, start, end, into, at) ? end - start : canonicalOfAny(buf, start, end, into, at);
    }

    /**
     * The same for a number of which the digits are known, so it has no exponent, at most 18 decimals, and is not -0.
     *
     * @param digits the number without its point
     * @param decimals how many of the digits are decimals
     */
    static int canonical(long digits, int decimals, byte[] buf, int start, int end, byte[] into, int at) {
        int length = canonicalLength(digits, decimals, buf, start, end);
        if (length < 0) {
            return canonicalOfAny(buf, start, end, into, at);
        }
        // What is copied beyond its end is overwritten, or is not looked at.
        for (int i = 0; i < length; i += Long.BYTES) {
            Words.set(into, at + i, Words.orZeros(buf, start + i));
        }
        return length;
    }

    /** How many of the first bytes of such a number are its form; negative if it is 0, or so small that it needs an exponent. */
    static int canonicalLength(long digits, int decimals, byte[] buf, int start, int end) {
        int to = end;
        if (decimals > 0) {
            if (Math.abs(digits) < PowersOfTen.of(Math.max(0, decimals - MAX_LEADING_ZEROS))) {
                return -1;
            }
            while (buf[to - 1] == '0') {
                to--;
            }
            to -= buf[to - 1] == '.' ? 1 : 0;
        }
        return to - start;
    }

    /**
     * Copies a number that has this form already, as most have: neither an exponent nor zeros at its ends. For any other number
     * some bytes may have been written.
     */
    private static boolean copyIfCanonical(byte[] buf, int start, int end, byte[] into, int at) {
        int first = buf[start] == '-' ? start + 1 : start;
        if (end - first > MAX_PLAIN_ZEROS || first == end || buf[first] == '0') {
            return false;
        }
        boolean fraction = false;
        for (int i = first; i < end; i++) {
            byte b = buf[i];
            if (b == '.') {
                fraction = true;
            } else if (b > '9') {
                return false;
            }
            into[at + i - start] = b;
        }
        into[at] = buf[start];
        return !fraction || buf[end - 1] != '0';
    }

    private static int canonicalOfAny(byte[] buf, int start, int end, byte[] into, int at) {
        int endOfDigits = endOfDigits(buf, start, end);
        boolean negative = buf[start] == '-';
        int first = negative ? start + 1 : start;
        long written = endOfDigits < end ? exponent(buf, endOfDigits + 1, end) : 0;
        long exponent = written;
        int digits = negative ? at + 1 : at;
        int out = digits;
        boolean fraction = false;
        for (int i = first; i < endOfDigits; i++) {
            byte b = buf[i];
            if (b == '.') {
                fraction = true;
                continue;
            }
            if (fraction) {
                exponent--;
            }
            if (out > digits || b != '0') {
                into[out++] = b;
            }
        }
        while (out > digits && into[out - 1] == '0') {
            out--;
            exponent++;
        }
        if (out == digits) {
            into[at] = '0';
            return 1;
        }
        // A written exponent of more digits was capped, so what is left of it after the decimals means nothing.
        if (Math.abs(written) > MAX_EXPONENT || Math.abs(exponent) > MAX_EXPONENT) {
            return -1;
        }
        if (negative) {
            into[at] = '-';
        }
        return layOut(into, digits, out - digits, (int) exponent) - at;
    }

    /**
     * Adds zeros, a point or an exponent to {@code count} digits that mean {@code digits * 10^exponent}; returns the
     * new end.
     */
    private static int layOut(byte[] into, int at, int count, int exponent) {
        int end = at + count;
        if (exponent >= 0 && exponent <= MAX_PLAIN_ZEROS) {
            Arrays.fill(into, end, end + exponent, (byte) '0');
            return end + exponent;
        }
        int beforePoint = count + exponent;
        if (exponent < 0 && beforePoint > 0) {
            System.arraycopy(into, at + beforePoint, into, at + beforePoint + 1, -exponent);
            into[at + beforePoint] = '.';
            return end + 1;
        }
        if (exponent < 0 && beforePoint > -MAX_LEADING_ZEROS) {
            int zeros = 2 - beforePoint;
            System.arraycopy(into, at, into, at + zeros, count);
            Arrays.fill(into, at, at + zeros, (byte) '0');
            into[at + 1] = '.';
            return end + zeros;
        }
        if (count > 1) {
            System.arraycopy(into, at + 1, into, at + 2, count - 1);
            into[at + 1] = '.';
            end++;
        }
        into[end++] = 'e';
        byte[] power = Integer.toString(beforePoint - 1).getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(power, 0, into, end, power.length);
        return end + power.length;
    }
}
