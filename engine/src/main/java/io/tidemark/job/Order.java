package io.tidemark.job;

/** How two values are compared in a {@link Condition}. */
public enum Order {
    /** {@code ==}. */
    EQUAL("=="),
    /** {@code !=}. */
    UNEQUAL("!="),
    // Before their prefixes, so that a reader that tries one after the other takes the longest.
    /** {@code <=}. */
    AT_MOST("<="),
    /** {@code >=}. */
    AT_LEAST(">="),
    /** {@code <}. */
    LESS("<"),
    /** {@code >}. */
    GREATER(">");

    private final String symbol;

    Order(String symbol) {
        this.symbol = symbol;
    }

    /** The operator in the text of a condition. */
    public String symbol() {
        return symbol;
    }

    /** Whether it asks for equality only, which values without an order have too. */
    public boolean isEquality() {
        return this == EQUAL || this == UNEQUAL;
    }

    /** Whether it holds for values whose comparison is negative, zero or positive. */
    public boolean holds(int compared) {
        return switch (this) {
            case EQUAL -> compared == 0;
            case UNEQUAL -> compared != 0;
            case LESS -> compared < 0;
            case AT_MOST -> compared <= 0;
            case GREATER -> compared > 0;
            case AT_LEAST -> compared >= 0;
        };
    }

    /** The order that holds for (b, a) where this one holds for (a, b). */
    Order swapped() {
        return switch (this) {
            case EQUAL, UNEQUAL -> this;
            case LESS -> GREATER;
            case AT_MOST -> AT_LEAST;
            case GREATER -> LESS;
            case AT_LEAST -> AT_MOST;
        };
    }
}
