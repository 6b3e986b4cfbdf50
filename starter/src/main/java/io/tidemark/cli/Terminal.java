package io.tidemark.cli;

/** Whether standard output is a terminal, and how wide it is. */
final class Terminal {
    private static final int DEFAULT_COLUMNS = 80;

    private Terminal() {}

    /**
     * Returns whether lines may be redrawn and coloured. The launcher finds out and sets the system property
     * {@code tidemark.terminal}, because Java versions differ in how they detect a terminal.
     */
    static boolean isInteractive() {
        return Boolean.getBoolean("tidemark.terminal");
    }

    /** Returns the width at the start of the command, which the launcher sets as {@code tidemark.columns}; 80 if unknown. */
    static int columns() {
        return Integer.getInteger("tidemark.columns", DEFAULT_COLUMNS);
    }
}
