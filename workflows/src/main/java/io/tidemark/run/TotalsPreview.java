package io.tidemark.run;

/**
 * Partial totals that earlier runs have written for one output partition, and that no run has added to the totals yet. A run
 * adds them in its second stage, together with those that it writes itself.
 *
 * @param partition of the output
 * @param from the first offset in the topic of partial totals that the run would add
 * @param to the offset after the last one that can be read; {@code from} if there is none
 * @param heldBack offsets from {@code to} that are committed, but cannot be read yet, because they are behind an open
 *     transaction. A run fences it if it is one of this job's
 */
public record TotalsPreview(int partition, long from, long to, long heldBack) {
    /** Returns the number of offsets that the run would add. The number of records may be lower. */
    public long length() {
        return to - from;
    }
}
