package io.tidemark.run;

/**
 * A failure with a {@link FailureKind}. Its message says what failed, where, which values were expected and found, and
 * what to do. It never contains record values.
 */
public final class TidemarkException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final FailureKind kind;

    /** Makes a failure without a cause. */
    public TidemarkException(FailureKind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /** Makes a failure with a cause. */
    public TidemarkException(FailureKind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** Returns the kind, which tells whether a retry can help. */
    public FailureKind kind() {
        return kind;
    }
}
