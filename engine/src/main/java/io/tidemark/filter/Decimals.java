package io.tidemark.filter;

/**
 * Compares numbers as JSON writes them, exactly and in linear time. {@link java.math.BigDecimal} takes quadratic time to
 * read a number of many digits, and a record can have a million of them.
 */
final class Decimals {
    /** Exponents are cut here: a record is too short for digits that could make up for a greater one. */
    private static final long MAX_EXPONENT = 1_000_000_000_000L;

    private Decimals() {}

    static int compare(String a, String b) {
        int firstA = firstDigit(a);
        int firstB = firstDigit(b);
        int sign = sign(a, firstA);
        if (sign != sign(b, firstB)) {
            return Integer.compare(sign, sign(b, firstB));
        }
        if (sign == 0) {
            return 0;
        }
        int order = Long.compare(exponent(a, firstA), exponent(b, firstB));
        return sign * (order != 0 ? order : compareDigits(a, firstA, b, firstB));
    }

    /** Where the first digit is that is not 0, or -1. */
    private static int firstDigit(String number) {
        int end = mantissaEnd(number);
        for (int i = 0; i < end; i++) {
            if (number.charAt(i) >= '1' && number.charAt(i) <= '9') {
                return i;
            }
        }
        return -1;
    }

    private static int sign(String number, int first) {
        return first < 0 ? 0 : number.charAt(0) == '-' ? -1 : 1;
    }

    /** The power of ten of the first digit. */
    private static long exponent(String number, int first) {
        int end = mantissaEnd(number);
        int point = number.lastIndexOf('.', end - 1);
        int units = point < 0 ? end : point;
        return (first < units ? units - first - 1 : units - first) + written(number, end);
    }

    private static long written(String number, int end) {
        if (end == number.length()) {
            return 0;
        }
        int at = end + 1;
        boolean negative = number.charAt(at) == '-';
        if (negative || number.charAt(at) == '+') {
            at++;
        }
        long exponent = 0;
        for (; at < number.length(); at++) {
            exponent = Math.min(10 * exponent + number.charAt(at) - '0', MAX_EXPONENT);
        }
        return negative ? -exponent : exponent;
    }

    private static int compareDigits(String a, int firstA, String b, int firstB) {
        int endA = mantissaEnd(a);
        int endB = mantissaEnd(b);
        int i = firstA;
        int j = firstB;
        while (i < endA || j < endB) {
            if (i < endA && a.charAt(i) == '.') {
                i++;
            } else if (j < endB && b.charAt(j) == '.') {
                j++;
            } else {
                char digitA = i < endA ? a.charAt(i++) : '0';
                char digitB = j < endB ? b.charAt(j++) : '0';
                if (digitA != digitB) {
                    return digitA < digitB ? -1 : 1;
                }
            }
        }
        return 0;
    }

    /** Where the exponent begins, or the end. */
    private static int mantissaEnd(String number) {
        int end = number.indexOf('e');
        if (end < 0) {
            end = number.indexOf('E');
        }
        return end < 0 ? number.length() : end;
    }
}
