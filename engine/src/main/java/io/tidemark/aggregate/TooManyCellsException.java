package io.tidemark.aggregate;

import io.tidemark.part.LimitException;

/** A table would have more cells (different windows and groups) than it may hold. */
public final class TooManyCellsException extends LimitException {
    private static final long serialVersionUID = 1;

    /** @param limit how many the table may hold */
    public TooManyCellsException(int limit) {
        super("more than " + limit + " cells (different windows and groups) in one partition; raise limits.cells, or"
                + " take longer windows or fewer groups");
    }

    @Override
    public String failure() {
        return "TOO_MANY_CELLS";
    }
}
