package io.tidemark.step;

/**
 * Named points that the steps pass. Production does nothing there; tests make a step crash, pause or race at exactly one
 * of them, so that every row of the crash table is a directed schedule and not a matter of luck.
 */
@FunctionalInterface
public interface Checkpoints {
    /** Passes every point without a word. */
    Checkpoints NONE = point -> {};

    /** Where a step can be stopped. */
    enum Point {
        /** The plan is made, unregistered partitions are known, nothing is written. */
        PLAN_BEFORE_REGISTRATION,
        /** The registration is sent but not committed. */
        PLAN_IN_REGISTRATION,
        /** The registration is committed. */
        PLAN_AFTER_REGISTRATION,
        /** Records are folded, nothing is staged. */
        CONSUME_READ,
        /** The partial aggregates are staged. */
        CONSUME_STAGED,
        /** The delta is staged. */
        AGGREGATE_STAGED,
        /** Before the slice's producer exists. */
        PRODUCE_BEFORE_FENCE,
        /** Older attempts are fenced, the stored progress is not read yet. */
        PRODUCE_AFTER_FENCE,
        /** The stored progress is read and decided upon; nothing is sent. */
        PRODUCE_DECIDED,
        /** The first partition's rows are sent, others are not. */
        PRODUCE_IN_SENDS,
        /** Everything is sent and flushed, nothing is committed. */
        PRODUCE_AFTER_SENDS,
        /** The transaction is committed; nobody has been told. */
        PRODUCE_AFTER_COMMIT,
        /** The committing id is fenced, nothing is sent. */
        COMMIT_AFTER_FENCE,
        /** The offsets are sent, not committed. */
        COMMIT_AFTER_SENDS,
        /** The offsets are committed; nobody has been told. */
        COMMIT_AFTER_COMMIT
    }

    /** Called at each point, on the thread of the step; whatever it throws ends the step there. */
    void reached(Point point);
}
