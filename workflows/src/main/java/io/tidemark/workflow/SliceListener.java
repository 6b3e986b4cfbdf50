package io.tidemark.workflow;

/** Is called when the ledger has changed. */
interface SliceListener {
    /** Called after each partition. A slice may have a thousand partitions, so this method must be fast. */
    default void counted() {}

    /** Called after each batch of partitions. May sort and format. */
    void show();
}
