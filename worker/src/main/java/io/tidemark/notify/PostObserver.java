package io.tidemark.notify;

/** Is told what became of what was posted. */
public interface PostObserver {
    /** Observes nothing. */
    PostObserver NONE = outcome -> {};

    /** What can become of a post. */
    enum Outcome {
        /** The receiver accepted it. */
        DELIVERED,
        /** The receiver did not accept it. Another attempt follows. */
        RETRIED,
        /** It was given up. */
        DROPPED
    }

    /** Tells what became of a post. */
    void posted(Outcome outcome);
}
