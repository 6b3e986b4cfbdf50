package io.tidemark.filter;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * A number of a filter's text.
 *
 * @param nearest the double that is nearest to it
 * @param units the smallest whole number that is not less than it times 10^d, for each d from 0 on as far as this has at most
 *     18 digits; empty for a number with an exponent or of many digits
 * @param decimals from which d on this is exactly the number
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record NumberLiteral(String digits, double nearest, long[] units, int decimals) {
    private static final Pattern SHORT = Pattern.compile("-?\\d{1,18}(\\.\\d{1,18})?");
    private static final int MOST_DIGITS = 18;

    static NumberLiteral of(String digits) {
        double nearest = Double.parseDouble(digits);
        if (!SHORT.matcher(digits).matches()) {
            return new NumberLiteral(digits, nearest, new long[0], 0);
        }
        BigDecimal value = new BigDecimal(digits);
        long[] units = new long[MOST_DIGITS + 1];
        int scales = 0;
        while (scales < units.length) {
            BigDecimal scaled = value.movePointRight(scales).setScale(0, RoundingMode.CEILING);
            if (scaled.precision() > MOST_DIGITS) {
                break;
            }
            units[scales++] = scaled.longValueExact();
        }
        int decimals = Math.max(0, value.stripTrailingZeros().scale());
        return new NumberLiteral(digits, nearest, Arrays.copyOf(units, scales), decimals);
    }

    /** Whether {@link #compare} knows numbers with so many decimals; of a negative number of them it does not. */
    boolean isComparable(int otherDecimals) {
        return otherDecimals >= 0 && otherDecimals < units.length;
    }

    /** Compares a number, given as its digits and how many of them are decimals, with this one: exactly, without rounding. */
    int compare(long otherDigits, int otherDecimals) {
        int compared = Long.compare(otherDigits, units[otherDecimals]);
        return compared == 0 && otherDecimals < decimals ? 1 : compared;
    }
}
