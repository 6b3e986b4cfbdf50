package io.tidemark.run;

/** A failure that has a name. The message says what, where, which values disagreed and what to do; never a payload. */
public final class TidemarkException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final FailureKind kind;

    /** A failure without a cause worth keeping. */
    public TidemarkException(FailureKind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /** A failure that something else caused. */
    public TidemarkException(FailureKind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** What kind of failure, and so whether a retry can help. */
    public FailureKind kind() {
        return kind;
    }
}
