package io.tidemark.workflow;

/** Hears when the ledger has changed. */
interface SliceListener {
    /** After each partition, of which a slice may have a thousand: to be done in next to no time. */
    default void counted() {}

    /** After all partitions of a batch: the moment to sort, to format and to show. */
    void show();
}
