package io.tidemark.check;

/** What a worker does if a job's output, state or dead letters can be lost with one broker. */
public enum WeakReplication {
    /** The plan warns, and the run continues. */
    WARN,
    /** The plan fails before anything is read. */
    REFUSE
}
