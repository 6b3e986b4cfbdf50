package io.tidemark.part;

/**
 * The maximum-likelihood estimate of UltraLogLog; section 3 of the paper named in {@link ApproximateDistinct}.
 *
 * <p>In a register each update has the value k with probability {@code 2^-k} (the last two values share theirs). With x
 * updates for each register, seen values contribute {@code 1 - exp(-x * 2^-k)} to the likelihood, and values that were not
 * seen {@code exp(-x * 2^-k)}. So x is the root of {@code sum(seen[k] * 2^-k / (exp(x * 2^-k) - 1)) = unseen}.
 *
 * <p>Computed with {@link StrictMath}, so that all machines print the same number.
 */
final class UltraEstimate {
    /** The first-order bias of the maximum-likelihood estimate. */
    private static final double BIAS = 0.48147376527720065;

    private static final double PRECISE = 1e-12;
    private static final int MOST_STEPS = 100;

    private final int last;
    /** How many registers have seen a value of probability {@code 2^-k}. */
    private final int[] seen;
    /** The probabilities of the values that were not seen, of all registers together, times {@code 2^last}. Unsigned. */
    private long unseen;

    private UltraEstimate(int precision) {
        last = Long.SIZE - precision;
        seen = new int[last + 1];
    }

    /** How many different hashes have made these registers. */
    static long of(byte[] registers, int precision) {
        UltraEstimate estimate = new UltraEstimate(precision);
        boolean any = false;
        for (byte each : registers) {
            any |= each != 0;
            estimate.count(each & 0xFF, precision);
        }
        if (!any) {
            return 0;
        }
        double updates = estimate.solve() * registers.length;
        return Math.round(updates / (1 + BIAS / registers.length));
    }

    private void count(int register, int precision) {
        if (register == 0) {
            unseen += 1L << last;
            return;
        }
        int value = (register >>> 2) - precision + 2;
        unseen += value > last ? 0 : 1L << (last - value);
        see(value, true);
        see(value - 1, (register & 2) != 0);
        see(value - 2, (register & 1) != 0);
    }

    private void see(int value, boolean isSeen) {
        int k = Math.min(value, last);
        if (k > 0 && isSeen) {
            seen[k]++;
        } else if (k > 0) {
            unseen += 1L << (last - k);
        }
    }

    /** Newton's method from the left: the function falls and is convex, so each step stays on the left of the root. */
    private double solve() {
        double rest = ((unseen >>> 1) + (unseen & 1)) * StrictMath.scalb(1.0, 1 - last);
        double all = 0;
        double weighted = 0;
        int rarest = 0;
        for (int k = 1; k <= last; k++) {
            all += seen[k];
            weighted += StrictMath.scalb((double) seen[k], -k);
            rarest = seen[k] > 0 ? k : rarest;
        }
        // Since 1 / (exp(y) - 1) is at least 1 / y - 1 / 2.
        double x = all / (rest + weighted / 2);
        for (int step = 0; step < MOST_STEPS; step++) {
            double next = x + step(x, rest, rarest);
            if (!(next - x > x * PRECISE)) {
                return next;
            }
            x = next;
        }
        return x;
    }

    private double step(double x, double rest, int rarest) {
        double value = -rest;
        double slope = 0;
        // exp(y) - 1 for the smallest y; then from y to 2y by (e + 1)^2 - 1.
        double e = StrictMath.expm1(StrictMath.scalb(x, -rarest));
        for (int k = rarest; k > 0; k--) {
            double part = StrictMath.scalb(seen[k] / e, -k);
            value += part;
            slope += StrictMath.scalb(part * (1 + 1 / e), -k);
            e *= e + 2;
        }
        return slope > 0 ? value / slope : 0;
    }
}
