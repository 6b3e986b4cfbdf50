package io.tidemark.part;

/** A set would have more different values than it may hold. */
public final class TooManyValuesException extends LimitException {
    private static final long serialVersionUID = 1;

    /** @param limit how many values the set may hold */
    public TooManyValuesException(int limit) {
        super("more than " + limit + " different values in one cell; raise the limit of this distinct, or count them"
                + " with method: approximate");
    }

    @Override
    public String failure() {
        return "TOO_MANY_VALUES";
    }
}
