package io.tidemark.cli;

/** Whether a person looks at the output. */
final class Terminal {
    private Terminal() {}

    /**
     * Whether lines may be redrawn and coloured: the launcher looks, and says so in the system property
     * {@code tidemark.terminal}. Java cannot tell a terminal from a pipe in the same way in every version.
     */
    static boolean isInteractive() {
        return Boolean.getBoolean("tidemark.terminal");
    }
}
