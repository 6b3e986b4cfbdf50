package io.tidemark.stage;

/**
 * A staged file is missing or has another checksum than its reference. The work that produced it must be done again.
 */
public final class StagedLostException extends Exception {
    private static final long serialVersionUID = 1;

    /** Creates the exception; {@code message} names the file and the problem. */
    public StagedLostException(String message) {
        super(message);
    }
}
