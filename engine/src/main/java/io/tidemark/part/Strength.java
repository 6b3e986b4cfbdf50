package io.tidemark.part;

/** How far an accumulator depends on the order of the records, and on how they were cut and merged. */
public enum Strength {
    /** Not at all: the same records always give the same bytes. */
    EXACT,
    /** By the rounding of doubles. */
    ROUNDING,
    /** Within bounds that the accumulator states. */
    BOUNDED
}
