package io.tidemark.part;

/** A limit of the job is reached, so its partition fails. The message says which limit, and what to do. */
public abstract class LimitException extends Exception {
    private static final long serialVersionUID = 1;

    /** @param message which limit, and what to do */
    protected LimitException(String message) {
        super(message);
    }

    /** The name of the failure that a run reports, such as {@code TOO_MANY_CELLS}. */
    public abstract String failure();
}
