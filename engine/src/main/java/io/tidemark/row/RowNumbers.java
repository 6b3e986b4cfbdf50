package io.tidemark.row;

import com.fasterxml.jackson.core.io.NumberOutput;
import java.math.BigDecimal;
import java.math.MathContext;

/**
 * Writes doubles as JavaScript does (ECMA-262, Number::toString): the fewest digits that read back as the same double,
 * with an exponent only below 1e-6 and from 1e21 on. Unlike JavaScript it writes whole numbers with {@code .0} and keeps
 * the sign of -0, so that readers that infer types take each of these values for a double.
 */
final class RowNumbers {
    private static final double LEAST_PLAIN = 1e-6;
    private static final double LEAST_WITH_EXPONENT = 1e21;
    // In this range Java's form is JavaScript's.
    private static final double LEAST_JAVA = 1e-3;
    private static final double MOST_JAVA = 1e7;
    /** Below it neighbours differ by more than a tenth: Java's two digits can be one too many. */
    private static final double FEW_DIGITS = 1e-321;

    private RowNumbers() {}

    /** The JSON number of a finite double. */
    static String text(double value) {
        // Double.toString of Java 17 does not always give the fewest digits.
        String java = NumberOutput.toString(value, true);
        double size = Math.abs(value);
        if (size == 0 || (size >= LEAST_JAVA && size < MOST_JAVA)) {
            return java;
        }
        BigDecimal decimal = new BigDecimal(java);
        if (size < FEW_DIGITS) {
            BigDecimal shorter = decimal.round(new MathContext(1));
            decimal = shorter.doubleValue() == value ? shorter : decimal;
        }
        decimal = decimal.stripTrailingZeros();
        if (size >= LEAST_PLAIN && size < LEAST_WITH_EXPONENT) {
            return decimal.toPlainString() + (decimal.scale() <= 0 ? ".0" : "");
        }
        int exponent = decimal.precision() - decimal.scale() - 1;
        BigDecimal digits = decimal.movePointLeft(exponent).stripTrailingZeros();
        return digits.toPlainString() + (exponent < 0 ? "e" : "e+") + exponent;
    }
}
