package io.tidemark.fold;

/** What becomes of a record that is not a bad one. */
public enum Fate {
    /** It is added to the totals. */
    FOLDED,
    /** The job's condition is false, so it is not added. */
    FILTERED,
    /** An earlier batch has closed its window, so it is not added. */
    LATE
}
