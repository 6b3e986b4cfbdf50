package io.tidemark.cli;

/** Whether standard output is a terminal. */
final class Terminal {
    private Terminal() {}

    /**
     * Returns whether lines may be redrawn and coloured. The launcher finds out and sets the system property
     * {@code tidemark.terminal}, because Java versions differ in how they detect a terminal.
     */
    static boolean isInteractive() {
        return Boolean.getBoolean("tidemark.terminal");
    }
}
