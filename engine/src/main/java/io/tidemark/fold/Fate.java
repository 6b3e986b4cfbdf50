package io.tidemark.fold;

/** What becomes of a record that can be counted. */
public enum Fate {
    /** It is added to the totals. */
    FOLDED,
    /** An earlier batch has closed its window, so it is not added. */
    LATE
}
