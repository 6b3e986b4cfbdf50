package io.tidemark.state;

/** Stored totals that cannot be read: written by a newer version, for another job, or damaged. */
public final class UnreadableChunkException extends Exception {
    private static final long serialVersionUID = 1;

    UnreadableChunkException(String problem) {
        super(problem);
    }
}
