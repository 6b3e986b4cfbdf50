package io.tidemark.stage;

/** A staged file is not there, or is not the one that was announced; the work that it held has to be done again. */
public final class StagedLostException extends Exception {
    private static final long serialVersionUID = 1;

    /** Says which file, and what about it. */
    public StagedLostException(String message) {
        super(message);
    }
}
