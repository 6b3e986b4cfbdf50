package io.tidemark.aggregate;

/** More cells, that is different windows and groups, than a table may hold. */
public final class TooManyCellsException extends Exception {
    private static final long serialVersionUID = 1;

    /** @param limit how many the table may hold */
    public TooManyCellsException(int limit) {
        super("more than " + limit + " cells (different windows and groups) in one partition; raise limits.cells, or"
                + " take longer windows or fewer groups");
    }
}
