package io.tidemark.step;

/**
 * Named points of the steps. In production they do nothing. Tests make a step crash, pause or race at exactly one of
 * them, so that each row of the crash table is a deterministic schedule.
 */
@FunctionalInterface
public interface Checkpoints {
    /** Does nothing at any point. */
    Checkpoints NONE = point -> {};

    /** A point at which a test can stop a step. */
    enum Point {
        /** The plan is made, unregistered partitions are known, nothing is written. */
        PLAN_BEFORE_REGISTRATION,
        /** What is stored is read after the fence, and nothing is sent. */
        PLAN_BEFORE_SENDS,
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
        /** The transaction is committed; the result is not returned. */
        PRODUCE_AFTER_COMMIT,
        /** Older attempts to commit are fenced, nothing is sent. */
        COMMIT_AFTER_FENCE,
        /** The offsets are sent, not committed. */
        COMMIT_AFTER_SENDS,
        /** The offsets are committed; the result is not returned. */
        COMMIT_AFTER_COMMIT
    }

    /** Called at each point, on the thread of the step. An exception that it throws ends the step at this point. */
    void reached(Point point);
}
