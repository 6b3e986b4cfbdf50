package io.tidemark.state;

import org.jspecify.annotations.Nullable;

/** A progress record that cannot be read: written by a newer version, or damaged. */
public final class UnreadableProgressException extends Exception {
    private static final long serialVersionUID = 1;

    UnreadableProgressException(String problem, @Nullable Throwable cause) {
        super(problem, cause);
    }
}
