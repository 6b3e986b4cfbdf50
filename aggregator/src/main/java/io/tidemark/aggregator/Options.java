package io.tidemark.aggregator;

import java.math.BigDecimal;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a job says under {@code options}: texts, numbers and booleans by name. Each method returns the given value, or the default
 * if the job has none; it throws {@link IllegalArgumentException} with the name of the option if the value has another type or is
 * out of its limits.
 *
 * <p>Not safe for use by several threads.
 */
public final class Options {
    private final Map<String, Object> given;
    private final Set<String> asked = new TreeSet<>();

    /** @param given a {@code String}, {@code Boolean} or {@code Number} for each name */
    public Options(Map<String, ?> given) {
        this.given = Map.copyOf(given);
    }

    /** A whole number from {@code least} to {@code most}. */
    public int whole(String name, int least, int most, int fallback) {
        BigDecimal value =
                decimal(name, BigDecimal.valueOf(least), BigDecimal.valueOf(most), BigDecimal.valueOf(fallback));
        try {
            return value.intValueExact();
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(name + " must be a whole number from " + least + " to " + most
                    + ", but is " + value.toPlainString());
        }
    }

    /** A number from {@code least} to {@code most}. */
    public BigDecimal decimal(String name, BigDecimal least, BigDecimal most, BigDecimal fallback) {
        BigDecimal value =
                new BigDecimal(value(name, Number.class, "a number", fallback).toString());
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new IllegalArgumentException(name + " must be from " + least.toPlainString() + " to "
                    + most.toPlainString() + ", but is " + value.toPlainString());
        }
        return value;
    }

    /** A text. */
    public String text(String name, String fallback) {
        return value(name, String.class, "a text", fallback);
    }

    /** True or false. */
    public boolean flag(String name, boolean fallback) {
        return value(name, Boolean.class, "true or false", fallback);
    }

    private <V> V value(String name, Class<V> type, String expected, V fallback) {
        asked.add(name);
        Object value = given.get(name);
        if (value == null) {
            return fallback;
        }
        if (!type.isInstance(value)) {
            throw new IllegalArgumentException(name + " must be " + expected + ", but is " + value);
        }
        return type.cast(value);
    }

    /**
     * Refuses options that were given and not asked for.
     *
     * @throws IllegalArgumentException with the name of the first one
     */
    public void requireAllKnown() {
        for (String each : new TreeSet<>(given.keySet())) {
            if (!asked.contains(each)) {
                throw new IllegalArgumentException(each + " is no option of this aggregate; "
                        + (asked.isEmpty() ? "it has none" : "its options are " + String.join(", ", asked)));
            }
        }
    }
}
